# armature_module(NAME area SOURCES … [DEPENDS targets…] [PRIVATE_DEPENDS targets…]
#                 [HEADER_DIRS folders…])
# One library per area: armature_<area>, known to users as armature::<area>, with the public headers
# below include/armature/<folder> (default: the area's name). A dependency is another area
# (armature::x) or a target named in ArmatureDependencies.cmake.
function(armature_module)
  cmake_parse_arguments(M "" "NAME" "SOURCES;DEPENDS;PRIVATE_DEPENDS;HEADER_DIRS" ${ARGN})
  if(M_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "armature_module(${M_NAME}): unknown ${M_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT M_HEADER_DIRS)
    set(M_HEADER_DIRS ${M_NAME})
  endif()
  set(target armature_${M_NAME})
  add_library(${target} ${M_SOURCES})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src")
  armature_warnings(${target})

  set(patterns "")
  foreach(folder IN LISTS M_HEADER_DIRS)
    list(APPEND patterns "${PROJECT_SOURCE_DIR}/include/armature/${folder}/*.hpp")
  endforeach()
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${patterns})
  _armature_publish(${target} ${M_NAME} PUBLIC "${headers}")
  _armature_depend(${target} PUBLIC ${M_DEPENDS})
  _armature_depend(${target} PRIVATE ${M_PRIVATE_DEPENDS})
endfunction()

# armature_umbrella(DEPENDS targets…): armature::armature, the headers directly in include/armature.
function(armature_umbrella)
  cmake_parse_arguments(U "" "" "DEPENDS" ${ARGN})
  add_library(armature INTERFACE)
  file(GLOB headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/armature/*.hpp")
  _armature_publish(armature armature INTERFACE "${headers}")
  _armature_depend(armature INTERFACE ${U_DEPENDS})
endfunction()

# Gives a target its public name, its headers and its place in the list of what is installed.
function(_armature_publish target name scope headers)
  add_library(armature::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_sources(${target} ${scope}
    FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${headers})
  # The folder is there even for an area whose headers are all private.
  target_include_directories(${target} ${scope}
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>")
  set_property(GLOBAL APPEND PROPERTY ARMATURE_COMPONENTS ${name})
  set_property(GLOBAL PROPERTY ARMATURE_TARGET_OF_${name} ${target})
  set_property(GLOBAL APPEND PROPERTY ARMATURE_PUBLIC_HEADERS ${headers})
endfunction()

# Links, and notes what an installed component needs: other components and packages.
function(_armature_depend target scope)
  foreach(dependency IN LISTS ARGN)
    if(dependency MATCHES "^armature::(.+)$")
      if(NOT TARGET ${dependency})
        message(FATAL_ERROR "${target} depends on ${dependency}, which has to come before it in "
                            "ARMATURE_AREAS")
      endif()
      target_link_libraries(${target} ${scope} ${dependency})
      set_property(TARGET ${target} APPEND PROPERTY ARMATURE_NEEDS ${CMAKE_MATCH_1})
      continue()
    endif()
    set(line ${ARMATURE_DEPENDENCIES})
    list(FILTER line INCLUDE REGEX "\\|${dependency}\\|")
    if(NOT line)
      message(FATAL_ERROR "${target} depends on ${dependency}: list it in "
                          "cmake/ArmatureDependencies.cmake, which finds it, or use what is there")
    endif()
    if(line MATCHES "^([^|]+)\\|.+\\|link\\|")
      target_link_libraries(${target} ${scope} ${dependency})
      set_property(TARGET ${target} APPEND PROPERTY ARMATURE_PACKAGES ${CMAKE_MATCH_1})
    else()
      target_link_libraries(${target} ${scope} "$<BUILD_INTERFACE:${dependency}>")
    endif()
  endforeach()
endfunction()
