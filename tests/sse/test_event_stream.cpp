#include "support/process.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

#include <armature/core/scheduler.hpp>
#include <armature/sse/event_stream.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;

struct Seen {
    std::atomic<int> open{0};
    std::atomic<std::uint64_t> sent{0};
    std::atomic<bool> shut_down{false};
};

// Counts the producers that are alive.
struct Open {
    explicit Open(Seen& in) : seen(&in) { ++seen->open; }
    Open(Open&& other) noexcept : seen(std::exchange(other.seen, nullptr)) {}
    ~Open() {
        if (seen != nullptr) --seen->open;
    }
    Seen* seen;
};

Application make_events_app(Seen& seen) {
    Seen* s = &seen;
    return App::create()
        .route("/three", get([](LastEventId last) {
                   return EventStream{
                       [next = last.number().value_or(0) + 1](EventWriter& out) -> Task<> {
                           for (std::uint64_t i = next; i <= 3; ++i) {
                               const std::string id = std::to_string(i);
                               co_await out.send(Event{}.id(id).type("tick").data("n=" + id));
                           }
                       }};
               }))
        .route("/quiet", get([s] {
                   return EventStream{[s](EventWriter&) -> Task<> {
                              const Open open{*s};
                              try {
                                  co_await sleep_for(Duration::seconds(3600));
                              } catch (const Cancelled& cancelled) {
                                  s->shut_down = cancelled.reason() == CancelReason::shutdown;
                                  throw;
                              }
                          }}
                       .heartbeat(Duration::milliseconds(20));
               }))
        .route("/firehose", get([s] {
                   return EventStream{[s](EventWriter& out) -> Task<> {
                       const Open open{*s};
                       const Event event = Event{}.data(std::string(1000, 'f'));
                       for (;;) {
                           co_await out.send(event);
                           s->sent += event.text().size();
                       }
                   }};
               }))
        .route("/fails", get([] {
                   return EventStream{[](EventWriter& out) -> Task<> {
                       co_await out.send(Event{}.data("last"));
                       throw std::runtime_error("broken");
                   }};
               }))
        .build();
}

class EventStreams : public ::testing::Test {
  protected:
    Seen seen;
    TestServer server{make_events_app(seen)};
};

TEST_F(EventStreams, AreReadByCurl) {
    const Ran ran = run({"curl", "-sSi", "--max-time", "20", server.url("/three")});
    EXPECT_EQ(ran.status, 0) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("content-type: text/event-stream\r\n"));
    EXPECT_THAT(ran.output, HasSubstr("cache-control: no-cache\r\n"));
    EXPECT_THAT(ran.output, HasSubstr("x-accel-buffering: no\r\n"));
    EXPECT_THAT(ran.output,
                HasSubstr("\r\n\r\nid: 1\nevent: tick\ndata: n=1\n\nid: 2\nevent: tick\n"
                          "data: n=2\n\nid: 3\nevent: tick\ndata: n=3\n\n"));
}

TEST_F(EventStreams, GoOnAfterTheLastEventThatAClientSaw) {
    const Ran ran =
        run({"curl", "-sS", "--max-time", "20", "-H", "Last-Event-ID: 2", server.url("/three")});
    EXPECT_EQ(ran.output, "id: 3\nevent: tick\ndata: n=3\n\n");
}

TEST_F(EventStreams, AnswerHeadWithoutStarting) {
    RawClient client{server.address()};
    client.send("HEAD /quiet HTTP/1.1\r\nHost: test\r\n\r\n");
    const WireResponse head = client.response(true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-type"), "text/event-stream");
    EXPECT_EQ(seen.open, 0);
}

TEST_F(EventStreams, SendHeartbeatsWhileThereIsNothingToSay) {
    RawClient client{server.address()};
    client.get("/quiet");
    std::string got;
    while (got.find(":\n\n\r\n3\r\n:\n\n") == std::string::npos)
        got += client.bytes();
    EXPECT_EQ(seen.open, 1);
    client.close();
    EXPECT_TRUE(eventually([&] { return seen.open == 0; })) << "the producer outlived its client";
}

TEST_F(EventStreams, WaitForClientsThatReadSlowly) {
    RawClient client{server.address(), 4096};
    client.get("/firehose");
    std::uint64_t before = 0;
    // It stops when the kernel's buffers are full: twice the same amount, with reads in between.
    EXPECT_TRUE(eventually([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        return before == std::exchange(before, seen.sent.load()) && before > 0;
    }));
    EXPECT_LT(before, 16U * 1024 * 1024);
    for (std::uint64_t read = 0; read < 8 * before;)
        read += client.bytes().size();
    EXPECT_GT(seen.sent, before);
    client.reset();
    EXPECT_TRUE(eventually([&] { return seen.open == 0; }));
}

TEST_F(EventStreams, EndInOrderWhenTheServerBeginsToShutDown) {
    RawClient client{server.address()};
    client.get("/quiet");
    ASSERT_TRUE(eventually([&] { return seen.open == 1; }));
    server.begin_stop();
    const WireResponse response = client.response();
    EXPECT_TRUE(response.complete);
    EXPECT_TRUE(seen.shut_down);
    server.stop();
}

TEST_F(EventStreams, BreakOffWhenTheProducerFails) {
    RawClient client{server.address()};
    client.get("/fails");
    const std::string all = client.rest();
    EXPECT_THAT(all, HasSubstr("data: last\n\n"));
    EXPECT_FALSE(all.ends_with("0\r\n\r\n"));
}

} // namespace
} // namespace armature::testing
