#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace armature::db::detail {

/// A statement as MariaDB takes it: `?` where a placeholder `$n` was.
struct MariadbSql {
    explicit MariadbSql(std::string_view sql);

    /// Where in the original what is at `position` of the text was; both from 1, 0: unknown.
    [[nodiscard]] std::size_t original_position(std::size_t position) const noexcept;

    std::string text;
    std::vector<std::size_t> values; ///< for each `?` which value, from 0
    std::string verb;                ///< the first word, in capitals
    bool is_upsert = false;          ///< INSERT … ON DUPLICATE KEY UPDATE

  private:
    std::vector<std::size_t> places_; ///< of each `?` in the text
    std::vector<std::size_t> widths_; ///< of each placeholder before
};

/// Where what is quoted or commented ends that begins at `at`, or `at` if nothing does, by
/// MariaDB's rules: "--" is a comment only before a space, comments aren't nested, '#' begins one,
/// and what stands in /*! … */ and /*M! … */ is run. With `backslash`, it escapes within texts.
[[nodiscard]] std::size_t after_quoted_in_mariadb(std::string_view sql, std::size_t at,
                                                  bool backslash) noexcept;

} // namespace armature::db::detail
