# cmake --install, find_package(armature COMPONENTS …), pkg-config and the Debian package.
# Every component has an export set of its own, so that one whose dependencies are absent can be
# left out without breaking the others.
include(CMakePackageConfigHelpers)

# A header that no component installs would work here and be missing elsewhere.
file(GLOB_RECURSE all_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/*.hpp")
get_property(public_headers GLOBAL PROPERTY ARMATURE_PUBLIC_HEADERS)
get_property(absent_headers GLOBAL PROPERTY ARMATURE_ABSENT_HEADERS) # of areas that are left out
list(REMOVE_ITEM all_headers ${public_headers} ${absent_headers})
if(all_headers)
  list(JOIN all_headers "\n  " all_headers)
  message(FATAL_ERROR "No component owns these headers (HEADER_DIRS of armature_module):\n"
                      "  ${all_headers}")
endif()

get_property(components GLOBAL PROPERTY ARMATURE_COMPONENTS)
set(cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/armature")
set(component_facts "")
set(packages "")
set(libraries "")
foreach(name IN LISTS components)
  get_property(target GLOBAL PROPERTY ARMATURE_TARGET_OF_${name})
  install(TARGETS ${target} EXPORT armature-${name} FILE_SET HEADERS
          INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  # Not armature-<name>.cmake: find_package would take that of `config` for the package itself.
  install(EXPORT armature-${name} FILE armature-targets-${name}.cmake NAMESPACE armature::
          DESTINATION "${cmake_dir}")

  get_property(component_needs TARGET ${target} PROPERTY ARMATURE_NEEDS)
  get_property(component_packages TARGET ${target} PROPERTY ARMATURE_PACKAGES)
  string(APPEND component_facts "set(_armature_${name}_needs \"${component_needs}\")\n"
                                "set(_armature_${name}_packages \"${component_packages}\")\n")
  list(APPEND packages ${component_packages})
  get_property(type TARGET ${target} PROPERTY TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    list(PREPEND libraries -l${target}) # a static library comes before those it uses
  endif()
endforeach()

# What an installed Armature looks for again, in CMake's, pkg-config's and Debian's words.
list(REMOVE_DUPLICATES packages)
set(debian_depends libstdc++-dev)
set(pc_requires "")
set(pc_others "")
foreach(line IN LISTS ARMATURE_DEPENDENCIES)
  string(REPLACE "|" ";" fields "${line}")
  list(GET fields 0 package)
  list(GET fields 1 target)
  list(GET fields 3 debian)
  if(NOT package IN_LIST packages)
    continue()
  endif()
  string(APPEND component_facts "set(_armature_target_of_${package} ${target})\n"
                                "set(_armature_debian_name_of_${package} ${debian})\n")
  list(APPEND debian_depends ${debian})
  list(LENGTH fields field_count)
  if(package STREQUAL "Threads")
    string(APPEND pc_others " -pthread")
  elseif(field_count EQUAL 5)
    list(GET fields 4 pc_name)
    if(pc_name MATCHES "^-l") # it has no file for pkg-config
      string(APPEND pc_others " ${pc_name}")
    else()
      list(APPEND pc_requires ${pc_name})
    endif()
  else()
    list(APPEND pc_requires ${package})
  endif()
endforeach()
list(JOIN libraries " " pc_libraries)
list(JOIN pc_requires " " pc_requires)

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/armatureConfig.cmake.in"
  "${CMAKE_CURRENT_BINARY_DIR}/armatureConfig.cmake" INSTALL_DESTINATION "${cmake_dir}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/armatureConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/armatureConfig.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/armatureConfigVersion.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindArgon2.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindCrypt.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindBrotli.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindIcuI18n.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindMariaDB.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindNghttp2.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindNghttp3.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindNgtcp2.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindYaml.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindZstd.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/Findre2.cmake"
        DESTINATION "${cmake_dir}")

# The prefix is found from the file's own place, so that an install tree can be moved.
file(RELATIVE_PATH pc_prefix "/p/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/p")
configure_file("${CMAKE_CURRENT_LIST_DIR}/armature.pc.in"
               "${CMAKE_CURRENT_BINARY_DIR}/armature.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/armature.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" RENAME copyright
        DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/libarmature-dev")

if(PROJECT_IS_TOP_LEVEL)
  set(CPACK_GENERATOR DEB)
  set(CPACK_PACKAGE_NAME libarmature-dev)
  set(CPACK_PACKAGE_CONTACT "Armature contributors <armature@localhost>")
  set(CPACK_PACKAGE_VENDOR "Armature")
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
  list(JOIN debian_depends ", " CPACK_DEBIAN_PACKAGE_DEPENDS)
  include(CPack)
endif()
