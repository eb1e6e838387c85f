# Options. Defaults suit both a developer (top-level build) and a consumer (add_subdirectory).
option(ARMATURE_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(ARMATURE_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(ARMATURE_BUILD_CLI "Build the command `armature`" ${PROJECT_IS_TOP_LEVEL})
option(ARMATURE_BUILD_BENCH "Build the benchmarks" OFF)
option(ARMATURE_BUILD_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(ARMATURE_INSTALL "Make install, export and packaging rules" ${PROJECT_IS_TOP_LEVEL})
option(ARMATURE_WARNINGS "Compile Armature's own code with its warning set" ${PROJECT_IS_TOP_LEVEL})
option(ARMATURE_WERROR "Treat warnings as errors in Armature's own code" ${PROJECT_IS_TOP_LEVEL})
option(ARMATURE_COVERAGE "Count executed lines (gcov); the target `coverage` prints them" OFF)
set(ARMATURE_SANITIZE "" CACHE STRING
    "Sanitizers for everything built here: address,undefined or thread")

if(ARMATURE_BUILD_FUZZ AND NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "ARMATURE_BUILD_FUZZ needs clang: libFuzzer is part of it. "
                      "Use the preset `fuzz`, or set CMAKE_CXX_COMPILER to clang++.")
endif()

# What follows sets the tools for the whole build, which is ours to choose only at the top level.
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ${ARMATURE_BUILD_TESTS}) # see tests/headers

find_program(ARMATURE_CCACHE ccache)
if(ARMATURE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Build folders share objects, as the test package.subdir does; and without these liberties ccache
  # keeps nothing that was compiled with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    env CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    "${ARMATURE_CCACHE}")
endif()

include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=mold ARMATURE_HAS_MOLD)
check_linker_flag(CXX -fuse-ld=lld ARMATURE_HAS_LLD)
# Faster than the system's. Optimised programs are left to that one: bench/ measures their size.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
elseif(ARMATURE_HAS_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(ARMATURE_HAS_LLD)
  add_link_options(-fuse-ld=lld)
endif()

if(ARMATURE_SANITIZE)
  add_compile_options(-fsanitize=${ARMATURE_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  # Its run-time check opens a pipe, so it raises false alarms in tests that use up all descriptors.
  if(ARMATURE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=vptr)
  endif()
  # Lines for the reports; what only a debugger reads would take an eighth of the build's time.
  add_compile_options(-g1)
  add_link_options(-fsanitize=${ARMATURE_SANITIZE})
endif()
if(ARMATURE_BUILD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(ARMATURE_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
  find_program(ARMATURE_GCOVR gcovr)
  if(ARMATURE_GCOVR)
    add_custom_target(coverage
      COMMAND "${ARMATURE_GCOVR}" --root "${PROJECT_SOURCE_DIR}" --filter include/ --filter src/
              --exclude-throw-branches --sort-percentage --print-summary "${CMAKE_BINARY_DIR}"
      COMMENT "Line coverage of include/ and src/" USES_TERMINAL VERBATIM)
  else()
    message(STATUS "armature: no target `coverage`, gcovr is not installed (Debian: gcovr)")
  endif()
endif()
