# The libraries of others that Armature's own libraries stand on, one line each:
#   CMake package | target | where needed | Debian package | name for pkg-config if that differs
# link   part of every program that links us: an installed Armature looks for it again.
# build  seen only by our .cpp files: users of an installed Armature don't need it.
set(ARMATURE_DEPENDENCIES
  "Threads|Threads::Threads|link|libc6-dev"
  "fmt|fmt::fmt|link|libfmt-dev"
  "Nghttp2|Nghttp2::nghttp2|link|libnghttp2-dev|libnghttp2"
  "nlohmann_json|nlohmann_json::nlohmann_json|build|nlohmann-json3-dev"
  "OpenSSL|OpenSSL::SSL|link|libssl-dev|openssl"
  "re2|re2::re2|link|libre2-dev"
  "spdlog|spdlog::spdlog|link|libspdlog-dev"
  "tomlplusplus|tomlplusplus::tomlplusplus|link|libtomlplusplus-dev"
  "ZLIB|ZLIB::ZLIB|link|zlib1g-dev|zlib")

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
