#include "seed/fixture.hpp"
#include "seed/seeders_impl.hpp"
#include "seed/writer.hpp"

#include <armature/seed/seeding.hpp>

#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

namespace armature::seed {

// --- Seeding ------------------------------------------------------------------------------------

class Seeding::Impl {
  public:
    Impl(db::Transaction& within, SeedOptions given)
        : transaction(within), options(std::move(given)), writer(within, options) {
        plan.settings.seed = options.seed;
        plan.settings.locale = options.locale;
    }
    db::Transaction& transaction;
    SeedOptions options;
    detail::Plan plan;
    std::vector<std::shared_ptr<detail::Group>> written;
    detail::Writer writer;
};

Seeding::Seeding(db::Transaction& transaction) : Seeding(transaction, SeedOptions{}) {}
Seeding::Seeding(db::Transaction& transaction, SeedOptions options)
    : impl_(new Impl{transaction, std::move(options)}) {}
Seeding::~Seeding() = default;

detail::Plan& Seeding::plan() noexcept { return impl_->plan; }

void Seeding::add_rows(std::shared_ptr<detail::RowSource> source, std::vector<std::string> key) {
    source->upsert_by = std::move(key);
    impl_->plan.sources.push_back(std::move(source));
}

Task<> Seeding::flush() {
    detail::Sources sources = std::exchange(impl_->plan.sources, {});
    for (const auto& source : sources) // others may come to refer to them
        if (auto group = std::dynamic_pointer_cast<detail::Group>(source))
            impl_->written.push_back(std::move(group));
    return impl_->writer.write(std::move(sources));
}

Task<> Seeding::load(std::string path, FixtureOptions options) {
    const FixtureFormat format = detail::format_of(path);
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw SeedError{path + ": can't be read"};
    const std::string all = std::move(text).str();
    for (detail::FixtureTable& fixture :
         detail::parse_fixture(format, all, path, options.table())) {
        detail::Sources sources = co_await detail::sources_of(
            impl_->transaction, impl_->writer.catalog(), std::move(fixture), options.key());
        for (auto& source : sources)
            impl_->plan.sources.push_back(std::move(source));
    }
}

Task<> Seeding::load_text(FixtureFormat format, std::string text, FixtureOptions options) {
    for (detail::FixtureTable& fixture :
         detail::parse_fixture(format, text, "the fixture", options.table())) {
        detail::Sources sources = co_await detail::sources_of(
            impl_->transaction, impl_->writer.catalog(), std::move(fixture), options.key());
        for (auto& source : sources)
            impl_->plan.sources.push_back(std::move(source));
    }
}

std::uint64_t Seeding::count(std::uint64_t otherwise) const noexcept {
    return impl_->options.count.value_or(otherwise);
}
db::Transaction& Seeding::transaction() noexcept { return impl_->transaction; }
const std::vector<TableReport>& Seeding::report() const noexcept { return impl_->writer.report(); }
void Seeding::on_progress(void (*function)(void*, std::string_view, std::uint64_t, std::uint64_t),
                          void* argument) noexcept {
    impl_->writer.progress = function;
    impl_->writer.argument = argument;
}

// --- Seeders ------------------------------------------------------------------------------------

Task<> Seeders::Impl::seed(Seeding& seeding) const {
    for (const auto& seeder : seeders) {
        const bool is_wanted =
            options.only.empty() ||
            std::find(options.only.begin(), options.only.end(), seeder->name) != options.only.end();
        if (!is_wanted) continue;
        co_await seeder->run(seeding);
        co_await seeding.flush();
    }
}

std::string Seeders::Impl::url() const {
    if (!options.url.empty()) return options.url;
    if (const char* const url = ::getenv("DATABASE_URL"); url != nullptr && *url != '\0')
        return url;
    throw SeedError{"seeding needs the database's URL: SeedOptions::url, or DATABASE_URL in the "
                    "environment"};
}

void Seeders::Impl::check_names() const {
    for (const std::string& wanted : options.only) {
        const bool is_there = std::any_of(seeders.begin(), seeders.end(), [&](const auto& seeder) {
            return seeder->name == wanted;
        });
        if (is_there) continue;
        std::string names;
        for (const auto& seeder : seeders)
            names += (names.empty() ? "" : ", ") + seeder->name;
        throw SeedError{"there is no seeder " + wanted +
                        (names.empty() ? "" : "; there are " + names)};
    }
}

namespace {

// What the database would say at the end of the transaction.
Task<> check_constraints(db::Transaction& transaction) {
    if (transaction.dialect() == db::Dialect::postgres) {
        co_await transaction.execute("SET CONSTRAINTS ALL IMMEDIATE");
        co_return;
    }
    const db::Rows faults = co_await transaction.query(
        "SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 1");
    if (!faults.empty())
        throw SeedError{std::string{faults.text(0, 0).value_or("")} +
                        " has rows that refer to rows of " +
                        std::string{faults.text(0, 1).value_or("")} + " which don't exist"};
}

} // namespace

Task<std::vector<TableReport>> Seeders::Impl::write_all(db::Database& database) const {
    if (!options.force) {
        const bool is_local = co_await database.is_local();
        if (!is_local)
            throw SeedError{"this database is on another machine: nothing was done. If you mean "
                            "it, say --force, or SeedOptions::force"};
    }
    // Indexes are filled in no order: with 2 MiB, SQLite's default, pages come and go.
    if (database.dialect() == db::Dialect::sqlite)
        co_await database.execute("PRAGMA cache_size = -65536");
    db::Transaction transaction = co_await database.begin();
    Seeding seeding{transaction, options};
    if (progress != nullptr) seeding.on_progress(progress, argument);
    if (work)
        co_await work->run(seeding);
    else
        co_await seed(seeding);
    co_await seeding.flush();
    if (options.dry_run) {
        co_await check_constraints(transaction);
        co_await transaction.rollback();
    } else {
        co_await transaction.commit();
    }
    co_return seeding.report();
}

std::vector<TableReport> Seeders::Impl::run() const {
    check_names();
    db::DatabaseOptions settings;
    settings.url = url();
    settings.max_connections = 1;
    settings.statement_timeout = Duration{};
    LocalLoop loop;
    db::Database database{settings};
    try {
        return loop.run(write_all(database));
    } catch (const db::DatabaseError& error) {
        throw SeedError{error.what()};
    }
}

Seeders::Seeders(SeedOptions options) : impl_(new Impl{std::move(options)}) {}
Seeders::~Seeders() = default;

Seeders& Seeders::add(std::shared_ptr<const detail::Seeder> seeder) {
    for (const auto& known : impl_->seeders)
        if (known->name == seeder->name)
            throw std::invalid_argument("armature: there are two seeders called " + seeder->name);
    impl_->seeders.push_back(std::move(seeder));
    return *this;
}

std::vector<TableReport> Seeders::run() { return impl_->run(); }

} // namespace armature::seed
