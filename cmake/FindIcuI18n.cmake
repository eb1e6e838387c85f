# ICU's formatting of messages, numbers and dates, and what it stands on, by their files.
# Defines IcuI18n::icui18n.
find_path(IcuI18n_INCLUDE_DIR unicode/msgfmt.h)
find_library(IcuI18n_LIBRARY icui18n)
find_library(IcuI18n_COMMON_LIBRARY icuuc)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(IcuI18n REQUIRED_VARS IcuI18n_LIBRARY IcuI18n_COMMON_LIBRARY
                                                        IcuI18n_INCLUDE_DIR)
mark_as_advanced(IcuI18n_INCLUDE_DIR IcuI18n_LIBRARY IcuI18n_COMMON_LIBRARY)
if(IcuI18n_FOUND AND NOT TARGET IcuI18n::icui18n)
  add_library(IcuI18n::icui18n UNKNOWN IMPORTED)
  set_target_properties(IcuI18n::icui18n PROPERTIES
    IMPORTED_LOCATION "${IcuI18n_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${IcuI18n_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${IcuI18n_COMMON_LIBRARY}")
endif()
