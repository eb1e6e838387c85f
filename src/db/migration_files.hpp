#pragma once

#include "db/sql_splitter.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace armature::db::detail {

/// One direction of a migration: a part of a file.
struct MigrationPart {
    std::string file;       ///< for errors
    std::string text;       ///< of the whole file
    std::size_t offset = 0; ///< of the part
    std::size_t size = 0;
    bool is_there = false;
    bool in_transaction = true;

    [[nodiscard]] std::string_view script() const {
        return std::string_view{text}.substr(offset, size);
    }
};

struct Migration {
    std::string version;
    std::string name;
    MigrationPart up;
    MigrationPart down;

    /// SHA-256 of what `up` does, in hexadecimal: the same for all line endings.
    [[nodiscard]] std::string checksum() const;
};

/// SHA-256 in hexadecimal.
[[nodiscard]] std::string checksum_of(std::string_view text);

/// Whether a version is before another: as numbers, of any length.
[[nodiscard]] bool is_before(std::string_view a, std::string_view b) noexcept;
[[nodiscard]] bool is_same_version(std::string_view a, std::string_view b) noexcept;
/// The digits that a text begins with.
[[nodiscard]] std::string_view version_in(std::string_view text) noexcept;

/// Adds a file to those before. Throws `MigrationError`.
void add_migration(std::vector<Migration>& migrations, const std::string& path, std::string text);
/// All *.sql files of a folder. Throws `MigrationError`.
void read_folder(std::vector<Migration>& migrations, const std::string& folder);
/// In order. Throws `MigrationError` for a version that is there twice, or a down without an up.
void check_and_sort(std::vector<Migration>& migrations);

} // namespace armature::db::detail
