#pragma once

#include <armature/db/database.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace armature::db::detail {

/// One statement of a script, without the semicolon behind it and what is before it.
struct ScriptStatement {
    std::string_view text;
    std::size_t offset; ///< of its first byte in the script
};

/// Cuts a script at the semicolons between its statements: not those in quotes, comments, bodies of
/// functions (PostgreSQL: $$…$$ and BEGIN ATOMIC … END), of triggers (SQLite), and of what MariaDB
/// stores: procedures, functions, triggers and events, without its client's DELIMITER.
[[nodiscard]] std::vector<ScriptStatement> split_script(std::string_view script, Dialect dialect);

/// A to Z for a to z.
[[nodiscard]] std::string upper_case(std::string_view text);

struct TextPosition {
    std::size_t line = 1;
    std::size_t column = 1; ///< in characters of UTF-8
};
[[nodiscard]] TextPosition position_of(std::string_view text, std::size_t offset) noexcept;

} // namespace armature::db::detail
