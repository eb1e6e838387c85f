#include "db/accounts.hpp"
#include "support/sanitizers.hpp"

#include <atomic>
#include <fstream>
#include <thread>

namespace db_tests {
namespace {

/// Kilobytes of memory that this process has in use.
long resident_kilobytes() {
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
    return 0;
}

class Sessions : public OfAccounts {};

// --- errors -------------------------------------------------------------------------------------

TEST_F(Sessions, SayWhichConstraintWasViolated) {
    run("CREATE TABLE parents (id INTEGER PRIMARY KEY, email VARCHAR(100) NOT NULL UNIQUE)");
    run("CREATE TABLE children (parent INTEGER NOT NULL REFERENCES parents (id))");
    run("INSERT INTO parents VALUES (1, 'a@example.com')");

    const auto unique =
        error_of(loop, db().execute("INSERT INTO parents VALUES (2, $1)", "a@example.com"));
    EXPECT_EQ(kind_of(unique), ErrorKind::unique_violation);
    EXPECT_EQ(unique->sqlstate(), "23505");
    EXPECT_EQ(unique->table(), is_mariadb() ? "" : "parents");
    EXPECT_EQ(unique->status(), Status::conflict);
    EXPECT_EQ(unique->to_json(false).find("a@example.com"), std::string::npos);
    EXPECT_EQ(is_sqlite() ? unique->column() : unique->constraint(),
              in_its_words("email", "parents_email_key", "email"));

    const auto foreign = error_of(loop, db().execute("INSERT INTO children VALUES (99)"));
    EXPECT_EQ(kind_of(foreign), ErrorKind::foreign_key_violation);
    EXPECT_EQ(foreign->sqlstate(), "23503");
    EXPECT_EQ(foreign->status(), Status::conflict);

    const auto missing = error_of(loop, db().execute("INSERT INTO children VALUES (NULL)"));
    EXPECT_EQ(kind_of(missing), ErrorKind::not_null_violation);
    EXPECT_EQ(missing->sqlstate(), "23502");
    EXPECT_EQ(missing->column(), "parent");
    EXPECT_EQ(missing->status(), Status::internal_server_error);

    const auto check = error_of(loop, add(db(), 1, -500));
    EXPECT_EQ(kind_of(check), ErrorKind::check_violation);
    EXPECT_EQ(check->sqlstate(), "23514");
    EXPECT_EQ(check->status(), Status::unprocessable_content);

    const auto table = error_of(loop, db().query("SELECT * FROM nowhere"));
    EXPECT_EQ(kind_of(table), ErrorKind::syntax);
    EXPECT_EQ(table->sqlstate(), "42P01");
    EXPECT_EQ(table->to_json(false).find("nowhere"), std::string::npos);
    const auto typo = error_of(loop, db().query("SELECT 'ü', 1 FRMO x y"));
    EXPECT_EQ(kind_of(typo), ErrorKind::syntax);
    EXPECT_EQ(typo->sqlstate(), "42601");
    EXPECT_EQ(typo->position(), 21U) << "in bytes";
    EXPECT_EQ(balance(1), 100) << "the connections are as good as before";
}

// --- transactions -------------------------------------------------------------------------------

TEST_F(Sessions, CommitOrChangeNothing) {
    const auto move = [&](int amount) -> Task<> {
        const auto both = [&](Transaction& transaction) -> Task<> {
            co_await add(transaction, 1, -amount);
            co_await add(transaction, 2, amount);
        };
        co_await db().transaction(both);
    };
    await(move(30));
    EXPECT_EQ(balance(1), 70);
    EXPECT_EQ(balance(2), 130);
    EXPECT_EQ(kind_of(error_of(loop, move(100))), ErrorKind::check_violation);
    EXPECT_EQ(balance(1), 70);
    EXPECT_EQ(balance(2), 130);
}

TEST_F(Sessions, AreRolledBackAtTheEndOfTheScope) {
    const auto forget = [&]() -> Task<> {
        Transaction transaction = co_await db().begin();
        co_await add(transaction, 1, 1);
    };
    await(forget());
    EXPECT_EQ(balance(1), 100);
    const auto thrower = [&](Transaction& transaction) -> Task<int> {
        co_await add(transaction, 1, 1);
        throw std::runtime_error("changed our mind");
    };
    EXPECT_THROW((void)await(db().transaction(thrower)), std::runtime_error);
    EXPECT_EQ(balance(1), 100);
    const auto explicitly = [&]() -> Task<> {
        Transaction transaction = co_await db().begin();
        co_await add(transaction, 1, 1);
        co_await transaction.rollback();
    };
    await(explicitly());
    EXPECT_EQ(balance(1), 100);
    EXPECT_EQ(db().open_connections(), 1U) << "it is used again and again";
}

TEST_F(Sessions, NestBySavepoints) {
    const auto nested = [&](Transaction& outer) -> Task<std::int64_t> {
        co_await add(outer, 1, 1);
        const auto fails = [](Transaction& inner) -> Task<> {
            co_await add(inner, 1, 10);
            co_await add(inner, 1, -1000);
        };
        bool failed = false;
        try {
            co_await outer.transaction(fails);
        } catch (const DatabaseError&) {
            failed = true;
        }
        EXPECT_TRUE(failed);
        const auto works = [](Transaction& inner) -> Task<> { co_await add(inner, 1, 100); };
        co_await outer.transaction(works);
        const auto given_up = [&]() -> Task<> {
            Transaction inner = co_await outer.begin();
            co_await add(inner, 1, 1000);
        };
        co_await given_up();
        co_return co_await outer.one<std::int64_t>("SELECT balance FROM accounts WHERE id = 1");
    };
    EXPECT_EQ(await(db().transaction(nested)), 201);
    EXPECT_EQ(balance(1), 201);
}

TEST_F(Sessions, CantBeCommittedAfterTheyEnded) {
    const auto twice = [&]() -> Task<> {
        Transaction transaction = co_await db().begin();
        co_await transaction.commit();
        co_await transaction.commit();
    };
    EXPECT_THROW(await(twice()), std::logic_error);
}

TEST_F(Sessions, AreReadOnlyOnDemand) {
    db::TransactionOptions options;
    options.read_only = true;
    const auto write = [](Transaction& transaction) -> Task<> { co_await add(transaction, 1, 1); };
    for (int turn = 0; turn < 3; ++turn) {
        EXPECT_EQ(error_of(loop, db().transaction(write, options))->sqlstate(), "25006");
        await(db().transaction(write)); // the next one of the same connection may
    }
}

TEST_F(Sessions, RunTogetherInABatch) {
    std::vector<Statement> statements;
    for (int i = 3; i <= 50; ++i)
        statements.push_back(Statement::of("INSERT INTO accounts VALUES ($1, $2)", i, i * 10));
    statements.push_back(Statement::of("SELECT sum(balance) FROM accounts WHERE id > $1", 2));
    const std::vector<Rows> all = await(db().batch(statements));
    ASSERT_EQ(all.size(), 49U);
    EXPECT_EQ(all[0].changed(), 1U);
    EXPECT_EQ(all[48].get<std::int64_t>(0, 0), 12'720);

    std::vector<Statement> wrong;
    wrong.push_back(Statement::of("INSERT INTO accounts VALUES ($1, $2)", 51, 0));
    wrong.push_back(Statement::of("INSERT INTO accounts VALUES ($1, $2)", 51, 0));
    wrong.push_back(Statement::of("INSERT INTO accounts VALUES ($1, $2)", 52, 0));
    EXPECT_EQ(kind_of(error_of(loop, db().batch(wrong))), ErrorKind::unique_violation);
    EXPECT_EQ(await(db().one<std::int64_t>("SELECT count(*) FROM accounts")), 50)
        << "all or none of them";
    EXPECT_TRUE(await(db().batch({})).empty());
}

// Both read, then both write what they read: one has to begin anew.
TEST_F(Sessions, BeginAnewAfterAConflict) {
    db::TransactionOptions options;
    options.isolation = db::Isolation::serializable;
    options.attempts = 50;
    std::atomic<int> runs = 0;
    const auto increment = [&](Database& shared) {
        LocalLoop mine;
        for (int i = 0; i < 10; ++i) {
            const auto once = [&](Transaction& transaction) -> Task<> {
                ++runs;
                const auto before = co_await transaction.one<std::int64_t>(
                    "SELECT balance FROM accounts WHERE id = 1");
                co_await transaction.execute("UPDATE accounts SET balance = $1 WHERE id = 1",
                                             before + 1);
            };
            mine.run(shared.transaction(once, options));
        }
    };
    Database other{settings()};
    std::thread first{[&] { increment(db()); }};
    std::thread second{[&] { increment(other); }};
    std::thread third{[&] { increment(other); }};
    first.join();
    second.join();
    third.join();
    EXPECT_EQ(balance(1), 130);
    EXPECT_GE(runs, 30);
}

// --- streams ------------------------------------------------------------------------------------

TEST_F(Sessions, StreamAMillionRowsInConstantMemory) {
    const long before = resident_kilobytes();
    const auto count = [&]() -> Task<std::int64_t> {
        const char* const recursive =
            "WITH RECURSIVE n (i, t) AS (SELECT 1, CAST('some text of the row' AS TEXT) UNION ALL "
            "SELECT i + 1, t FROM n WHERE i < $1) SELECT i, t FROM n";
        const char* const sequence =
            "SELECT seq, 'some text of the row' FROM seq_1_to_1000000 WHERE seq <= $1";
        Statement statement{Sql::trusted(is_mariadb() ? sequence : recursive), {1'000'000}};
        db::RowStream stream = co_await db().stream(std::move(statement));
        std::int64_t sum = 0;
        while (std::optional<Rows> rows = co_await stream.next()) {
            EXPECT_LE(rows->size(), 256U);
            for (std::size_t row = 0; row < rows->size(); ++row)
                sum += rows->get<std::int64_t>(row, 0);
        }
        co_return sum;
    };
    EXPECT_EQ(await(count()), 500'000'500'000);
    if (!armature::has_address_sanitizer && !armature::has_thread_sanitizer) {
        EXPECT_LT(resident_kilobytes() - before, 16 * 1024) << "all of them are 40 MiB";
    }
}

TEST_F(Sessions, StreamsMayEndEarly) {
    const auto a_few = [&](db::Session& session) -> Task<std::size_t> {
        db::RowStream stream = co_await session.stream(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
            "SELECT i FROM n");
        const std::optional<Rows> rows = co_await stream.next();
        co_return rows->size();
    };
    EXPECT_GT(await(a_few(db())), 0U);
    const auto within = [&](Transaction& transaction) -> Task<> {
        EXPECT_GT(co_await a_few(transaction), 0U);
        co_await add(transaction, 1, 1);
    };
    await(db().transaction(within));
    EXPECT_EQ(balance(1), 101);
    const auto wrong = [&]() -> Task<> {
        db::RowStream stream = co_await db().stream("SELECT nothing FROM nowhere");
        (void)co_await stream.next();
    };
    EXPECT_EQ(kind_of(error_of(loop, wrong())), ErrorKind::syntax);
    const auto empty = [&]() -> Task<bool> {
        db::RowStream stream = co_await db().stream("SELECT id FROM accounts WHERE id = 99");
        const std::optional<Rows> rows = co_await stream.next();
        co_return rows.has_value();
    };
    EXPECT_FALSE(await(empty()));
}

} // namespace
} // namespace db_tests
