#include <armature/core/error.hpp>
#include <armature/core/response.hpp>
#include <armature/core/scheduler.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {
namespace {

TEST(Response, HasAShortFormForEachUsualContent) {
    EXPECT_EQ(Response::text("a").headers().get(Field::content_type), "text/plain; charset=utf-8");
    EXPECT_EQ(Response::html("a").headers().get(Field::content_type), "text/html; charset=utf-8");
    EXPECT_EQ(Response::json("{}").headers().get(Field::content_type), "application/json");
    EXPECT_EQ(Response::json("{}").body().text(), "{}");
    EXPECT_EQ(Response::no_content().status(), Status::no_content);
    EXPECT_EQ(Response{}.status(), Status::ok);
    EXPECT_EQ(Response{Status::created}.status(), Status::created);
    EXPECT_EQ(Response{Body::view("x")}.body().text(), "x");
}

TEST(Response, Redirects) {
    const Response found = Response::redirect("/there");
    EXPECT_EQ(found.status(), Status::found);
    EXPECT_EQ(found.headers().get(Field::location), "/there");
    EXPECT_EQ(Response::redirect("/", Status::see_other).status(), Status::see_other);
    EXPECT_THROW(static_cast<void>(Response::redirect("/a\r\nset-cookie: b")),
                 std::invalid_argument);
}

TEST(Response, TellsAProblem) {
    const Response response = Response::problem(Status::conflict, "Taken");
    EXPECT_EQ(response.status(), Status::conflict);
    EXPECT_EQ(response.headers().get(Field::content_type), "application/problem+json");
    EXPECT_EQ(response.body().text(),
              R"({"type":"about:blank","title":"Conflict","status":409,"detail":"Taken"})");
}

TEST(Response, IsBuiltByChaining) {
    Response response =
        Response::text("a").status(Status::accepted).header("x-a", "1").header(Field::vary, "x");
    response.header("x-a", "2").status(Status::created).body(std::string{"b"});
    EXPECT_EQ(response.status(), Status::created);
    EXPECT_EQ(response.headers().get("x-a"), "2");
    EXPECT_EQ(response.headers().get(Field::vary), "x");
    EXPECT_EQ(response.body().text(), "b");
    EXPECT_THROW(response.header("x", "a\nb"), std::invalid_argument);
}

TEST(Response, HasOneContentType) {
    Response response = Response::html("a");
    response.set_content("text/plain", Body::view("b"));
    int types = 0;
    response.headers().all(Field::content_type, [&types](std::string_view) { ++types; });
    EXPECT_EQ(types, 1);
    EXPECT_EQ(response.headers().get(Field::content_type), "text/plain");
    EXPECT_EQ(response.body().text(), "b");
}

TEST(Response, ResetsToAnEmpty200) {
    Response response = Response::problem(Status::conflict);
    response.reset();
    EXPECT_EQ(response.status(), Status::ok);
    EXPECT_TRUE(response.headers().empty());
    EXPECT_TRUE(response.body().empty());
}

TEST(Response, Upgrades) {
    const auto handler = [](ByteStream& stream) -> Task<> {
        Task<> task = stream.write("hello");
        co_await std::move(task);
    };
    Response response = Response::upgrade("echo", handler);
    EXPECT_EQ(response.status(), Status::switching_protocols);
    EXPECT_EQ(response.headers().get(Field::upgrade), "echo");
    ASSERT_NE(response.upgrade_handler(), nullptr);

    class Recorder final : public ByteStream {
      public:
        std::optional<std::string_view> begin_read(Reader&) override { return ""; }
        void stop_reading() noexcept override {}
        Task<> write(std::string_view bytes) override {
            written += bytes;
            co_return;
        }
        std::string written;
    };
    Recorder stream;
    LocalLoop loop;
    loop.run(response.upgrade_handler()->run(stream));
    EXPECT_EQ(stream.written, "hello");
}

// --- streams ------------------------------------------------------------------------------------

Task<std::string> collect(BodyStream& stream, std::string* turns = nullptr) {
    std::string all;
    for (;;) {
        if (turns != nullptr) *turns += 'r';
        const std::optional<std::string_view> piece = co_await stream.next();
        if (!piece) break;
        EXPECT_FALSE(piece->empty());
        all += '[';
        all += *piece;
        all += ']';
    }
    co_return all;
}

TEST(ResponseStream, GivesWhatTheProducerWrites) {
    Response response = Response::stream([](BodyWriter& out) -> Task<> {
        co_await out.write("one");
        co_await out.write("");
        co_await out.write("two");
    });
    EXPECT_EQ(response.body().kind(), Body::Kind::stream);
    EXPECT_EQ(response.body().size(), std::nullopt);
    LocalLoop loop;
    EXPECT_EQ(loop.run(collect(response.body().stream())), "[one][two]");
}

TEST(ResponseStream, TakesTurns) {
    std::string turns;
    Response response = Response::stream([&turns](BodyWriter& out) -> Task<> {
        for (int i = 0; i < 3; ++i) {
            turns += 'w';
            co_await out.write("x");
        }
        turns += 'e';
    });
    EXPECT_EQ(turns, "") << "nothing is produced before somebody reads";
    LocalLoop loop;
    EXPECT_EQ(loop.run(collect(response.body().stream(), &turns)), "[x][x][x]");
    EXPECT_EQ(turns, "rwrwrwre");
}

TEST(ResponseStream, WaitsForAProducerThatWaits) {
    Response response = Response::stream([](BodyWriter& out) -> Task<> {
        for (int i = 0; i < 3; ++i) {
            co_await yield();
            co_await out.write("x");
            co_await sleep_for(Duration::milliseconds(1));
        }
        co_await yield();
    });
    LocalLoop loop;
    EXPECT_EQ(loop.run(collect(response.body().stream())), "[x][x][x]");
}

TEST(ResponseStream, MayBeEmpty) {
    Response response = Response::stream([](BodyWriter&) -> Task<> { co_return; });
    LocalLoop loop;
    EXPECT_EQ(loop.run(collect(response.body().stream())), "");
    EXPECT_EQ(loop.run(collect(response.body().stream())), "") << "and stays at its end";
}

TEST(ResponseStream, CarriesManyPiecesOnOneStack) {
    const auto produce = [](bool waits) {
        return [waits](BodyWriter& out) -> Task<> {
            for (int i = 0; i < 50'000; ++i) {
                if (waits) co_await yield();
                co_await out.write("x");
            }
        };
    };
    LocalLoop loop;
    for (const bool waits : {false, true}) {
        Response response = Response::stream(produce(waits));
        EXPECT_EQ(loop.run(response.body().stream().read_all(1'000'000)).size(), 50'000u);
    }
}

TEST(ResponseStream, HasTrailers) {
    Response response = Response::stream([](BodyWriter& out) -> Task<> {
        co_await out.write("x");
        out.trailer("x-checksum", "abc");
    });
    LocalLoop loop;
    static_cast<void>(loop.run(collect(response.body().stream())));
    ASSERT_NE(response.body().stream().trailers(), nullptr);
    EXPECT_EQ(response.body().stream().trailers()->get("x-checksum"), "abc");
}

TEST(ResponseStream, PassesOnWhatTheProducerThrows) {
    Response at_once = Response::stream([](BodyWriter&) -> Task<> {
        throw std::runtime_error("at once");
        co_return;
    });
    Response after_a_piece = Response::stream([](BodyWriter& out) -> Task<> {
        co_await out.write("x");
        throw std::runtime_error("later");
    });
    Response late = Response::stream([](BodyWriter& out) -> Task<> {
        co_await yield();
        co_await out.write("x");
        co_await yield();
        throw std::runtime_error("late");
    });
    Response no_coroutine =
        Response::stream([](BodyWriter&) -> Task<> { throw std::runtime_error("no coroutine"); });
    LocalLoop loop;
    for (Response* response : {&at_once, &after_a_piece, &late, &no_coroutine}) {
        EXPECT_THROW(static_cast<void>(loop.run(collect(response->body().stream()))),
                     std::runtime_error);
        EXPECT_EQ(loop.run(collect(response->body().stream())), "") << "told once";
    }
}

TEST(ResponseStream, DestroysAProducerHalfWay) {
    int alive = 0;
    struct Counted {
        explicit Counted(int& count) noexcept : alive(&count) { ++*alive; }
        Counted(Counted&& other) noexcept : alive(other.alive) { ++*alive; }
        ~Counted() { --*alive; }
        int* alive;
    };
    LocalLoop loop;
    {
        Response response =
            Response::stream([captured = Counted{alive}](BodyWriter& out) -> Task<> {
                const Counted local{*captured.alive};
                for (;;)
                    co_await out.write("x");
            });
        EXPECT_EQ(loop.run(response.body().stream().next()), "x");
        EXPECT_EQ(alive, 2);
    }
    EXPECT_EQ(alive, 0);
    {
        const Response never_read = Response::stream(
            [captured = Counted{alive}](BodyWriter& out) -> Task<> { co_await out.write("x"); });
        EXPECT_EQ(alive, 1);
    }
    EXPECT_EQ(alive, 0);
}

TEST(ResponseStream, SurvivesAReaderThatIsDestroyedWhileItWaits) {
    Response response = Response::stream([](BodyWriter& out) -> Task<> {
        co_await sleep_for(Duration::milliseconds(1));
        co_await out.write("first");
        co_await out.write("second");
    });
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    {
        auto abandoned = response.body().stream().next();
        ASSERT_FALSE(abandoned.start([](void*) { FAIL(); }, nullptr, nullptr));
    }
    loop.run(sleep_for(Duration::milliseconds(5)));
    EXPECT_EQ(loop.run(collect(response.body().stream())), "[first][second]");
}

TEST(ResponseStream, CancelsAProducerThatWaits) {
    Response response = Response::stream([](BodyWriter& out) -> Task<> {
        co_await out.write("x");
        co_await sleep_for(Duration::seconds(60));
    });
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    Cancellation cancellation;
    Task<std::string> task = collect(response.body().stream());
    bool is_done = false;
    ASSERT_FALSE(
        task.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &is_done, &cancellation));
    cancellation.request(CancelReason::client_gone);
    ASSERT_TRUE(is_done);
    EXPECT_THROW(static_cast<void>(task.take_result()), Cancelled);
}

TEST(ResponseStream, MayOutliveTheResponseItWasMadeIn) {
    Body body;
    {
        Response response =
            Response::stream([text = std::string(100, 'y')](BodyWriter& out) -> Task<> {
                co_await out.write(text);
            });
        body = std::move(response.body());
    }
    LocalLoop loop;
    EXPECT_EQ(loop.run(body.stream().read_all(1000)), std::string(100, 'y'));
}

} // namespace
} // namespace armature
