# libyaml, the YAML parser, by its files: few builds of it install a CMake package.
# Defines Yaml::yaml.
find_path(Yaml_INCLUDE_DIR yaml.h)
find_library(Yaml_LIBRARY yaml)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Yaml REQUIRED_VARS Yaml_LIBRARY Yaml_INCLUDE_DIR)
mark_as_advanced(Yaml_INCLUDE_DIR Yaml_LIBRARY)
if(Yaml_FOUND AND NOT TARGET Yaml::yaml)
  add_library(Yaml::yaml UNKNOWN IMPORTED)
  set_target_properties(Yaml::yaml PROPERTIES
    IMPORTED_LOCATION "${Yaml_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Yaml_INCLUDE_DIR}")
endif()
