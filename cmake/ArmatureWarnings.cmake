# Warnings are for our own code only: never part of a target's interface.
function(armature_warnings target)
  if(ARMATURE_WARNINGS)
    target_compile_options(${target} PRIVATE
      -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers)
  endif()
  if(ARMATURE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
