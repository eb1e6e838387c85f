# armature_test(NAME name SOURCES … [DEPENDS targets…]): one GoogleTest binary, each case a ctest test.
function(armature_test)
  cmake_parse_arguments(T "" "NAME" "SOURCES;DEPENDS" ${ARGN})
  set(target test_${T_NAME})
  add_executable(${target} ${T_SOURCES})
  target_link_libraries(${target} PRIVATE ${T_DEPENDS} GTest::gmock GTest::gtest_main)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests"
                                               "${PROJECT_SOURCE_DIR}/src")
  target_precompile_headers(${target} REUSE_FROM armature_test_headers)
  armature_warnings(${target})
  gtest_discover_tests(${target} TEST_PREFIX "${T_NAME}." DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 120 ${ARMATURE_TEST_ENVIRONMENT})
endfunction()

# Options of the sanitizers' run time that their defaults leave off, as test properties.
set(ARMATURE_TEST_ENVIRONMENT "")
if(ARMATURE_SANITIZE MATCHES "address")
  set(ARMATURE_TEST_ENVIRONMENT ENVIRONMENT
      "ASAN_OPTIONS=detect_stack_use_after_return=1:check_initialization_order=1:strict_string_checks=1")
elseif(ARMATURE_SANITIZE MATCHES "thread")
  set(ARMATURE_TEST_ENVIRONMENT ENVIRONMENT "TSAN_OPTIONS=second_deadlock_stack=1")
endif()
