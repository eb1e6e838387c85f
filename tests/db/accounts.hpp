#pragma once

#include "db/support.hpp"

namespace db_tests {

/// Two accounts with 100 each, which can't be overdrawn.
class OfAccounts : public OnEachDatabase {
  protected:
    void SetUp() override {
        OnEachDatabase::SetUp();
        if (!database) return;
        run("CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL "
            "CHECK (balance >= 0))");
        run("INSERT INTO accounts VALUES (1, 100), (2, 100)");
    }
    std::int64_t balance(int id) {
        return await(db().one<std::int64_t>("SELECT balance FROM accounts WHERE id = $1", id));
    }
    static Task<> add(db::Session& to, int id, int amount) {
        co_await to.execute("UPDATE accounts SET balance = balance + $2 WHERE id = $1", id, amount);
    }
};

} // namespace db_tests
