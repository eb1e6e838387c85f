#include "db/migrations_impl.hpp"

#include <armature/core/uuid.hpp>
#include <armature/db/query.hpp>

#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace armature::db {

using detail::Migration;
using detail::MigrationStore;

namespace {

/// A database that is there for the time of a check.
class ScratchDatabase {
  public:
    explicit ScratchDatabase(const std::string& of) {
        const std::string unique = "armature_verify_" + std::to_string(::getpid()) + '_' +
                                   Uuid::v4().to_string().substr(0, 8);
        if (of.starts_with("sqlite:")) {
            file_ = std::filesystem::temp_directory_path() / unique;
            url = "sqlite:" + file_;
            return;
        }
        admin_ = of;
        name_ = unique;
        run("CREATE DATABASE " + quoted_name(name_));
        url = detail::with_database(of, name_);
    }
    ScratchDatabase(const ScratchDatabase&) = delete;
    ScratchDatabase& operator=(const ScratchDatabase&) = delete;
    ~ScratchDatabase() {
        try {
            const bool is_postgres = admin_.starts_with("postgres");
            if (!name_.empty())
                run("DROP DATABASE " + quoted_name(name_) + (is_postgres ? " WITH (FORCE)" : ""));
        } catch (const std::exception&) { // NOLINT: it stays
        }
        std::error_code ignored;
        for (const char* const end : {"", "-wal", "-shm", "-migrate"})
            if (!file_.empty()) std::filesystem::remove(file_ + end, ignored);
    }
    std::string url;

  private:
    void run(const std::string& sql) const {
        LocalLoop loop;
        Database database{admin_};
        Statement statement{Sql::trusted(sql), {}};
        loop.run(database.execute(std::move(statement)));
    }
    std::string file_;
    std::string admin_;
    std::string name_;
};

// The first line in which two texts differ.
std::string difference(std::string_view wanted, std::string_view got) {
    std::size_t at = 0;
    while (at < std::min(wanted.size(), got.size()) && wanted[at] == got[at])
        ++at;
    const auto line = [&](std::string_view text) {
        if (at >= text.size()) return std::string{"nothing"};
        const std::size_t newline = text.substr(0, at).rfind('\n');
        const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
        return "'" + std::string{text.substr(begin, text.find('\n', at) - begin)} + "'";
    };
    return line(wanted) + " became " + line(got);
}

} // namespace

std::vector<std::string> Migrations::Impl::verify() {
    std::vector<std::string> faults;
    const ScratchDatabase scratch{options.url};
    MigrationStore place{scratch.url, options};
    place.make_table();
    for (const Migration& file : files()) {
        const std::string before = place.schema();
        place.apply(file, hook);
        const std::string after = place.schema();
        if (!file.down.is_there) {
            faults.push_back(file.up.file + ": has nothing that reverts it");
            continue;
        }
        place.revert(file, hook);
        const std::string reverted = place.schema();
        if (reverted != before)
            faults.push_back(file.down.file +
                             ": down doesn't lead back: " + difference(before, reverted));
        try {
            place.apply(file, hook);
        } catch (const MigrationError& error) {
            faults.push_back("up after down fails: " + std::string{error.what()});
            break;
        }
        const std::string again = place.schema();
        if (again != after && reverted == before)
            faults.push_back(file.up.file +
                             ": up after down leads elsewhere: " + difference(after, again));
    }
    return faults;
}

} // namespace armature::db
