#pragma once

#include "seed/catalog.hpp"

#include <armature/seed/seeding.hpp>

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace armature::seed::detail {

/// The rows of one table, as a file has them: each an object of columns and values.
struct FixtureTable {
    std::string table;
    std::vector<nlohmann::json> rows;
};

/// Reads a fixture's text. `name` is what errors call it, and without folder and ending the table
/// of a list of rows. Throws `SeedError`, with the line where it can.
[[nodiscard]] std::vector<FixtureTable> parse_fixture(FixtureFormat format, std::string_view text,
                                                      const std::string& name,
                                                      const std::string& table);

/// By the ending of a file's name. Throws `SeedError`.
[[nodiscard]] FixtureFormat format_of(std::string_view path);

/// A YAML document as JSON; aliases are refused, and so is more than one document. Throws
/// `SeedError`.
[[nodiscard]] nlohmann::json parse_yaml(std::string_view text, const std::string& name);

/// The rows as they go into the table: one source for each set of columns.
[[nodiscard]] Task<std::vector<std::shared_ptr<RowSource>>>
sources_of(db::Session& session, Catalog& catalog, FixtureTable fixture,
           std::vector<std::string> key);

} // namespace armature::seed::detail
