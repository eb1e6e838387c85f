#include "db/accounts.hpp"

#include <thread>

namespace db_tests {
namespace {

class Connections : public OfAccounts {};

// --- the end of a task --------------------------------------------------------------------------

TEST_F(Connections, AreCancelledWithTheirTask) {
    Cancellation cancellation;
    Running<Rows> running{loop, db().query(ARMATURE_ENDLESS), &cancellation};
    await_running();
    ASSERT_FALSE(running.is_done());
    {
        const LocalLoop::Enter enter{loop};
        cancellation.request(CancelReason::client_gone);
    }
    EXPECT_THROW((void)running.result(), Cancelled);
    expect_nothing_runs();
    EXPECT_EQ(balance(1), 100);
}

TEST_F(Connections, AreEndedWithTheirTask) {
    Running<Rows> running{loop, db().query(ARMATURE_ENDLESS)};
    await_running();
    running.destroy();
    expect_nothing_runs();
    EXPECT_EQ(balance(1), 100);
    EXPECT_LE(db().open_connections(), 2U);
}

TEST_F(Connections, AreRolledBackWhenTheirTaskIsDestroyed) {
    const auto endless = [&](Transaction& transaction) -> Task<> {
        co_await add(transaction, 1, 1);
        (void)co_await transaction.query(ARMATURE_ENDLESS);
    };
    Running<void> running{loop, db().transaction(endless)};
    await_running();
    running.destroy();
    expect_nothing_runs();
    EXPECT_EQ(balance(1), 100);
    await(add(db(), 1, 1)); // its lock is gone
    EXPECT_EQ(balance(1), 101);
}

TEST_F(Connections, TakeAsLongAsTheyMay) {
    DatabaseOptions options = settings();
    options.statement_timeout = Duration::milliseconds(50);
    Database impatient{options};
    const auto error = error_of(loop, impatient.query(ARMATURE_ENDLESS));
    EXPECT_EQ(kind_of(error), ErrorKind::timeout);
    EXPECT_EQ(error->sqlstate(), "57014");
    EXPECT_EQ(error->status(), Status::service_unavailable);
    EXPECT_EQ(await(impatient.one<int>("SELECT 1")), 1);
}

// --- the pool -----------------------------------------------------------------------------------

TEST_F(Connections, WaitForAConnectionInTheirOrder) {
    DatabaseOptions options = settings();
    options.max_connections = 1;
    options.acquire_timeout = Duration::seconds(60);
    Database one{options};
    std::vector<int> order;
    const auto hold = [&](int number) -> Task<> {
        Transaction transaction = co_await one.begin();
        (void)co_await transaction.query("SELECT 1");
        order.push_back(number);
        co_await transaction.commit();
    };
    Running<void> first{loop, hold(1)};
    Running<void> second{loop, hold(2)};
    std::optional<Running<void>> gone;
    gone.emplace(loop, hold(3));
    Running<void> fourth{loop, hold(4)};
    gone->destroy(); // its place goes to the next one
    fourth.result();
    second.result();
    first.result();
    EXPECT_EQ(order, (std::vector{1, 2, 4}));
    EXPECT_EQ(one.open_connections(), 1U);
}

TEST_F(Connections, AreToldWhenNoConnectionBecomesFree) {
    DatabaseOptions options = settings();
    options.max_connections = 1;
    options.acquire_timeout = Duration::milliseconds(20);
    Database one{options};
    Transaction holder = await(one.begin());
    const auto error = error_of(loop, one.query("SELECT 1"));
    EXPECT_EQ(kind_of(error), ErrorKind::exhausted);
    EXPECT_EQ(error->status(), Status::service_unavailable);
    EXPECT_THAT(error->what(), ::testing::HasSubstr("became free in time: all 1 are taken"));
    await(holder.commit());
    EXPECT_EQ(await(one.one<int>("SELECT 1")), 1);
}

TEST_F(Connections, OfManyLoopsShareTheConnections) {
    DatabaseOptions options = settings();
    options.max_connections = 2;
    options.acquire_timeout = Duration::seconds(60);
    options.busy_timeout = Duration::seconds(60);
    Database shared{options};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            LocalLoop mine;
            const auto work = [&]() -> Task<> {
                for (int round = 0; round < 25; ++round)
                    co_await add(shared, 1, 1);
            };
            std::vector<std::unique_ptr<Running<void>>> tasks;
            for (int task = 0; task < 3; ++task)
                tasks.push_back(std::make_unique<Running<void>>(mine, work()));
            for (const auto& task : tasks)
                task->result();
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(balance(1), 100 + 4 * 3 * 25);
    EXPECT_LE(shared.open_connections(), 2U);
}

TEST_F(Connections, KnowWhetherTheDatabaseIsOnThisMachine) {
    EXPECT_TRUE(await(db().is_local())); // a file, or a Unix socket
}

TEST_F(Connections, AreRefusedOnceTheDatabaseIsClosed) {
    db().close();
    EXPECT_EQ(kind_of(error_of(loop, db().query("SELECT 1"))), ErrorKind::unavailable);
    EXPECT_EQ(db().open_connections(), 0U);
}

} // namespace
} // namespace db_tests
