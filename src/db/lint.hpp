#pragma once

#include "db/migration_files.hpp"

#include <armature/db/database.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace armature::db::detail {

/// A rule of `migrate lint`: what it finds is dangerous for a database that is in use.
struct LintRule {
    std::string_view name; ///< as in "-- lint:ignore NAME"
    std::string_view why;  ///< what happens
    std::string_view instead;
};
[[nodiscard]] std::span<const LintRule> lint_rules() noexcept;

struct LintFinding {
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;
    const LintRule* rule = nullptr; ///< null: the comment names a rule that isn't there
    std::string text;               ///< of that comment
};

/// What a migration's `up` part does that is better done otherwise, decided from its statements
/// alone. A table that the migration itself makes is nobody's yet: what is done to it is safe.
[[nodiscard]] std::vector<LintFinding> lint(const Migration& migration, Dialect dialect);

} // namespace armature::db::detail
