#include "db/postgres_place.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>

namespace db_tests {
namespace {

class Postgres : public OnEachDatabase {
  protected:
    std::string psql(const std::string& sql) {
        return armature::testing::run({"psql", place->url(), "-XAtc", sql}).output;
    }
};

TEST_F(Postgres, AndPsqlSeeTheSame) {
    await(db().execute("CREATE TABLE t (name text, at timestamptz, ids uuid)"));
    const Uuid id = Uuid::v4();
    const std::chrono::sys_seconds at{std::chrono::seconds{1'709'208'000}};
    await(db().execute("INSERT INTO t VALUES ($1, $2, $3)", "it's", at, id));
    EXPECT_EQ(psql("SELECT name, extract(epoch FROM at)::bigint, ids FROM t"),
              "it's|1709208000|" + id.to_string() + "\n");
    EXPECT_EQ(psql("INSERT INTO t VALUES ('by psql', 'epoch') RETURNING name"),
              "by psql\nINSERT 0 1\n");
    EXPECT_EQ(await(db().one<std::chrono::sys_seconds>("SELECT at FROM t WHERE name = 'by psql'")),
              std::chrono::sys_seconds{});
    EXPECT_EQ(await(db().one<std::chrono::sys_seconds>("SELECT '2024-01-01 00:00:00'::timestamp")),
              std::chrono::sys_seconds{std::chrono::seconds{1'704'067'200}});
}

TEST_F(Postgres, RefuseTheCommitOfATransactionThatFailed) {
    await(db().execute("CREATE TABLE t (x integer)"));
    const auto swallow = [&](Transaction& transaction) -> Task<> {
        co_await transaction.execute("INSERT INTO t VALUES (1)");
        try {
            co_await transaction.execute("INSERT INTO nowhere VALUES (1)");
        } catch (const DatabaseError&) { // NOLINT: a program's fault, which mustn't stay unseen
        }
    };
    EXPECT_EQ(error_of(loop, db().transaction(swallow))->sqlstate(), "25P02");
    EXPECT_EQ(await(db().one<int>("SELECT count(*) FROM t")), 0);
}

TEST_F(Postgres, FollowTablesThatWereAltered) {
    await(db().execute("CREATE TABLE t (x integer)"));
    await(db().execute("INSERT INTO t VALUES (1)"));
    EXPECT_EQ(await(db().query("SELECT * FROM t")).columns().size(), 1U);
    psql("ALTER TABLE t ADD COLUMN y text DEFAULT 'new'");
    const Rows rows = await(db().query("SELECT * FROM t"));
    ASSERT_EQ(rows.columns().size(), 2U);
    EXPECT_EQ(rows.text(0, 1), "new");
    await(db().execute("DISCARD ALL"));
    EXPECT_EQ(await(db().query("SELECT * FROM t")).size(), 1U) << "prepared anew";
}

TEST_F(Postgres, WorkWithoutPreparedStatements) {
    DatabaseOptions plain = settings();
    plain.prepare = false;
    Database unprepared{plain};
    EXPECT_EQ(await(unprepared.one<int>("SELECT $1::int + 1", 1)), 2);
    EXPECT_EQ(await(unprepared.one<int>("SELECT count(*) FROM pg_prepared_statements")), 0);
    EXPECT_EQ(await(db().one<int>("SELECT $1::int + 1", 1)), 2);
    EXPECT_EQ(await(db().one<int>("SELECT $1::int + 1", 2)), 3);
    EXPECT_EQ(await(db().one<int>("SELECT count(*) FROM pg_prepared_statements")), 2)
        << "this one, and one for both of those before";
}

TEST_F(Postgres, CopyIn) {
    await(db().execute("CREATE TABLE t (id bigint, name text, bytes bytea)"));
    const auto copy = [&]() -> Task<std::uint64_t> {
        db::CopyIn to = co_await db().copy_in("COPY t FROM STDIN");
        for (int i = 0; i < 100'000; ++i)
            co_await to.row(i, "tab\t, line\n, back\\slash, \\N, \\.", nullptr);
        const db::Bytes bytes{std::byte{0}, std::byte{0x5C}, std::byte{0xFF}};
        co_await to.row(-1, "bytes", bytes);
        const std::uint64_t count = co_await to.finish();
        co_return count;
    };
    EXPECT_EQ(await(copy()), 100'001U);
    EXPECT_EQ(await(db().one<std::int64_t>("SELECT sum(id) FROM t WHERE bytes IS NULL AND name = "
                                           "E'tab\\t, line\\n, back\\\\slash, \\\\N, \\\\.'")),
              4'999'950'000);
    EXPECT_EQ(await(db().one<std::string>("SELECT encode(bytes, 'hex') FROM t WHERE id = -1")),
              "005cff");

    const auto broken = [&]() -> Task<> {
        db::CopyIn to = co_await db().copy_in("COPY t FROM STDIN");
        co_await to.row("no number", "x", nullptr);
        (void)co_await to.finish();
    };
    EXPECT_EQ(kind_of(error_of(loop, broken())), ErrorKind::data);
    const auto given_up = [&]() -> Task<> {
        db::CopyIn to = co_await db().copy_in("COPY t FROM STDIN");
        co_await to.row(1, "x", nullptr);
    };
    await(given_up());
    const auto within = [&](Transaction& transaction) -> Task<> {
        db::CopyIn to = co_await transaction.copy_in("COPY t FROM STDIN");
        co_await to.row(1, "x", nullptr);
        (void)co_await to.finish();
        co_await transaction.execute("DELETE FROM t WHERE name = 'x'");
    };
    await(db().transaction(within));
    EXPECT_EQ(await(db().one<int>("SELECT count(*) FROM t")), 100'001);
    EXPECT_EQ(kind_of(error_of(loop, db().query("COPY t FROM STDIN"))), ErrorKind::unsupported);
    EXPECT_EQ(kind_of(error_of(loop, db().copy_in("SELECT 1"))), ErrorKind::unsupported);
    EXPECT_EQ(kind_of(error_of(loop, db().copy_in("COPY nowhere FROM STDIN"))), ErrorKind::syntax);
}

TEST_F(Postgres, CopyOut) {
    const auto copy = [&]() -> Task<std::size_t> {
        db::CopyOut from = co_await db().copy_out(
            "COPY (SELECT i, 'text' FROM generate_series(1, 100000) i) TO STDOUT");
        std::size_t lines = 0;
        while (const std::optional<std::string> piece = co_await from.next())
            lines += static_cast<std::size_t>(std::count(piece->begin(), piece->end(), '\n'));
        co_return lines;
    };
    EXPECT_EQ(await(copy()), 100'000U);
    const auto a_piece = [&]() -> Task<std::string> {
        db::CopyOut from =
            co_await db().copy_out("COPY (SELECT i FROM generate_series(1, 1000000) i) TO STDOUT");
        const std::optional<std::string> piece = co_await from.next();
        co_return piece->substr(0, 6);
    };
    EXPECT_EQ(await(a_piece()), "1\n2\n3\n");
    EXPECT_EQ(await(db().one<int>("SELECT 1")), 1);
}

TEST_F(Postgres, TellWhoListens) {
    db::Listener listener = await(db().listen("news", "odd \"name\"; --"));
    await(db().notify("news", "it's here"));
    const db::Notification first = await(listener.next());
    EXPECT_EQ(first.channel, "news");
    EXPECT_EQ(first.payload, "it's here");
    Running<db::Notification> waiting{loop, listener.next()};
    EXPECT_FALSE(waiting.is_done());
    psql("NOTIFY \"odd \"\"name\"\"; --\", 'by psql'");
    const db::Notification second = waiting.result();
    EXPECT_EQ(second.channel, "odd \"name\"; --");
    EXPECT_EQ(second.payload, "by psql");

    Running<db::Notification> broken{loop, listener.next()};
    psql(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
    EXPECT_THROW((void)broken.result(), DatabaseError);
}

TEST_F(Postgres, AreReplacedWhenTheServerEndedThem) {
    EXPECT_EQ(await(db().one<int>("SELECT 1")), 1);
    psql("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE pid <> "
         "pg_backend_pid() AND "
         "datname = current_database()");
    EXPECT_EQ(await(db().one<int>("SELECT 1")), 1) << "nobody notices";

    Running<Rows> running{loop, db().query("SELECT pg_sleep(3600)")};
    psql("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE query LIKE "
         "'%pg_sleep%' AND "
         "pid <> pg_backend_pid()");
    try {
        (void)running.result();
        ADD_FAILURE();
    } catch (const DatabaseError& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unavailable) << error.what();
    }
    EXPECT_EQ(await(db().one<int>("SELECT 1")), 1);
    EXPECT_LE(db().open_connections(), 2U);
}

TEST_F(Postgres, SurviveARestartOfTheServer) {
    std::vector<Transaction> held;
    for (int i = 0; i < 3; ++i)
        held.push_back(await(db().begin()));
    for (Transaction& transaction : held)
        await(transaction.commit());
    EXPECT_EQ(db().open_connections(), 3U);
    server->stop();
    EXPECT_EQ(kind_of(error_of(loop, db().query("SELECT 1"))), ErrorKind::unavailable);
    server->start();
    EXPECT_EQ(await(db().one<int>("SELECT 1")), 1);
}

TEST_F(Postgres, FailOnlyForWhatIsUnderWayWhenTheServerRestarts) {
    DatabaseOptions few = settings();
    few.max_connections = 4;
    few.acquire_timeout = Duration::seconds(60);
    Database shared{few};
    constexpr int enough = 100; // before the restart, and again behind it
    int done = 0;
    int failed = 0;
    bool has_restarted = false;
    const auto ask = [&]() -> Task<> {
        while (!has_restarted || done < 2 * enough) {
            bool is_lost = false;
            try {
                (void)co_await shared.query("SELECT count(*) FROM generate_series(1, 1000)");
                ++done;
            } catch (const DatabaseError& error) {
                EXPECT_EQ(error.kind(), ErrorKind::unavailable) << error.what();
                is_lost = true;
            }
            failed += is_lost ? 1 : 0;
            if (!has_restarted && done >= enough) {
                // Nothing else runs on this loop meanwhile, so that those that wait have asked
                // nothing yet.
                server->stop();
                server->start();
                has_restarted = true;
                done = enough;
            }
        }
    };
    Running<Rows> endless{loop, shared.query(ARMATURE_ENDLESS)};
    await_running();
    std::vector<std::unique_ptr<Running<void>>> tasks;
    for (int i = 0; i < 12; ++i)
        tasks.push_back(std::make_unique<Running<void>>(loop, ask()));
    for (const auto& task : tasks)
        task->result();
    EXPECT_EQ(kind_of([&]() -> std::optional<DatabaseError> {
                  try {
                      (void)endless.result();
                  } catch (const DatabaseError& error) {
                      return error;
                  }
                  return std::nullopt;
              }()),
              ErrorKind::unavailable);
    EXPECT_LE(failed, 3) << "as many as the other connections";
    EXPECT_GE(done, 2 * enough);
    EXPECT_LE(shared.open_connections(), 4U);
}

TEST_F(Postgres, SayWhyThereIsNoConnection) {
    Database nowhere{"postgresql://nobody:hunter2@/shop?host=/nonexistent"};
    try {
        await(nowhere.on_module_init());
        ADD_FAILURE();
    } catch (const std::runtime_error& error) {
        const std::string text = error.what();
        EXPECT_THAT(text, ::testing::StartsWith("armature: no connection to PostgreSQL at "
                                                "/nonexistent, database shop: PostgreSQL: "));
        EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("hunter2")));
        EXPECT_EQ(text.find('\n'), std::string::npos);
    }
    Database absent{url_of("no_such_database")};
    EXPECT_THROW(await(absent.on_module_init()), std::runtime_error);
}

// It gives each transaction another of few connections: what a session would keep is lost.
TEST_F(Postgres, WorkBehindAPoolerOfTransactions) {
    if (armature::testing::shell("command -v pgbouncer").status != 0)
        GTEST_SKIP() << "PgBouncer isn't there (Debian: pgbouncer)";
    const std::string folder = server->folder();
    const std::string file = folder + "/pgbouncer.ini";
    std::ofstream{file} << "[databases]\n* = host=" << folder << " user=test\n[pgbouncer]\n"
                        << "listen_port = 6432\nunix_socket_dir = " << folder
                        << "\nauth_type = any\npool_mode = transaction\n"
                        << "default_pool_size = 3\n";
    armature::testing::Process pooler{server->command({"pgbouncer", file})};
    pooler.await("process up");
    const std::string url = place->url() + "&port=6432";

    DatabaseOptions pooled = settings();
    pooled.url = url;
    pooled.prepare = false;
    pooled.max_connections = 8;
    Database many{pooled};
    await(many.execute("CREATE TABLE ran (what integer)"));
    std::vector<std::unique_ptr<Running<std::uint64_t>>> tasks;
    for (int i = 0; i < 50; ++i)
        tasks.push_back(std::make_unique<Running<std::uint64_t>>(
            loop, many.execute("INSERT INTO ran VALUES ($1 + 100)", i)));
    for (const auto& task : tasks)
        EXPECT_EQ(task->result(), 1U);

    const Folder files;
    for (int i = 1; i <= 3; ++i)
        std::ofstream{files.file(std::to_string(i) + "_insert.sql")}
            << "-- migrate:up\nINSERT INTO ran VALUES (" << i << ");\n";
    std::vector<std::unique_ptr<armature::testing::Process>> processes;
    for (int i = 0; i < 8; ++i)
        processes.push_back(std::make_unique<armature::testing::Process>(
            std::vector<std::string>{"env", "DATABASE_URL=" + url, MIGRATE_PROGRAM, "migrate",
                                     "--dir", files.path(), "up"}));
    for (const auto& process : processes)
        EXPECT_EQ(process->wait(), 0) << process->output();
    EXPECT_EQ(await(many.all<int>("SELECT what FROM ran WHERE what < 100 ORDER BY what")),
              (std::vector{1, 2, 3}));
    many.close();
}

TEST_F(Postgres, ReportDeadlocksAsConflicts) {
    await(db().execute("CREATE TABLE t (id integer PRIMARY KEY, x integer)"));
    await(db().execute("INSERT INTO t VALUES (1, 0), (2, 0)"));
    std::atomic<int> runs = 0;
    const auto both = [&](int first, int second) {
        const auto work = [&, first, second](Transaction& transaction) -> Task<> {
            const bool meets = ++runs <= 2;
            co_await transaction.execute("UPDATE t SET x = x + 1 WHERE id = $1", first);
            while (meets && runs < 2)
                co_await yield();
            if (meets) co_await transaction.execute("SELECT pg_sleep(0.05)");
            co_await transaction.execute("UPDATE t SET x = x + 1 WHERE id = $1", second);
        };
        return db().transaction(work);
    };
    Running<void> one{loop, both(1, 2)};
    Running<void> other{loop, both(2, 1)};
    one.result();
    other.result();
    EXPECT_EQ(await(db().one<int>("SELECT sum(x) FROM t")), 4);
    EXPECT_GT(runs, 2) << "one of them began anew";
}

} // namespace
} // namespace db_tests
