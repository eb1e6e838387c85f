#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace armature::client_gen {

/// "getUser_by-id2" → get, User, by, id2: at anything but letters and digits, and before a capital
/// letter. Only ASCII letters and digits are kept.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

[[nodiscard]] std::string pascal_case(std::string_view text); ///< GetUserById2
[[nodiscard]] std::string camel_case(std::string_view text);  ///< getUserById2
[[nodiscard]] std::string snake_case(std::string_view text);  ///< get_user_by_id2

/// Gives out names, none twice: a second one gets a number. A name that begins with a digit gets an
/// underscore before it; one that is `reserved` one behind.
class Names {
  public:
    explicit Names(std::set<std::string> reserved = {}) : reserved_(std::move(reserved)) {}
    std::string take(std::string name);

  private:
    std::set<std::string> reserved_;
    std::set<std::string> taken_;
};

/// A text that stands in the source of TypeScript, Rust or C++ between double quotes.
[[nodiscard]] std::string quoted(std::string_view text);

/// The lines of a text, without white space at their ends, and without empty lines at both ends.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);

/// A text as one line of a comment that ends with its line: what a compiler may take for a line's
/// end is a space, text that runs backwards doesn't, and nothing white stands at its end.
[[nodiscard]] std::string comment_line(std::string text);

/// Lines behind `margin`.
[[nodiscard]] std::string with_margin(std::string_view text, std::string_view margin);

} // namespace armature::client_gen
