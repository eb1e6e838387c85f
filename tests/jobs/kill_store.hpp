#pragma once

#include <armature/jobs/jobs.hpp>
#include <armature/jobs/sqlite.hpp>

#include <sqlite3.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace job_tests {

struct Mark {
    static constexpr std::string_view kind = "mark";
    int number = 0;
};
ARMATURE_DESCRIBE(Mark, number);

inline std::unique_ptr<armature::JobStore> open_store(std::string_view where) {
    if (where.starts_with("sqlite:")) return armature::sqlite_jobs(std::string{where.substr(7)});
    throw std::runtime_error("no such store");
}

/// Where jobs have their effect: a row each, which nothing but `exactly_once` keeps unique.
class EffectDatabase {
  public:
    explicit EffectDatabase(const std::string& path) {
        if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) throw std::runtime_error(path);
        sqlite3_busy_timeout(db_, 60'000);
        run("PRAGMA journal_mode = WAL");
        run("PRAGMA synchronous = OFF"); // it's processes that are killed, not the machine
        run("CREATE TABLE IF NOT EXISTS effects (number INTEGER NOT NULL)");
    }
    EffectDatabase(const EffectDatabase&) = delete;
    EffectDatabase& operator=(const EffectDatabase&) = delete;
    ~EffectDatabase() { sqlite3_close(db_); }

    void mark_once(const armature::Uuid& job, int number) {
        armature::exactly_once(
            db_, job, [&] { run("INSERT INTO effects VALUES (" + std::to_string(number) + ")"); });
    }
    int ask(const std::string& sql) {
        int result = -1;
        const auto read = [](void* to, int, char** values, char**) {
            *static_cast<int*>(to) = std::stoi(values[0]);
            return 0;
        };
        if (sqlite3_exec(db_, sql.c_str(), read, &result, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(db_));
        return result;
    }
    void run(const std::string& sql) {
        if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(db_));
    }

  private:
    sqlite3* db_ = nullptr;
};

} // namespace job_tests
