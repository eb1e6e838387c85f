#include "support/redis_server.hpp"

#include <armature/core/cancellation.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/redis/pub_sub.hpp>
#include <armature/store/pub_sub.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace armature::testing {
namespace {

class PubSubs : public ::testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        if (!GetParam()) {
            shared_ = std::make_shared<MemoryPubSub>();
            return;
        }
        ARMATURE_NEEDS_REDIS();
        server_ = std::make_unique<RedisServer>();
        shared_ = connect();
    }
    std::shared_ptr<PubSub> connect() {
        RedisOptions options;
        options.url = server_->url();
        options.connect_timeout = options.timeout = Duration::seconds(30);
        return std::make_shared<RedisPubSub>(std::make_shared<Redis>(options));
    }
    // Another process's, as far as the engine can tell.
    std::shared_ptr<PubSub> another() { return GetParam() ? connect() : shared_; }

    std::unique_ptr<RedisServer> server_;
    std::shared_ptr<PubSub> shared_;
    LocalLoop loop_;
};
INSTANTIATE_TEST_SUITE_P(All, PubSubs, ::testing::Bool(), [](const auto& which) {
    return std::string{which.param ? "Redis" : "Memory"};
});

TEST_P(PubSubs, BringMessagesToWhoListens) {
    using namespace std::string_literals;
    const auto other = another();
    loop_.run(other->publish("news", "too early"));
    Subscription first = loop_.run(shared_->subscribe("news"));
    Subscription second = loop_.run(shared_->subscribe("news"));
    Subscription elsewhere = loop_.run(shared_->subscribe("weather"));
    loop_.run(other->publish("news", "one\r\n\0"s));
    loop_.run(other->publish("news", "two"));
    loop_.run(other->publish("weather", "rain"));
    for (Subscription* const one : {&first, &second}) {
        EXPECT_EQ(loop_.run(one->next()), "one\r\n\0"s);
        EXPECT_EQ(loop_.run(one->next()), "two");
    }
    EXPECT_EQ(loop_.run(elsewhere.next()), "rain");
}

TEST_P(PubSubs, CrossLoops) {
    std::atomic<int> ready = 0;
    std::atomic<int> sum = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&] {
            LocalLoop loop;
            Subscription all = loop.run(shared_->subscribe("numbers"));
            ++ready;
            for (int n = 0; n < 100; ++n)
                sum += std::stoi(loop.run(all.next()));
        });
    while (ready < 3)
        std::this_thread::yield();
    for (int n = 0; n < 100; ++n)
        loop_.run(shared_->publish("numbers", std::to_string(n)));
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(sum, 3 * 4950);
}

TEST_P(PubSubs, LetSlowReadersMissTheOldest) {
    Subscription slow = loop_.run(shared_->subscribe("news"));
    const auto other = another();
    for (std::size_t i = 0; i < PubSub::inbox_size + 10; ++i)
        loop_.run(other->publish("news", std::to_string(i)));
    // Until the last one is there: the engine may take its time.
    Subscription mark = loop_.run(shared_->subscribe("mark"));
    loop_.run(other->publish("mark", ""));
    (void)loop_.run(mark.next());
    EXPECT_EQ(slow.missed(), 10u);
    EXPECT_EQ(loop_.run(slow.next()), "10");
}

TEST_P(PubSubs, EndAWaitThatIsCancelled) {
    Subscription one = loop_.run(shared_->subscribe("news"));
    const LocalLoop::Enter enter{loop_};
    Cancellation cancellation;
    bool ended = false;
    Task<std::string> waits = one.next();
    ASSERT_FALSE(
        waits.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &ended, &cancellation));
    cancellation.request(CancelReason::client_gone);
    EXPECT_TRUE(ended);
    EXPECT_THROW((void)waits.take_result(), Cancelled);
    loop_.run(shared_->publish("news", "later"));
    EXPECT_EQ(loop_.run(one.next()), "later");
}

TEST(MemoryPubSub, ForgetsWhoLeft) {
    MemoryPubSub shared;
    LocalLoop loop;
    {
        const Subscription one = loop.run(shared.subscribe("news"));
        Subscription two = loop.run(shared.subscribe("news"));
        EXPECT_EQ(shared.subscribers("news"), 2u);
        two = loop.run(shared.subscribe("weather"));
        EXPECT_EQ(shared.subscribers("news"), 1u);
    }
    EXPECT_EQ(shared.subscribers("news"), 0u);
    EXPECT_EQ(shared.subscribers("weather"), 0u);
}

TEST(RedisPubSub, LeavesChannelsThatNobodyListensTo) {
    ARMATURE_NEEDS_REDIS();
    const RedisServer server;
    RedisOptions options;
    options.url = server.url();
    RedisPubSub shared{std::make_shared<Redis>(options)};
    LocalLoop loop;
    const Subscription stays = loop.run(shared.subscribe("stays"));
    {
        const Subscription leaves = loop.run(shared.subscribe("leaves"));
        EXPECT_EQ(server.cli("PUBSUB NUMSUB armature:stays armature:leaves"),
                  "armature:stays\n1\narmature:leaves\n1\n");
    }
    while (server.cli("PUBSUB NUMSUB armature:leaves") != "armature:leaves\n0\n")
        loop.run(sleep_for(Duration::milliseconds(1)));
}

TEST(RedisPubSub, KeepsItsSubscriptionsWhenTheServerComesBack) {
    ARMATURE_NEEDS_REDIS();
    RedisServer server;
    RedisOptions options;
    options.url = server.url();
    options.first_pause = Duration::milliseconds(1);
    RedisPubSub shared{std::make_shared<Redis>(options)};
    LocalLoop loop;
    Subscription news = loop.run(shared.subscribe("news"));
    server.kill();
    loop.run(sleep_for(Duration::milliseconds(1)));
    EXPECT_THROW((void)loop.run(shared.subscribe("other")), RedisError);
    server.start();
    while (server.cli("PUBLISH armature:news back") != "1\n")
        loop.run(sleep_for(Duration::milliseconds(1)));
    EXPECT_EQ(loop.run(news.next()), "back");
}

} // namespace
} // namespace armature::testing
