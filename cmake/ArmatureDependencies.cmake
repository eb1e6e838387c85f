# The libraries of others that Armature's own libraries stand on, one line each:
#   CMake package | target | where needed | Debian package | name for pkg-config if that differs, or
#   the linker's option for a library that pkg-config doesn't know
# link   part of every program that links us: an installed Armature looks for it again.
# build  seen only by our .cpp files: users of an installed Armature don't need it.
set(ARMATURE_DEPENDENCIES
  "Threads|Threads::Threads|link|libc6-dev"
  "Brotli|Brotli::brotli|link|libbrotli-dev|libbrotlienc libbrotlidec"
  "CURL|CURL::libcurl|link|libcurl4-openssl-dev|libcurl"
  "fmt|fmt::fmt|link|libfmt-dev"
  "Nghttp2|Nghttp2::nghttp2|link|libnghttp2-dev|libnghttp2"
  "nlohmann_json|nlohmann_json::nlohmann_json|build|nlohmann-json3-dev"
  "OpenSSL|OpenSSL::SSL|link|libssl-dev|openssl"
  "re2|re2::re2|link|libre2-dev"
  "spdlog|spdlog::spdlog|link|libspdlog-dev"
  "tomlplusplus|tomlplusplus::tomlplusplus|link|libtomlplusplus-dev"
  "ZLIB|ZLIB::ZLIB|link|zlib1g-dev|zlib"
  "Zstd|Zstd::zstd|link|libzstd-dev|libzstd")

set(missing "")
foreach(line IN LISTS ARMATURE_DEPENDENCIES)
  string(REPLACE "|" ";" fields "${line}")
  list(GET fields 0 package)
  list(GET fields 1 target)
  list(GET fields 3 debian)
  find_package(${package} QUIET)
  if(NOT TARGET ${target})
    list(APPEND missing ${debian})
  endif()
endforeach()
if(missing)
  list(JOIN missing " " missing)
  message(FATAL_ERROR "Armature needs libraries that are not installed. On Debian:\n"
                      "  apt-get install ${missing}")
endif()

# The same for areas that are left out when something of it is missing.
set(ARMATURE_OPTIONAL_DEPENDENCIES
  "Argon2|Argon2::argon2|link|libargon2-dev|libargon2"
  "Crypt|Crypt::crypt|link|libcrypt-dev|libcrypt"
  "GnuTLS|GnuTLS::GnuTLS|link|libgnutls28-dev|gnutls"
  "IcuI18n|IcuI18n::icui18n|link|libicu-dev|icu-i18n"
  "MariaDB|MariaDB::MariaDB|link|libmariadb-dev|libmariadb"
  "Nghttp3|Nghttp3::nghttp3|link|libnghttp3-dev|libnghttp3"
  "Ngtcp2|Ngtcp2::gnutls|link|libngtcp2-crypto-gnutls-dev|libngtcp2_crypto_gnutls libngtcp2"
  "date|date::date-tz|link|libhowardhinnant-date-dev|-ldate-tz"
  "PostgreSQL|PostgreSQL::PostgreSQL|link|libpq-dev|libpq"
  "SQLite3|SQLite::SQLite3|link|libsqlite3-dev|sqlite3"
  "Yaml|Yaml::yaml|link|libyaml-dev|yaml-0.1")
foreach(line IN LISTS ARMATURE_OPTIONAL_DEPENDENCIES)
  string(REPLACE "|" ";" fields "${line}")
  list(GET fields 0 package)
  list(GET fields 1 target)
  find_package(${package} QUIET)
  if(TARGET ${target})
    list(APPEND ARMATURE_DEPENDENCIES "${line}")
  endif()
endforeach()

# An area that isn't built: a status line says why, and its headers belong to nobody.
function(armature_leave_out area reason)
  message(STATUS "armature: no ${area}; ${reason}")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS
       "${PROJECT_SOURCE_DIR}/include/armature/${area}/*.hpp")
  set_property(GLOBAL APPEND PROPERTY ARMATURE_ABSENT_HEADERS ${headers})
endfunction()

# armature_has(area variable targets…): whether all targets were found; if not, a status line says
# what the area needs.
function(armature_has area variable)
  set(missing "")
  foreach(line IN LISTS ARMATURE_OPTIONAL_DEPENDENCIES)
    string(REPLACE "|" ";" fields "${line}")
    list(GET fields 1 target)
    list(GET fields 3 debian)
    if(target IN_LIST ARGN AND NOT TARGET ${target})
      list(APPEND missing ${debian})
    endif()
  endforeach()
  if(missing)
    list(JOIN missing " " missing)
    armature_leave_out("${area}" "on Debian: apt-get install ${missing}")
    set(${variable} FALSE PARENT_SCOPE)
  else()
    set(${variable} TRUE PARENT_SCOPE)
  endif()
endfunction()
