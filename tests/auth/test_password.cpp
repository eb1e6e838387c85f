#include "auth/gate.hpp"
#include "support/process.hpp"

#include <armature/auth/password.hpp>
#include <armature/core/error.hpp>
#include <armature/core/scheduler.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// As little work as there is: the tests that count it need no more.
PasswordOptions light() {
    PasswordOptions options;
    options.memory_kib = 64;
    options.passes = 1;
    return options;
}
SecretString password(std::string_view text) { return SecretString{std::string{text}}; }

struct Passwords : ::testing::Test {
    LocalLoop loop;
    PasswordHasher hasher{light()};

    PasswordCheck verify(std::string_view text, std::optional<std::string> stored) {
        return loop.run(hasher.verify(password(text), std::move(stored)));
    }
    std::string hash(std::string_view text) { return loop.run(hasher.hash(password(text))); }
};

TEST_F(Passwords, AreHashedWithASaltOfTheirOwn) {
    const std::string first = hash("correct horse");
    const std::string second = hash("correct horse");
    EXPECT_THAT(first, StartsWith("$argon2id$v=19$m=64,t=1,p=1$"));
    EXPECT_NE(first, second);
    EXPECT_TRUE(verify("correct horse", first).matches);
    EXPECT_TRUE(verify("correct horse", second).matches);
    EXPECT_FALSE(verify("correct horse", first).needs_rehash);
    EXPECT_FALSE(verify("Correct horse", first).matches);
    EXPECT_FALSE(verify("", first).matches);
    EXPECT_TRUE(verify(std::string_view{"a\0b", 3}, hash(std::string_view{"a\0b", 3})).matches);
    EXPECT_FALSE(verify("a", hash(std::string_view{"a\0b", 3})).matches);
}

TEST(PasswordHasher, DefaultsToWhatOwaspRecommends) {
    LocalLoop loop;
    PasswordHasher hasher;
    EXPECT_THAT(loop.run(hasher.hash(password("x"))),
                StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
}

TEST_F(Passwords, AreHashedAgainWhenTheWorkGrew) {
    const std::string old = hash("x");
    PasswordOptions more = light();
    more.passes = 2;
    PasswordHasher stronger{more};
    EXPECT_TRUE(loop.run(stronger.verify(password("x"), old)).needs_rehash);
    EXPECT_FALSE(loop.run(stronger.verify(password("y"), old)).needs_rehash) << "not theirs";
    const std::string renewed = loop.run(stronger.hash(password("x")));
    EXPECT_FALSE(loop.run(stronger.verify(password("x"), renewed)).needs_rehash);
    EXPECT_FALSE(verify("x", renewed).needs_rehash) << "more work than is asked for";
}

TEST_F(Passwords, OfUnknownUsersTakeTheSameWork) {
    const std::string stored = hash("x");
    for (const std::optional<std::string>& any :
         {std::optional<std::string>{stored}, std::optional<std::string>{},
          std::optional<std::string>{""}, std::optional<std::string>{"plain text"}}) {
        const std::uint64_t before = hasher.hashed();
        EXPECT_FALSE(verify("wrong", any).matches);
        EXPECT_EQ(hasher.hashed(), before + 1) << any.value_or("nobody");
    }
    EXPECT_FALSE(verify("", std::nullopt).matches);
}

TEST_F(Passwords, NeverMatchWhatIsNoHashOfTheirs) {
    for (const std::string stored :
         {"", "x", "$argon2id$", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$x",
          "$argon2id$v=19$m=64,t=1,p=1$$", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ",
          // more memory, passes or lanes than anybody stores
          "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
          "$argon2id$v=19$m=64,t=4000000,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
          "$argon2id$v=19$m=640000,t=1,p=10000$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
          "$argon2id$v=19$m=99999999999,t=1,p=1$c29tZXNhbHQ$AAAA",
          // crypt's weak kinds, and a cost that takes days
          "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0", "ab1qiYKL3Ttfo", "x",
          "$2b$31$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
          "$2b$05$abcdefghijklmnopqrstuu"})
        EXPECT_FALSE(verify("x", stored).matches) << stored;
}

TEST_F(Passwords, ThatAreTooLongAreRefused) {
    const std::string longest(PasswordHasher::max_size, 'x');
    EXPECT_TRUE(verify(longest, hash(longest)).matches);
    EXPECT_THROW((void)hash(longest + "x"), Error);
    EXPECT_FALSE(verify(longest + "x", hash(longest)).matches);
}

// Of the test vectors of OpenWall's crypt_blowfish.
TEST_F(Passwords, OfBcryptAreVerifiedAndRenewed) {
    const std::string stored = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    EXPECT_TRUE(verify("U*U", stored).matches);
    EXPECT_TRUE(verify("U*U", stored).needs_rehash);
    EXPECT_FALSE(verify("U*V", stored).matches);
    EXPECT_FALSE(verify("", stored).matches);
    EXPECT_FALSE(verify(std::string_view{"U*U\0x", 5}, stored).matches);
    EXPECT_TRUE(verify("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy").matches);
}

TEST_F(Passwords, AreHashedAFewAtATime) {
    PasswordOptions options = light();
    options.memory_kib = 4'096;
    options.at_once = 2;
    PasswordHasher narrow{options};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            LocalLoop own;
            const LocalLoop::Enter enter{own};
            std::vector<Task<std::string>> tasks;
            struct Count {
                int left;
                bool done;
            } count{8, false};
            for (int j = 0; j < 8; ++j) {
                tasks.push_back(narrow.hash(password("x")));
                const auto one_done = [](void* of) {
                    auto& all = *static_cast<Count*>(of);
                    all.done = --all.left == 0;
                };
                if (tasks.back().start(one_done, &count, nullptr)) one_done(&count);
            }
            if (!count.done) own.run_until(count.done);
            for (Task<std::string>& task : tasks)
                EXPECT_THAT(task.take_result(), StartsWith("$argon2id$"));
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(narrow.hashed(), 32u);
    EXPECT_LE(narrow.most_at_once(), 2u);
}

TEST(PasswordHasher, RefusesSettingsThatCanNotBeRight) {
    const auto with = [](auto change) {
        PasswordOptions options = light();
        change(options);
        return options;
    };
    EXPECT_THROW(PasswordHasher(with([](auto& o) { o.memory_kib = 7; })), std::invalid_argument);
    EXPECT_THROW(PasswordHasher(with([](auto& o) { o.memory_kib = 1u << 21; })),
                 std::invalid_argument);
    EXPECT_THROW(PasswordHasher(with([](auto& o) { o.passes = 0; })), std::invalid_argument);
    EXPECT_THROW(PasswordHasher(with([](auto& o) { o.lanes = 0; })), std::invalid_argument);
    EXPECT_THROW(PasswordHasher(with([](auto& o) { o.at_once = 0; })), std::invalid_argument);
}

// Tasks that hold a permit until they are told to go.
struct GateTest : ::testing::Test {
    LocalLoop loop;
    LocalLoop::Enter enter{loop};
    auth::Gate gate{1, 2};

    void turn() {
        bool done = false;
        Task<> task = yield();
        if (!task.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &done, nullptr))
            loop.run_until(done);
    }
};

TEST_F(GateTest, LetsTheNextInWhenOneLeaves) {
    auto first = std::make_unique<auth::Gate::Permit>(loop.run(gate.enter()));
    Task<auth::Gate::Permit> second = gate.enter();
    Task<auth::Gate::Permit> third = gate.enter();
    ASSERT_FALSE(second.start([](void*) {}, nullptr, nullptr));
    ASSERT_FALSE(third.start([](void*) {}, nullptr, nullptr));
    EXPECT_THROW((void)loop.run(gate.enter()), Error) << "two wait already";

    first.reset();
    turn();
    auto got = std::make_unique<auth::Gate::Permit>(second.take_result());
    got.reset();
    turn();
    (void)third.take_result();
    turn();
    (void)loop.run(gate.enter());
}

TEST_F(GateTest, PassesOnWhatWasMeantForOneWhoLeft) {
    auto first = std::make_unique<auth::Gate::Permit>(loop.run(gate.enter()));
    Cancellation leaves;
    {
        Task<auth::Gate::Permit> second = gate.enter();
        ASSERT_FALSE(second.start([](void*) {}, nullptr, &leaves));
        Task<auth::Gate::Permit> third = gate.enter();
        ASSERT_FALSE(third.start([](void*) {}, nullptr, nullptr));
        first.reset();                             // for the second, on its way
        leaves.request(CancelReason::client_gone); // which leaves before it came
        EXPECT_THROW((void)second.take_result(), Cancelled);
        turn();
        turn();
        (void)third.take_result();
        Task<auth::Gate::Permit> never_started = gate.enter();
    }
    {
        auto held = std::make_unique<auth::Gate::Permit>(loop.run(gate.enter()));
        Task<auth::Gate::Permit> dropped = gate.enter();
        ASSERT_FALSE(dropped.start([](void*) {}, nullptr, nullptr));
        held.reset();
    }
    turn();
    (void)loop.run(gate.enter()); // would wait for ever if a permit had been lost
}

// What others wrote: Debian's python3-argon2 and python3-bcrypt.
std::string python(const std::string& program, const std::string& input) {
    const Ran ran = run({"/usr/bin/python3", "-c", program, input});
    return ran.status == 0 ? ran.output : "failed: " + ran.output;
}

TEST_F(Passwords, AreVerifiedByOthersAndTheOtherWayRound) {
    if (run({"/usr/bin/python3", "-c", "import argon2, bcrypt"}).status != 0)
        GTEST_SKIP() << "python3-argon2 and python3-bcrypt are not installed";
    EXPECT_EQ(python("import argon2, sys; print(argon2.PasswordHasher().verify(sys.argv[1], 'pä'))",
                     hash("pä")),
              "True\n");
    std::string theirs = python("import argon2; print(argon2.PasswordHasher(time_cost=1, "
                                "memory_cost=64, parallelism=2).hash('pä'), end='')",
                                "");
    EXPECT_TRUE(verify("pä", theirs).matches) << theirs;
    EXPECT_FALSE(verify("pa", theirs).matches);
    theirs = python("import bcrypt; print(bcrypt.hashpw('pä'.encode(), "
                    "bcrypt.gensalt(5)).decode(), end='')",
                    "");
    EXPECT_TRUE(verify("pä", theirs).matches) << theirs;
    EXPECT_FALSE(verify("pa", theirs).matches);
}

} // namespace
} // namespace armature::testing
