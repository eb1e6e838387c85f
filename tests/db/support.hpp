#pragma once

#include <armature/core/decimal.hpp>
#include <armature/core/uuid.hpp>
#include <armature/db/database.hpp>
#include <armature/db/query.hpp>
#include <armature/describe/chrono.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace db_tests {

using namespace armature;
using db::column;
using db::Database;
using db::DatabaseError;
using db::DatabaseOptions;
using db::Dialect;
using db::ErrorKind;
using db::Rows;
using db::Sql;
using db::Statement;
using db::Transaction;

/// A folder that goes with the scope.
class Folder {
  public:
    Folder() {
        std::string pattern = std::filesystem::temp_directory_path() / "armature-db-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + '/' + name; }

  private:
    std::string path_;
};

/// A task that runs beside others on one loop.
template <class T>
class Running {
  public:
    Running(LocalLoop& loop, Task<T> task, Cancellation* cancellation = nullptr)
        : loop_(loop), task_(std::move(task)) {
        const LocalLoop::Enter enter{loop};
        done_ =
            task_.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &done_, cancellation);
    }
    [[nodiscard]] bool is_done() const noexcept { return done_; }
    T result() {
        const LocalLoop::Enter enter{loop_};
        loop_.run_until(done_);
        return task_.take_result();
    }
    /// As the end of a connection does to a handler.
    void destroy() {
        const LocalLoop::Enter enter{loop_};
        task_ = {};
    }

  private:
    LocalLoop& loop_;
    Task<T> task_;
    bool done_ = false;
};

/// The error that a task ends with; fails the test if it doesn't.
template <class T>
std::optional<DatabaseError> error_of(LocalLoop& loop, Task<T> task) {
    try {
        (void)loop.run(std::move(task));
    } catch (const DatabaseError& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return std::nullopt;
}
inline ErrorKind kind_of(const std::optional<DatabaseError>& error) {
    return error ? error->kind() : ErrorKind::other;
}

/// Where a test's database is: a file of its own, or a database of a server.
struct Place {
    virtual ~Place() = default;
    [[nodiscard]] virtual std::string url() const = 0;
    [[nodiscard]] virtual Dialect dialect() const = 0;
};

struct SqlitePlace final : Place {
    [[nodiscard]] std::string url() const override { return "sqlite:" + folder.file("test.db"); }
    [[nodiscard]] Dialect dialect() const override { return Dialect::sqlite; }
    Folder folder;
};

/// Makes a place for a test; null: the software isn't there, and the test is skipped. Defined by
/// each test program, for the cases that all of them have.
std::unique_ptr<Place> make_place();

#define ARMATURE_ENDLESS                                                                           \
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT (i + 1) % 1000 FROM n) SELECT count(*) "   \
    "FROM n"

class OnEachDatabase : public ::testing::Test {
  protected:
    void SetUp() override {
        place = make_place();
        if (!place)
            GTEST_SKIP() << "its server isn't installed (Debian: postgresql, mariadb-server)";
        database.emplace(settings());
    }
    [[nodiscard]] DatabaseOptions settings() const {
        DatabaseOptions made;
        made.url = place->url();
        made.max_connections = 4;
        return made;
    }
    [[nodiscard]] bool is_sqlite() const { return place->dialect() == Dialect::sqlite; }
    [[nodiscard]] bool is_mariadb() const { return place->dialect() == Dialect::mariadb; }
    /// The text for the database at hand.
    [[nodiscard]] std::string in_its_words(std::string sqlite, std::string postgres,
                                           std::string mariadb) const {
        return is_sqlite() ? sqlite : is_mariadb() ? mariadb : postgres;
    }
    template <class T>
    T await(Task<T> task) {
        return loop.run(std::move(task));
    }
    std::uint64_t run(const std::string& sql) {
        return await(database->execute(Statement{Sql::trusted(sql), {}}));
    }
    Database& db() { return *database; }
    /// Until what a task asked for has begun: the server says so in its list of activities, and in
    /// SQLite it is the next thing on its thread.
    void await_running() {
        if (!is_sqlite()) await_activity("SELECT count(*) > 0");
    }
    void expect_nothing_runs() {
        if (!is_sqlite()) await_activity("SELECT count(*) = 0");
    }
    void await_activity(const std::string& what) {
        Database watcher{settings()};
        const std::string sql =
            what + (is_mariadb()
                        ? " FROM information_schema.processlist WHERE info LIKE 'WITH RECURSIVE%' "
                          "AND db = database()"
                        : " FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'WITH "
                          "RECURSIVE%' AND datname = current_database()");
        for (bool is_so = false; !is_so;)
            is_so = await(watcher.one<bool>(Statement{Sql::trusted(sql), {}}));
    }

    std::unique_ptr<Place> place;
    LocalLoop loop;
    std::optional<Database> database; // goes before its loop
};

} // namespace db_tests
