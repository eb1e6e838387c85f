#pragma once

#include <map>
#include <string>
#include <string_view>

namespace armature::cli {

/// The words of a name, "order-item", "OrderItem" or "order_item", put together in each way that
/// code writes them.
struct Names {
    std::string snake;  ///< order_item
    std::string pascal; ///< OrderItem
    std::string kebab;  ///< order-item
    std::string upper;  ///< ORDER_ITEM
    std::string title;  ///< Order item
};

/// Throws terminal::UsageError for what can't be a name in C++: other characters, a keyword.
/// `what` is what the sentence calls it, "a project's name".
[[nodiscard]] Names names_of(std::string_view text, std::string_view what);
/// The same in the plural, by the rules of English: categories, boxes, people.
[[nodiscard]] Names plural_of(const Names& names);

/// What stands for {{…}} in a template.
using Values = std::map<std::string, std::string, std::less<>>;

/// Puts values in the places of `{{name}}`. One whose value has several lines, and that stands
/// alone in its line, gets each of them indented as it is; without a value the line is left out.
/// Whatever else has braces stays. Throws terminal::CommandError, naming `file`, for a name that
/// `values` doesn't have.
[[nodiscard]] std::string render(std::string_view text, const Values& values,
                                 std::string_view file);

} // namespace armature::cli
