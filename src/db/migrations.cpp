#include "db/migrations_impl.hpp"

#include <armature/db/migrations.hpp>
#include <armature/db/query.hpp>

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

namespace armature::db {

using detail::AppliedMigration;
using detail::is_before;
using detail::is_same_version;
using detail::Migration;
using detail::MigrationStore;

namespace {

// Faults of a database that no statement of a file is to blame for.
template <class Function>
auto translated(Function function) {
    try {
        return function();
    } catch (const DatabaseError& error) {
        throw MigrationError{error.what()};
    }
}

} // namespace

Migrations::Impl::Impl(MigrationOptions given) : options(std::move(given)) {
    if (options.url.empty())
        if (const char* const url = ::getenv("DATABASE_URL")) options.url = url;
    if (options.url.empty())
        throw std::invalid_argument("armature: migrations need the database's URL: "
                                    "MigrationOptions::url, or DATABASE_URL in the environment");
    (void)quoted_name(options.table, true);
    if (options.wait.count() <= 0 || options.lock_timeout.count() <= 0)
        throw std::invalid_argument(
            "armature: the times of MigrationOptions are greater than zero");
    const Database check{options.url};
}

const std::vector<Migration>& Migrations::Impl::files() {
    if (!files_) {
        std::vector<Migration> found;
        for (const auto& [name, text] : added)
            detail::add_migration(found, name, text);
        // Those that are compiled in need no folder.
        std::error_code ignored;
        if (added.empty() || std::filesystem::exists(options.folder, ignored))
            detail::read_folder(found, options.folder);
        detail::check_and_sort(found);
        files_ = std::move(found);
    }
    return *files_;
}

MigrationStore& Migrations::Impl::store() {
    if (!store_) {
        store_.emplace(options.url, options);
        store_->make_table();
    }
    return *store_;
}

std::vector<MigrationStatus> Migrations::Impl::status() {
    std::vector<AppliedMigration> history = store().history();
    std::sort(history.begin(), history.end(),
              [](const AppliedMigration& a, const AppliedMigration& b) {
                  return is_before(a.version, b.version);
              });
    std::vector<MigrationStatus> all;
    for (const Migration& file : files()) {
        MigrationStatus& status = all.emplace_back();
        status.version = file.version;
        status.name = file.name;
        status.state = MigrationState::pending;
        status.is_out_of_order = false;
        const auto known =
            std::find_if(history.begin(), history.end(), [&](const AppliedMigration& applied) {
                return is_same_version(applied.version, file.version);
            });
        if (known == history.end()) {
            status.is_out_of_order =
                !history.empty() && is_before(file.version, history.back().version);
            continue;
        }
        status.version = known->version;
        status.applied_at = known->applied_at;
        const std::size_t next = static_cast<std::size_t>(known->done) + 1;
        const detail::MigrationPart& part = known->is_reverting ? file.down : file.up;
        if (known->begun != 0 || known->done < known->total || known->is_reverting)
            status.position = detail::position_text(
                part, store().dialect(),
                known->begun != 0 ? static_cast<std::size_t>(known->begun) : next);
        status.state = known->begun != 0                                   ? MigrationState::broken
                       : known->done < known->total || known->is_reverting ? MigrationState::partial
                       : known->checksum == file.checksum()                ? MigrationState::applied
                                                            : MigrationState::changed;
    }
    for (const AppliedMigration& applied : history) {
        const bool has_file =
            std::any_of(files().begin(), files().end(), [&](const Migration& file) {
                return is_same_version(applied.version, file.version);
            });
        if (has_file) continue;
        MigrationStatus& status = all.emplace_back();
        status.version = applied.version;
        status.name = applied.name;
        status.state = MigrationState::missing;
        status.applied_at = applied.applied_at;
        status.is_out_of_order = false;
    }
    std::sort(all.begin(), all.end(), [](const MigrationStatus& a, const MigrationStatus& b) {
        return is_before(a.version, b.version);
    });
    return all;
}

const Migration& Migrations::Impl::file_of(std::string_view version) {
    for (const Migration& file : files())
        if (is_same_version(file.version, version)) return file;
    throw MigrationError{"there is no migration " + std::string{version} + " in " + options.folder};
}

std::vector<const Migration*> Migrations::Impl::pending() {
    std::string faults;
    std::vector<const Migration*> waiting;
    for (const MigrationStatus& item : status()) {
        if (item.state == MigrationState::changed)
            faults += file_of(item.version).up.file +
                      ": was edited after it was applied; restore it and write a new migration, or "
                      "accept it as it is by 'migrate repair'\n";
        if (item.state == MigrationState::broken)
            faults += item.position + ": its process died in the middle of it; run 'migrate "
                                      "repair', which finds out whether it was done\n";
        if (options.strict && item.state == MigrationState::missing)
            faults += item.version + '_' + item.name + ": was applied, but its file is gone\n";
        if (item.state != MigrationState::pending && item.state != MigrationState::partial)
            continue;
        const Migration& file = file_of(item.version);
        if (item.is_out_of_order && options.strict)
            faults +=
                file.up.file + ": is older than one that was applied; give it a new version\n";
        waiting.push_back(&file);
    }
    if (!faults.empty()) {
        faults.pop_back();
        throw MigrationError{faults};
    }
    return waiting;
}

std::size_t Migrations::Impl::up(std::size_t limit) {
    const std::vector<const Migration*> waiting = pending();
    std::size_t count = 0;
    for (const Migration* const migration : waiting) {
        if (count == limit) break;
        const std::int64_t began = steady_now();
        if (!store().apply(*migration, hook)) continue; // by another process
        ++count;
        say("applied " + migration->version + ' ' + migration->name + " (" +
            std::to_string(steady_now() - began) + " ms)");
    }
    if (count != 0) write_schema();
    return count;
}

std::size_t Migrations::Impl::down(std::size_t count) {
    std::vector<AppliedMigration> history = store().history();
    std::sort(history.begin(), history.end(),
              [](const AppliedMigration& a, const AppliedMigration& b) {
                  return is_before(b.version, a.version);
              });
    std::size_t done = 0;
    for (const AppliedMigration& applied : history) {
        if (done == count) break;
        Migration file = file_of(applied.version);
        if (!file.down.is_there)
            throw MigrationError{file.up.file + ": has nothing that reverts it: no '-- "
                                                "migrate:down', no .down.sql"};
        file.version = applied.version;
        if (!store().revert(file, hook)) continue;
        ++done;
        say("reverted " + file.version + ' ' + file.name);
    }
    if (done != 0) write_schema();
    return done;
}

std::size_t Migrations::Impl::to(std::string_view version) {
    const bool all_down = is_same_version(version, "0");
    if (!all_down) (void)file_of(version);
    std::size_t behind = 0;
    std::size_t before = 0;
    for (const MigrationStatus& item : status()) {
        const bool is_applied = item.state != MigrationState::pending;
        if (is_before(version, item.version)) {
            if (is_applied) ++behind;
        } else if (!is_applied || item.state == MigrationState::partial) {
            ++before;
        }
    }
    const std::size_t reverted = behind != 0 ? down(behind) : 0;
    return reverted + (before != 0 ? up(before) : 0);
}

std::string Migrations::Impl::plan() {
    std::string text;
    for (const Migration* const migration : pending()) {
        text += "-- " + migration->up.file;
        text += migration->up.in_transaction ? "\n" : ", without a transaction\n";
        for (const detail::ScriptStatement& statement :
             detail::split_script(migration->up.script(), store().dialect()))
            text += std::string{statement.text} + ";\n";
        text += '\n';
    }
    return text;
}

void Migrations::Impl::write_schema() {
    if (options.schema_file.empty()) return;
    std::ofstream file{options.schema_file, std::ios::binary | std::ios::trunc};
    file << store().schema();
    if (!file.flush()) throw MigrationError{options.schema_file + ": can't be written"};
}

void Migrations::Impl::say(std::string line) {
    if (print) print(line + '\n');
}

std::size_t Migrations::Impl::baseline(std::string_view version) {
    (void)file_of(version);
    std::size_t count = 0;
    for (const MigrationStatus& item : status()) {
        if (item.state != MigrationState::pending || is_before(version, item.version)) continue;
        store().note(file_of(item.version));
        ++count;
    }
    return count;
}

std::size_t Migrations::Impl::adopt() {
    const auto foreign =
        store().await(detail::read_foreign_history(store().database(), options.table));
    if (!foreign)
        throw MigrationError{"there is no table of another tool: schema_migrations, "
                             "_sqlx_migrations, flyway_schema_history, goose_db_version, "
                             "knex_migrations, SequelizeMeta, _prisma_migrations or "
                             "django_migrations"};
    if (foreign->is_up_to) {
        if (foreign->versions.empty())
            throw MigrationError{foreign->tool + "'s table has no version, or a dirty one: mend "
                                                 "that first"};
        return baseline(foreign->versions.front());
    }
    std::string faults;
    std::vector<std::string> versions;
    for (const std::string& name : foreign->versions) {
        const std::string version{detail::version_in(name)};
        const bool has_file =
            std::any_of(files().begin(), files().end(), [&](const Migration& file) {
                return !version.empty() && is_same_version(file.version, version);
            });
        if (has_file)
            versions.push_back(version);
        else
            faults += "there is no file for " + name + ", which " + foreign->tool + " applied\n";
    }
    if (!faults.empty()) {
        faults.pop_back();
        throw MigrationError{faults};
    }
    std::size_t count = 0;
    for (const MigrationStatus& item : status()) {
        const bool is_named =
            std::any_of(versions.begin(), versions.end(), [&](const std::string& version) {
                return is_same_version(version, item.version);
            });
        if (item.state != MigrationState::pending || !is_named) continue;
        store().note(file_of(item.version));
        ++count;
    }
    say("adopted from " + foreign->tool);
    return count;
}

std::size_t Migrations::Impl::repair() {
    std::size_t count = 0;
    for (const MigrationStatus& item : status()) {
        if (item.state == MigrationState::missing)
            store().forget(item.version);
        else if (item.state == MigrationState::broken) {
            const std::string found = store().mend(file_of(item.version));
            if (!found.empty()) say(found);
        } else if (item.state == MigrationState::partial && store().goes_on(file_of(item.version)))
            continue;
        else if (item.state == MigrationState::changed || item.state == MigrationState::partial)
            store().set_checksum(item.version, file_of(item.version).checksum());
        else
            continue;
        ++count;
        say("repaired " + item.version + ' ' + item.name);
    }
    return count;
}

std::vector<detail::LintFinding> Migrations::Impl::lint(std::string_view since) {
    const Dialect dialect = Database{options.url}.dialect();
    std::vector<detail::LintFinding> all;
    for (const Migration& file : files()) {
        if (!is_before(since, file.version)) continue;
        for (detail::LintFinding& finding : detail::lint(file, dialect))
            all.push_back(std::move(finding));
    }
    return all;
}

SchemaDiff Migrations::Impl::diff() {
    if (options.models.empty())
        throw MigrationError{"the program names no models: MigrationOptions::models"};
    for (const MigrationStatus& item : status())
        if (item.state == MigrationState::pending)
            throw MigrationError{"migrations are pending, which may bring what is missing: run "
                                 "'migrate up' first"};
    return store().await(db::diff(store().database(), options.models, {options.table}));
}

// --- what users call ----------------------------------------------------------------------------

Migrations::Migrations(MigrationOptions options) : impl_(new Impl{std::move(options)}) {}
Migrations::~Migrations() = default;

Migrations& Migrations::add(std::string file_name, std::string text) {
    impl_->added.emplace_back(std::move(file_name), std::move(text));
    return *this;
}

std::vector<MigrationStatus> Migrations::status() {
    return translated([&] { return impl_->status(); });
}
std::size_t Migrations::up(std::size_t limit) {
    return translated([&] { return impl_->up(limit); });
}
std::size_t Migrations::down(std::size_t count) {
    return translated([&] { return impl_->down(count); });
}
void Migrations::redo() {
    translated([&] {
        if (impl_->down(1) == 0) throw MigrationError{"nothing was applied that could be redone"};
        return impl_->up(1);
    });
}
std::size_t Migrations::to(std::string_view version) {
    return translated([&] { return impl_->to(version); });
}
std::string Migrations::plan() {
    return translated([&] { return impl_->plan(); });
}
std::vector<std::string> Migrations::verify() {
    return translated([&] { return impl_->verify(); });
}
std::string Migrations::schema() {
    return translated([&] { return impl_->store().schema(); });
}
std::size_t Migrations::baseline(std::string_view version) {
    return translated([&] { return impl_->baseline(version); });
}
std::size_t Migrations::adopt() {
    return translated([&] { return impl_->adopt(); });
}
std::size_t Migrations::repair() {
    return translated([&] { return impl_->repair(); });
}

void Migrations::on_statement(void (*function)(void*, std::string_view, std::size_t),
                              void* argument) noexcept {
    impl_->hook = {function, argument};
}

} // namespace armature::db
