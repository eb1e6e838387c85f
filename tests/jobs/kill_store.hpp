#pragma once

#include <armature/jobs/jobs.hpp>
#include <armature/jobs/postgres.hpp>
#include <armature/jobs/redis.hpp>
#include <armature/jobs/sqlite.hpp>

#include <libpq-fe.h>
#include <sqlite3.h>

#include <memory>
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
    if (where.starts_with("postgres:"))
        return armature::postgres_jobs(std::string{where.substr(9)});
    if (where.starts_with("redis:")) return armature::redis_jobs(std::string{where.substr(6)});
    throw std::runtime_error("no such store");
}

/// Where jobs have their effect: a row each, which nothing but `exactly_once` keeps unique.
class Effects {
  public:
    virtual ~Effects() = default;
    virtual void mark_once(const armature::Uuid& job, int number) = 0;
    [[nodiscard]] int count() { return ask("SELECT count(*) FROM effects"); }
    [[nodiscard]] int distinct() { return ask("SELECT count(DISTINCT number) FROM effects"); }

  protected:
    static std::string insert(int number) {
        return "INSERT INTO effects VALUES (" + std::to_string(number) + ")";
    }

  private:
    virtual int ask(const char* sql) = 0;
};

class SqliteEffects final : public Effects {
  public:
    explicit SqliteEffects(const std::string& path) {
        if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) throw std::runtime_error(path);
        sqlite3_busy_timeout(db_, 60'000);
        run("PRAGMA journal_mode = WAL");
        run("PRAGMA synchronous = OFF"); // it's processes that are killed, not the machine
        run("CREATE TABLE IF NOT EXISTS effects (number INTEGER NOT NULL)");
    }
    SqliteEffects(const SqliteEffects&) = delete;
    SqliteEffects& operator=(const SqliteEffects&) = delete;
    ~SqliteEffects() override { sqlite3_close(db_); }

    void mark_once(const armature::Uuid& job, int number) override {
        armature::exactly_once(db_, job, [&] { run(insert(number)); });
    }

  private:
    int ask(const char* sql) override {
        int result = -1;
        const auto read = [](void* to, int, char** values, char**) {
            *static_cast<int*>(to) = std::stoi(values[0]);
            return 0;
        };
        if (sqlite3_exec(db_, sql, read, &result, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(db_));
        return result;
    }
    void run(const std::string& sql) {
        if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(db_));
    }

    sqlite3* db_ = nullptr;
};

class PostgresEffects final : public Effects {
  public:
    explicit PostgresEffects(const std::string& connection) : db_(PQconnectdb(connection.c_str())) {
        PQsetNoticeProcessor(db_, [](void*, const char*) {}, nullptr);
        armature::create_job_tables(db_);
    }
    PostgresEffects(const PostgresEffects&) = delete;
    PostgresEffects& operator=(const PostgresEffects&) = delete;
    ~PostgresEffects() override { PQfinish(db_); }

    void create() { ask("CREATE TABLE effects (number integer NOT NULL)"); }
    void mark_once(const armature::Uuid& job, int number) override {
        armature::exactly_once(db_, job, [&] { ask(insert(number).c_str()); });
    }

  private:
    int ask(const char* sql) override {
        PGresult* result = PQexec(db_, sql);
        const ExecStatusType status = PQresultStatus(result);
        const int value = PQntuples(result) > 0 ? std::stoi(PQgetvalue(result, 0, 0)) : -1;
        PQclear(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw std::runtime_error(PQerrorMessage(db_));
        return value;
    }

    PGconn* db_;
};

inline std::unique_ptr<Effects> open_effects(std::string_view where) {
    if (where.starts_with("postgres:"))
        return std::make_unique<PostgresEffects>(std::string{where.substr(9)});
    return std::make_unique<SqliteEffects>(std::string{where.substr(7)});
}

} // namespace job_tests
