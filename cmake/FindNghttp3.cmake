# nghttp3, the HTTP/3 library, by its files: few builds of it install a CMake package.
# Defines Nghttp3::nghttp3.
find_path(Nghttp3_INCLUDE_DIR nghttp3/nghttp3.h)
find_library(Nghttp3_LIBRARY nghttp3)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Nghttp3 REQUIRED_VARS Nghttp3_LIBRARY Nghttp3_INCLUDE_DIR)
mark_as_advanced(Nghttp3_INCLUDE_DIR Nghttp3_LIBRARY)
if(Nghttp3_FOUND AND NOT TARGET Nghttp3::nghttp3)
  add_library(Nghttp3::nghttp3 UNKNOWN IMPORTED)
  set_target_properties(Nghttp3::nghttp3 PROPERTIES
    IMPORTED_LOCATION "${Nghttp3_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Nghttp3_INCLUDE_DIR}")
endif()
