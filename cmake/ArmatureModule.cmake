# armature_module(NAME area SOURCES … [DEPENDS targets…] [PRIVATE_DEPENDS targets…])
# One library per area: armature_<area>, known to users as armature::<area>.
function(armature_module)
  cmake_parse_arguments(M "" "NAME" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  set(target armature_${M_NAME})
  add_library(${target} ${M_SOURCES})
  add_library(armature::${M_NAME} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${M_NAME} POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(${target} PUBLIC ${M_DEPENDS} PRIVATE ${M_PRIVATE_DEPENDS})
  armature_warnings(${target})
endfunction()

# Warnings are for our own code only: never part of a target's interface.
function(armature_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers
    $<$<BOOL:${ARMATURE_WERROR}>:-Werror>)
endfunction()

# armature_test(NAME name SOURCES … [DEPENDS targets…]): one GoogleTest binary, each case a ctest test.
function(armature_test)
  cmake_parse_arguments(T "" "NAME" "SOURCES;DEPENDS" ${ARGN})
  set(target test_${T_NAME})
  add_executable(${target} ${T_SOURCES})
  target_link_libraries(${target} PRIVATE ${T_DEPENDS} GTest::gmock GTest::gtest_main)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests" "${PROJECT_SOURCE_DIR}/src")
  armature_warnings(${target})
  gtest_discover_tests(${target} TEST_PREFIX "${T_NAME}." DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()
