# Warnings are for our own code only: never part of a target's interface.
function(armature_warnings target)
  if(ARMATURE_WARNINGS)
    # g++ 12 sees overlaps in std::string's operator+ that aren't there (GCC bug 105329), and
    # dangling pointers where a list's head is on the stack for as long as the list.
    target_compile_options(${target} PRIVATE
      -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers
      $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-dangling-pointer>)
  endif()
  if(ARMATURE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
