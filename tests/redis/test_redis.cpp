#include "support/redis_server.hpp"

#include <armature/core/cancellation.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/log/capture.hpp>
#include <armature/redis/redis.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

// Against Debian's redis-server.
namespace armature::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RedisOptions at(const std::string& url) {
    RedisOptions options;
    options.url = url;
    // Slow machines are no failures.
    options.connect_timeout = options.timeout = Duration::seconds(30);
    options.first_pause = Duration::milliseconds(1);
    return options;
}

// The kind of the error that a command ends with.
std::optional<RedisError::Kind> failure(LocalLoop& loop, Redis& redis, std::string_view name) {
    try {
        (void)loop.run(redis.command(name));
        return std::nullopt;
    } catch (const RedisError& error) {
        return error.kind();
    }
}

TEST(Redis, RunsCommands) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server;
    Redis redis{at(server.url())};
    LocalLoop loop;
    using namespace std::string_literals;
    const std::string binary = "a\r\n\0b"s;
    EXPECT_EQ(loop.run(redis.command("SET", "key", binary, "PX", 60'000)).text(), "OK");
    EXPECT_EQ(loop.run(redis.command("GET", "key")).text(), binary);
    EXPECT_TRUE(loop.run(redis.command("GET", "nothing")).is_null());
    EXPECT_EQ(loop.run(redis.command("INCRBY", "count", -5)).integer(), -5);
    (void)loop.run(redis.command("HSET", "map", "a", 1));
    EXPECT_EQ(loop.run(redis.command("HGETALL", "map")).items().size(), 2u);
    EXPECT_EQ(server.cli("GET count"), "-5\n");
}

TEST(Redis, ThrowsErrorReplies) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server;
    Redis redis{at(server.url())};
    LocalLoop loop;
    (void)loop.run(redis.command("SET", "text", "x"));
    try {
        (void)loop.run(redis.command("INCR", "text"));
        FAIL();
    } catch (const RedisError& error) {
        EXPECT_EQ(error.kind(), RedisError::Kind::reply);
        EXPECT_EQ(error.code(), "ERR");
        EXPECT_EQ(error.status(), Status::internal_server_error);
    }
    EXPECT_EQ(loop.run(redis.command("GET", "text")).text(), "x"); // the connection stays
}

Task<std::int64_t> count_up(Redis& redis, int times) {
    std::int64_t last = 0;
    for (int i = 0; i < times; ++i) {
        const RedisValue reply = co_await redis.command("INCR", "count");
        last = reply.integer();
    }
    co_return last;
}

TEST(Redis, PipelinesTheTasksOfALoopOverOneConnection) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server;
    Redis redis{at(server.url())};
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    constexpr int tasks = 50;
    int running = tasks;
    struct Counting {
        int* running;
        Task<std::int64_t> task;
    };
    std::vector<Counting> counting;
    for (int i = 0; i < tasks; ++i)
        counting.push_back({&running, count_up(redis, 20)});
    for (Counting& one : counting)
        if (one.task.start([](void* self) { --*static_cast<Counting*>(self)->running; }, &one,
                           nullptr))
            --running;
    bool done = false;
    while (running > 0) {
        const RedisValue pong = loop.run(redis.command("PING"));
        EXPECT_EQ(pong.text(), "PONG");
        done = true;
    }
    EXPECT_TRUE(done);
    EXPECT_EQ(server.cli("GET count"), "1000\n");
    EXPECT_THAT(server.cli("INFO clients"), HasSubstr("connected_clients:2")); // and redis-cli
}

TEST(Redis, HasAConnectionForEachLoop) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server;
    Redis redis{at(server.url())};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&redis] {
            for (int round = 0; round < 3; ++round) { // a loop may come where another was
                LocalLoop loop;
                (void)loop.run(count_up(redis, 100));
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(server.cli("GET count"), "1200\n");
}

TEST(Redis, RunsScriptsAndSendsTheirTextOnce) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server;
    Redis redis{at(server.url())};
    LocalLoop loop;
    const RedisScript script{"return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[2])}"};
    for (int round = 1; round <= 3; ++round) {
        const RedisValue reply = loop.run(redis.run(script, {"a", "b"}, {"x"}));
        ASSERT_EQ(reply.items().size(), 3u);
        EXPECT_EQ(reply.items()[0].text(), "a");
        EXPECT_EQ(reply.items()[1].text(), "x");
        EXPECT_EQ(reply.items()[2].integer(), round);
    }
    const std::string stats = server.cli("INFO commandstats");
    EXPECT_THAT(stats, HasSubstr("cmdstat_eval:calls=1,"));
    EXPECT_THAT(stats, HasSubstr("cmdstat_evalsha:calls=3,"));
    (void)server.cli("SCRIPT FLUSH");
    EXPECT_EQ(loop.run(redis.run(script, {"a", "b"}, {"x"})).items()[2].integer(), 4);
    const RedisScript wrong{"return redis.call('NOTHING')"};
    EXPECT_THROW((void)loop.run(redis.run(wrong, {}, {})), RedisError);
}

TEST(Redis, ConnectsAgainAfterTheServerWasAway) {
    ARMATURE_NEEDS_REDIS();
    RedisServer server;
    Redis redis{at(server.url())};
    LocalLoop loop;
    (void)loop.run(redis.command("PING"));
    server.kill();
    EXPECT_EQ(failure(loop, redis, "PING"), RedisError::Kind::unavailable);
    EXPECT_EQ(failure(loop, redis, "PING"), RedisError::Kind::unavailable);
    server.start();
    while (failure(loop, redis, "PING"))
        loop.run(sleep_for(Duration::milliseconds(1)));
    EXPECT_EQ(loop.run(redis.command("PING")).text(), "PONG");
}

TEST(Redis, FailsEverythingThatWaitsWhenTheConnectionIsLost) {
    ARMATURE_NEEDS_REDIS();
    RedisServer server;
    Redis redis{at(server.url())};
    LocalLoop loop;
    (void)loop.run(redis.command("PING"));
    // What it does meanwhile: nothing. The command waits until the server is killed.
    server.signal(SIGSTOP);
    const LocalLoop::Enter enter{loop};
    bool ended = false;
    Task<RedisValue> waits = redis.command("PING");
    const auto note = [](void* flag) { *static_cast<bool*>(flag) = true; };
    ASSERT_FALSE(waits.start(note, &ended, nullptr));
    server.kill();
    loop.run_until(ended);
    EXPECT_THROW((void)waits.take_result(), RedisError);
}

TEST(Redis, GivesUpWaitingForAReply) {
    ARMATURE_NEEDS_REDIS();
    RedisServer server;
    RedisOptions options = at(server.url());
    options.timeout = Duration::milliseconds(100);
    Redis redis{options};
    LocalLoop loop;
    while (failure(loop, redis, "PING")) // a slow machine may take longer for the first
        continue;
    server.signal(SIGSTOP);
    EXPECT_EQ(failure(loop, redis, "PING"), RedisError::Kind::timeout);
    server.signal(SIGCONT);
    while (failure(loop, redis, "PING"))
        loop.run(sleep_for(Duration::milliseconds(1)));
}

TEST(Redis, LetsACancelledTaskGoAndStaysInStep) {
    ARMATURE_NEEDS_REDIS();
    RedisServer server;
    Redis redis{at(server.url())};
    LocalLoop loop;
    (void)loop.run(redis.command("SET", "key", "old"));
    const LocalLoop::Enter enter{loop};
    Cancellation cancellation;
    bool ended = false;
    const auto note = [](void* flag) { *static_cast<bool*>(flag) = true; };
    Task<RedisValue> cancelled = redis.command("GETSET", "key", "new");
    ASSERT_FALSE(cancelled.start(note, &ended, &cancellation));
    {
        const Task<RedisValue> abandoned = [](Redis& of) { return of.command("ECHO", "x"); }(redis);
        bool never = false;
        ASSERT_FALSE(const_cast<Task<RedisValue>&>(abandoned).start(note, &never, nullptr));
    }
    cancellation.request(CancelReason::client_gone);
    EXPECT_TRUE(ended);
    EXPECT_THROW((void)cancelled.take_result(), Cancelled);
    // Replies that nobody waits for are passed over.
    EXPECT_EQ(loop.run(redis.command("GET", "key")).text(), "new");
}

TEST(Redis, LogsInAndNeverTellsThePassword) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server{{"--requirepass", "geheim:/@"}};
    const log::Capture capture;
    LocalLoop loop;
    Redis right{at("unix://:geheim%3A%2F%40@" + server.path() + "?db=3")};
    EXPECT_EQ(loop.run(right.command("SET", "key", "x")).text(), "OK");
    EXPECT_THAT(server.cli("-a 'geheim:/@' --no-auth-warning -n 3 GET key"), HasSubstr("x"));

    Redis wrong{at("unix://:falsch@" + server.path())};
    try {
        (void)loop.run(wrong.command("PING"));
        FAIL();
    } catch (const RedisError& error) {
        EXPECT_THAT(error.what(), HasSubstr("WRONGPASS"));
        EXPECT_THAT(error.what(), Not(HasSubstr("falsch")));
    }
    EXPECT_TRUE(wrong.options().url.empty());
    Redis none{at(server.url())};
    EXPECT_EQ(failure(loop, none, "PING"), RedisError::Kind::reply); // NOAUTH
    std::string logged;
    for (const log::CapturedRecord& record : capture.records())
        for (const auto& [name, value] : record.fields)
            logged += value;
    EXPECT_THAT(logged, HasSubstr("WRONGPASS"));
    EXPECT_THAT(logged, Not(HasSubstr("falsch")));
    EXPECT_THAT(logged, Not(HasSubstr("geheim")));
}

TEST(Redis, LogsInAsAUserAndToServersWithoutHello) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server{
        {"--user", "ana", "on", ">pass", "~*", "+@all", "--rename-command", "HELLO", ""}};
    Redis redis{at("unix://ana:pass@" + server.path())};
    LocalLoop loop;
    EXPECT_EQ(loop.run(redis.command("ACL", "WHOAMI")).text(), "ana");
    (void)loop.run(redis.command("HSET", "map", "a", 1));
    EXPECT_EQ(loop.run(redis.command("HGETALL", "map")).items().size(), 2u); // by RESP2
}

TEST(Redis, ConnectsByTcp) {
    ARMATURE_NEEDS_REDIS();
    // Redis can't choose a free port itself: try some.
    for (int port = 20'000 + ::getpid() % 20'000, end = port + 50; port < end; ++port) {
        Process server{{"redis-server", "--port", std::to_string(port), "--bind", "127.0.0.1",
                        "--save", "", "--daemonize", "no"}};
        try {
            server.await("Ready to accept connections");
        } catch (const std::runtime_error&) {
            continue;
        }
        LocalLoop loop;
        for (const std::string host : {"127.0.0.1", "localhost"}) {
            Redis redis{at("redis://" + host + ":" + std::to_string(port) + "/1")};
            EXPECT_EQ(loop.run(redis.command("PING")).text(), "PONG") << host;
        }
        return;
    }
    FAIL() << "no free port";
}

TEST(Redis, SaysWhenThereIsNoServer) {
    LocalLoop loop;
    Redis redis{at("unix:///nowhere/redis.sock")};
    try {
        (void)loop.run(redis.command("PING"));
        FAIL();
    } catch (const RedisError& error) {
        EXPECT_EQ(error.kind(), RedisError::Kind::unavailable);
        EXPECT_EQ(error.status(), Status::service_unavailable);
        EXPECT_THAT(error.what(), HasSubstr("/nowhere/redis.sock: No such file"));
    }
    RedisOptions patient = at("unix:///nowhere/redis.sock");
    patient.first_pause = Duration::seconds(1);
    Redis pausing{patient};
    EXPECT_EQ(failure(loop, pausing, "PING"), RedisError::Kind::unavailable);
    try {
        (void)loop.run(pausing.command("PING"));
        FAIL();
    } catch (const RedisError& error) {
        EXPECT_STREQ(error.what(), "Redis can't be reached"); // without trying
    }
    Redis unknown{at("redis://no-such-host.invalid")};
    EXPECT_EQ(failure(loop, unknown, "PING"), RedisError::Kind::unavailable);
}

TEST(Redis, RefusesCommandsThatASharedConnectionCantTake) {
    Redis redis{at("unix:///nowhere/redis.sock")};
    LocalLoop loop;
    for (const std::string_view name : {"BLPOP", "subscribe", "Multi", "AUTH", "SELECT"})
        EXPECT_THROW((void)loop.run(redis.command(name)), std::invalid_argument) << name;
}

TEST(Redis, RefusesUrlsThatAreNone) {
    for (const std::string url :
         {"", "localhost:6379", "http://localhost", "rediss://localhost", "redis://",
          "redis://localhost/x", "redis://localhost?db=1", "unix://host/path", "unix://",
          "unix:///", "redis://user@localhost", "redis://:%zz@localhost", "unix:///p?db=x",
          "unix:///p?x=1"})
        EXPECT_THROW(Redis{at(url)}, std::invalid_argument) << url;
    RedisOptions patient = at("redis://localhost");
    patient.first_pause = Duration::seconds(2);
    EXPECT_THROW(Redis{patient}, std::invalid_argument);
    RedisOptions hasty = at("redis://localhost");
    hasty.timeout = Duration{};
    EXPECT_THROW(Redis{hasty}, std::invalid_argument);
    try {
        Redis refused{at("redis://:hunter2@localhost/db")};
        FAIL();
    } catch (const std::invalid_argument& error) {
        EXPECT_THAT(error.what(), Not(HasSubstr("hunter2")));
    }
}

} // namespace
} // namespace armature::testing
