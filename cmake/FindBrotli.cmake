# brotli, both directions of it, by its files: it installs no CMake package. Defines Brotli::brotli.
find_path(Brotli_INCLUDE_DIR brotli/encode.h)
find_library(Brotli_ENCODER_LIBRARY brotlienc)
find_library(Brotli_DECODER_LIBRARY brotlidec)
find_library(Brotli_COMMON_LIBRARY brotlicommon)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Brotli REQUIRED_VARS
  Brotli_ENCODER_LIBRARY Brotli_DECODER_LIBRARY Brotli_COMMON_LIBRARY Brotli_INCLUDE_DIR)
mark_as_advanced(Brotli_INCLUDE_DIR Brotli_ENCODER_LIBRARY Brotli_DECODER_LIBRARY
                 Brotli_COMMON_LIBRARY)
if(Brotli_FOUND AND NOT TARGET Brotli::brotli)
  add_library(Brotli::brotli UNKNOWN IMPORTED)
  set_target_properties(Brotli::brotli PROPERTIES
    IMPORTED_LOCATION "${Brotli_ENCODER_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Brotli_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${Brotli_DECODER_LIBRARY};${Brotli_COMMON_LIBRARY}")
endif()
