#pragma once

#include "db/support.hpp"
#include "seed/shop.hpp"

#include <armature/db/migrations.hpp>
#include <armature/seed/seeding.hpp>

#include <fstream>
#include <sstream>

namespace db_tests {

using namespace shop;
using seed::FixtureFormat;
using seed::FixtureOptions;
using seed::SeedError;
using seed::Seeding;
using seed::SeedOptions;
using seed::TableReport;

/// A database with the tables of `shop`.
class SeedingOf : public OnEachDatabase {
  protected:
    void SetUp() override {
        OnEachDatabase::SetUp();
        if (!database) return;
        std::istringstream all{schema(is_sqlite())};
        std::vector<std::string> statements;
        for (std::string statement; std::getline(all, statement, ';');)
            statements.push_back(statement);
        std::swap(statements[0], statements[1]); // PostgreSQL wants the other table first
        for (const std::string& statement : statements)
            run(statement);
    }
    /// Seeds within one transaction, and commits.
    template <class Function>
    std::vector<TableReport> seeded(const SeedOptions& options, Function function) {
        const auto work = [&]() -> Task<std::vector<TableReport>> {
            Transaction transaction = co_await db().begin();
            Seeding seeding{transaction, options};
            co_await function(seeding);
            co_await seeding.flush();
            co_await transaction.commit();
            co_return seeding.report();
        };
        return await(work());
    }
    template <class Function>
    std::vector<TableReport> seeded(Function function) {
        return seeded(SeedOptions{}, std::move(function));
    }
    /// What seeding fails with.
    template <class Function>
    std::string failure_of(Function function) {
        try {
            seeded(std::move(function));
        } catch (const std::exception& error) {
            return error.what();
        }
        return "nothing was thrown";
    }
    std::int64_t number(const std::string& sql) {
        return await(db().one<std::int64_t>(Statement{Sql::trusted(sql), {}}));
    }
    std::string text(const std::string& sql) {
        return await(db().one<std::string>(Statement{Sql::trusted(sql), {}}));
    }
};

inline std::string to_text(const std::vector<TableReport>& report) {
    std::string text;
    for (const TableReport& table : report)
        text += table.table + ' ' + std::to_string(table.inserted) + ' ' +
                std::to_string(table.updated) + ' ' + std::to_string(table.same) +
                (table.emptied == 0 ? "" : " -" + std::to_string(table.emptied)) + '\n';
    return text;
}

} // namespace db_tests
