# Warnings are for our own code only: never part of a target's interface.
function(armature_warnings target)
  if(ARMATURE_WARNINGS)
    target_compile_options(${target} PRIVATE
      -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # At -O3 g++ 12 sees overlaps and overruns in std::string's operator+ that aren't there (GCC
      # bugs 105329 and 105651), and dangling pointers where a list's head is on the stack for as
      # long as the list.
      target_compile_options(${target} PRIVATE -Wno-restrict -Wno-array-bounds
        -Wno-stringop-overflow -Wno-stringop-overread -Wno-dangling-pointer)
    endif()
  endif()
  if(ARMATURE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
