// SQL scripts, what lint says of them, and what a database writes for times and bytes.
#include "db/lint.hpp"
#include "db/sql_splitter.hpp"

#include <armature/db/rows.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace armature::db;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void split(std::string_view script, Dialect dialect) {
    std::size_t end = 0;
    for (const detail::ScriptStatement& statement : detail::split_script(script, dialect)) {
        require(!statement.text.empty() && statement.offset >= end);
        require(script.substr(statement.offset, statement.text.size()) == statement.text);
        end = statement.offset + statement.text.size();
        require(end <= script.size());
        // What was cut out is one statement by itself.
        require(detail::split_script(statement.text, dialect).size() == 1);
        require(detail::position_of(script, statement.offset).line >= 1);
    }
}

void look_at(std::string_view script, Dialect dialect) {
    detail::Migration migration;
    migration.up.text = script;
    migration.up.size = script.size();
    for (const detail::LintFinding& finding : detail::lint(migration, dialect))
        require(finding.rule != nullptr || !finding.text.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    split(text, Dialect::postgres);
    split(text, Dialect::sqlite);
    look_at(text, Dialect::postgres);
    look_at(text, Dialect::sqlite);
    (void)detail::count_placeholders(text);
    char buffer[64];
    require(detail::as_date_time(text, buffer).size() <= text.size() + 4);
    detail::Cell cell;
    cell.text = text;
    Bytes bytes;
    (void)detail::parse_bytes(cell, bytes);
    return 0;
}
