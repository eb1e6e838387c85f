#pragma once

#include "db/lint.hpp"
#include "db/migration_store.hpp"

#include <armature/db/diff.hpp>
#include <armature/db/migrations.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::db {

class Migrations::Impl {
  public:
    explicit Impl(MigrationOptions given);

    [[nodiscard]] const std::vector<detail::Migration>& files();
    [[nodiscard]] detail::MigrationStore& store();
    [[nodiscard]] const detail::Migration& file_of(std::string_view version);

    [[nodiscard]] std::vector<MigrationStatus> status();
    std::size_t up(std::size_t limit);
    std::size_t down(std::size_t count);
    std::size_t to(std::string_view version);
    [[nodiscard]] std::string plan();
    [[nodiscard]] std::vector<std::string> verify();
    std::size_t baseline(std::string_view version);
    std::size_t adopt();
    std::size_t repair();
    /// Of the files behind a version; none is read from the database.
    [[nodiscard]] std::vector<detail::LintFinding> lint(std::string_view since);
    [[nodiscard]] SchemaDiff diff();

    MigrationOptions options;
    std::vector<std::pair<std::string, std::string>> added;
    detail::StatementHook hook;
    void (*print)(const std::string& text) = nullptr; ///< what is done; null: silently

  private:
    /// What `up` has to do, in order. Throws `MigrationError` with everything that speaks against.
    [[nodiscard]] std::vector<const detail::Migration*> pending();
    void write_schema();
    void say(std::string line);

    std::optional<std::vector<detail::Migration>> files_;
    std::optional<detail::MigrationStore> store_;
};

namespace detail {

/// The database itself. They give false if it was there already, or wasn't there, and throw
/// `MigrationError`.
bool create_database(const std::string& url);
bool drop_database(const std::string& url, bool force);
/// Until it answers.
void wait_for_database(const std::string& url, Duration longest);

} // namespace detail

} // namespace armature::db
