#pragma once

#include <string_view>

/// Files that clients consist of as they are; see the folders of the languages.
namespace armature::client_gen::runtime {

extern const std::string_view typescript_client;
extern const std::string_view typescript_readme;
extern const std::string_view rust_client;
extern const std::string_view rust_readme;
extern const std::string_view cpp_client;
extern const std::string_view cpp_client_source;
extern const std::string_view cpp_readme;

} // namespace armature::client_gen::runtime
