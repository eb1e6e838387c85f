# ngtcp2, the QUIC library, with its GnuTLS back end, by their files: few builds of it install a CMake
# package. Defines Ngtcp2::gnutls.
find_path(Ngtcp2_INCLUDE_DIR ngtcp2/ngtcp2_crypto_gnutls.h)
find_library(Ngtcp2_LIBRARY ngtcp2)
find_library(Ngtcp2_gnutls_LIBRARY ngtcp2_crypto_gnutls)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Ngtcp2
  REQUIRED_VARS Ngtcp2_LIBRARY Ngtcp2_gnutls_LIBRARY Ngtcp2_INCLUDE_DIR)
mark_as_advanced(Ngtcp2_INCLUDE_DIR Ngtcp2_LIBRARY Ngtcp2_gnutls_LIBRARY)
if(Ngtcp2_FOUND AND NOT TARGET Ngtcp2::gnutls)
  add_library(Ngtcp2::gnutls UNKNOWN IMPORTED)
  set_target_properties(Ngtcp2::gnutls PROPERTIES
    IMPORTED_LOCATION "${Ngtcp2_gnutls_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Ngtcp2_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${Ngtcp2_LIBRARY}")
endif()
