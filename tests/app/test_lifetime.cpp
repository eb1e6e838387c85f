// Limits, time-outs, and who outlives whom while a handler waits: most of this is for the
// sanitizers.

#include "app/support.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace armature {

struct Person {
    std::string name;
};
ARMATURE_DESCRIBE(Person, name);

// Tells when it goes.
struct Guarded {
    explicit Guarded(std::string made) : text(std::move(made)) {}
    std::string text;
};
template <>
struct Extract<Guarded> {
    static Guarded from(const ExtractInput&) { return Guarded{std::string(100, 'g')}; }
};

namespace {

using test::answer;
using test::problem;

class Pieces final : public BodyStream {
  public:
    explicit Pieces(std::vector<std::string> pieces, std::optional<std::uint64_t> size = {})
        : pieces_(std::move(pieces)), size_(size) {}
    Task<std::optional<std::string_view>> next() override {
        co_await yield();
        if (at_ == pieces_.size()) co_return std::nullopt;
        co_return pieces_[at_++];
    }
    std::optional<std::uint64_t> size() const noexcept override { return size_; }

  private:
    std::vector<std::string> pieces_;
    std::size_t at_ = 0;
    std::optional<std::uint64_t> size_;
};

Request streaming(std::string_view target, std::vector<std::string> pieces) {
    return Request{Method::post, target}
        .set_header("content-type", "application/json")
        .set_body(Body{std::make_unique<Pieces>(std::move(pieces))});
}

TEST(Content, IsBufferedForThoseWhoWantAllOfIt) {
    const Application app =
        App::create()
            .route("/bytes", armature::post([](Bytes bytes) { return std::string{bytes.view()}; }))
            .route("/json", armature::post([](const Json<Person>& person) -> Task<std::string> {
                       co_await yield();
                       co_return person->name;
                   }))
            .build();
    EXPECT_EQ(answer(app.handle(streaming("/bytes", {"one ", "two"}))), "200 one two");
    EXPECT_EQ(answer(app.handle(streaming("/bytes", {}))), "200 ");
    EXPECT_EQ(answer(app.handle(streaming("/json", {"{\"name\"", ":\"ann\"}"}))), "200 ann");
    EXPECT_EQ(app.handle(streaming("/json", {"{"})).status(), Status::bad_request);
}

TEST(Content, IsLeftToThoseWhoReadItThemselves) {
    const Application app =
        App::create()
            .route("/", armature::post([](Request& request) -> Task<std::string> {
                       int pieces = 0;
                       while (co_await request.body().stream().next())
                           ++pieces;
                       co_return std::to_string(pieces);
                   }))
            .build();
    EXPECT_EQ(answer(app.handle(streaming("/", {"a", "b", "c"}))), "200 3");
}

TEST(Content, OverTheLimitIsRefused) {
    const Application app =
        App::create()
            .body_limit(10)
            .route("/ten",
                   armature::post([](Bytes bytes) { return std::to_string(bytes.view().size()); }))
            .route("/twenty", armature::post([](Bytes bytes) {
                                  return std::to_string(bytes.view().size());
                              }).body_limit(20))
            .service(
                scope("/scope").body_limit(5).route("/", armature::post([](Bytes) { return "x"; })))
            .route("/read", armature::post([](Request& request) -> Task<std::string> {
                       while (co_await request.body().stream().next()) {
                       }
                       co_return "all";
                   }))
            .build();
    const auto send = [&app](std::string_view target, std::size_t size) {
        const Response response =
            app.handle(Request::post(target, std::string(size, 'x'), "text/plain"));
        std::vector<std::string> pieces(size, "x");
        const Response streamed = app.handle(streaming(target, std::move(pieces)));
        EXPECT_EQ(response.status(), streamed.status()) << target << ' ' << size;
        return response.status();
    };
    EXPECT_EQ(send("/ten", 10), Status::ok);
    EXPECT_EQ(send("/ten", 11), Status::content_too_large);
    EXPECT_EQ(send("/twenty", 20), Status::ok);
    EXPECT_EQ(send("/twenty", 21), Status::content_too_large);
    EXPECT_EQ(send("/scope", 5), Status::ok);
    EXPECT_EQ(send("/scope", 6), Status::content_too_large);
    EXPECT_EQ(app.handle(streaming("/read", {"0123456789"})).status(), Status::ok);
    EXPECT_EQ(app.handle(streaming("/read", {"0123456789", "x"})).status(),
              Status::content_too_large);
    const Response refused = app.handle(Request::post("/ten", std::string(11, 'x'), "text/plain"));
    EXPECT_NE(std::string{problem(refused)["detail"]}.find("10 bytes"), std::string::npos);
}

// --- time-outs and cancellation -----------------------------------------------------------------

TEST(Timeout, CancelsTheHandlerAndAnswers503) {
    bool was_cancelled = false;
    const Application app =
        App::create()
            .route("/", get([&was_cancelled](Request& request) -> Task<std::string> {
                            try {
                                co_await sleep_for(Duration::seconds(60));
                            } catch (const Cancelled& cancelled) {
                                was_cancelled = cancelled.reason() == CancelReason::deadline &&
                                                request.cancellation()->requested();
                                throw;
                            }
                            co_return "late";
                        }).timeout(Duration::milliseconds(5)))
            .build();
    const Response response = app.handle(Request::get("/"));
    EXPECT_EQ(response.status(), Status::service_unavailable);
    problem(response);
    EXPECT_TRUE(was_cancelled);
}

TEST(Timeout, IsTheInnermostOneThatIsSet) {
    const auto sleeps = []() -> Task<std::string> {
        co_await sleep_for(Duration::milliseconds(20));
        co_return "done";
    };
    const Application app =
        App::create()
            .timeout(Duration::milliseconds(1))
            .route("/root", get(sleeps))
            .route("/none", get(sleeps).timeout(Duration{}))
            .service(scope("/scope").timeout(Duration::seconds(60)).route("/", get(sleeps)))
            .build();
    EXPECT_EQ(app.handle(Request::get("/root")).status(), Status::service_unavailable);
    EXPECT_EQ(answer(app, "/none"), "200 done");
    EXPECT_EQ(answer(app, "/scope"), "200 done");
}

TEST(Timeout, ReachesEveryMiddleware) {
    std::vector<std::string> log;
    const auto watch = [&log](std::string name) {
        return [&log, name](Request& request, Next next) -> Task<Response> {
            try {
                co_return co_await next(request);
            } catch (const Cancelled&) {
                log.push_back(name);
                throw;
            }
        };
    };
    const Application app = App::create()
                                .timeout(Duration::milliseconds(1))
                                .wrap(watch("outer"))
                                .wrap(watch("inner"))
                                .route("/", get([]() -> Task<std::string> {
                                           co_await sleep_for(Duration::seconds(60));
                                           co_return "late";
                                       }))
                                .build();
    EXPECT_EQ(app.handle(Request::get("/")).status(), Status::service_unavailable);
    EXPECT_EQ(log, (std::vector<std::string>{"inner", "outer"}));
}

TEST(Timeout, LetsBlockingWorkFinish) {
    bool has_run = false;
    const Application app = App::create()
                                .timeout(Duration::milliseconds(1))
                                .route("/", get([&has_run]() -> Task<std::string> {
                                           auto work = [&has_run] {
                                               const std::int64_t until = steady_now() + 10;
                                               while (steady_now() < until) {
                                               }
                                               has_run = true;
                                           };
                                           co_await blocking(work);
                                           co_return "late";
                                       }))
                                .build();
    EXPECT_EQ(app.handle(Request::get("/")).status(), Status::service_unavailable);
    EXPECT_TRUE(has_run);
}

// An exchange as an adapter keeps it: reused for one request after the other.
class ReusedExchange final : public Exchange {
  public:
    using Exchange::reset;
    int completions = 0;

  private:
    void completed() override { ++completions; }
};

TEST(Exchange, MayBeCancelledAndReused) {
    const Application app = App::create()
                                .wrap([](Request& request, Next next) -> Task<Response> {
                                    co_await yield();
                                    co_return co_await next(request);
                                })
                                .route("/", get([](Guarded guarded) -> Task<std::string> {
                                           co_await sleep_for(Duration::seconds(60));
                                           co_return guarded.text;
                                       }))
                                .build();
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    ReusedExchange exchange;
    for (int i = 1; i <= 3; ++i) {
        exchange.request.head().path = "/";
        static_cast<void>(app.dispatcher().route(exchange));
        ASSERT_FALSE(app.dispatcher().dispatch(exchange));
        loop.run(yield());
        EXPECT_EQ(exchange.completions, i - 1);
        exchange.cancellation.request(CancelReason::client_gone);
        EXPECT_EQ(exchange.completions, i) << "exactly once, and at once";
        EXPECT_EQ(exchange.response.status(), Status::service_unavailable);
        exchange.reset();
    }
}

// The exchange may be gone when `completed` returns: nothing may touch it afterwards.
TEST(Exchange, MayBeResetWhileItCompletes) {
    class SelfResetting final : public Exchange {
      public:
        std::string text;

      private:
        void completed() override {
            text = response.body().text();
            reset();
        }
    };
    const Application app =
        App::create()
            .wrap([](Request& request, Next next) -> Task<Response> {
                Response response = co_await next(request);
                co_await yield();
                co_return response;
            })
            .wrap([](Request& request, Next next) -> Task<Response> {
                co_return co_await next(request);
            })
            .route("/",
                   armature::post([](const Guarded& guarded, Bytes bytes) -> Task<std::string> {
                       co_await yield();
                       co_return guarded.text + std::string{bytes.view()};
                   }))
            .build();
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    SelfResetting exchange;
    for (int i = 0; i < 3; ++i) {
        exchange.text.clear();
        exchange.request.head().method = Method::post;
        exchange.request.head().path = "/";
        exchange.request.set_body(Body{std::make_unique<Pieces>(std::vector<std::string>{"x"})});
        static_cast<void>(app.dispatcher().route(exchange));
        ASSERT_FALSE(app.dispatcher().dispatch(exchange));
        while (exchange.text.empty())
            loop.run(yield());
        EXPECT_EQ(exchange.text, std::string(100, 'g') + "x");
    }
}

TEST(Exchange, MayGoWhileItsHandlerWaits) {
    const Application app =
        App::create()
            .wrap([](Request& request, Next next) -> Task<Response> {
                co_return co_await next(request);
            })
            .route("/yield", get([](const Guarded& guarded) -> Task<std::string> {
                       co_await yield();
                       co_return guarded.text;
                   }))
            .route("/block", get([](const Guarded& guarded) -> Task<std::string> {
                       auto work = [] { return std::string(100, 'w'); };
                       co_return guarded.text + co_await blocking(work);
                   }))
            .build();
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    for (const char* path : {"/yield", "/block"}) {
        auto exchange = std::make_unique<ReusedExchange>();
        exchange->request.head().path = path;
        static_cast<void>(app.dispatcher().route(*exchange));
        ASSERT_FALSE(app.dispatcher().dispatch(*exchange));
        exchange.reset();
        loop.run(yield());
    }
}

// --- arguments ----------------------------------------------------------------------------------

TEST(Arguments, TakenByReferenceSurviveEverySuspension) {
    const Application app =
        App::create()
            .data(Person{"state"})
            .route("/{a}/{b}",
                   armature::post([](const Json<Person>& person, const Path<std::string>& a,
                                     const Guarded& guarded, const Path<std::string>& b,
                                     const State<Person>& state,
                                     const Request& request) -> Task<std::string> {
                       std::string text;
                       for (int i = 0; i < 3; ++i) {
                           co_await sleep_for(Duration::milliseconds(1));
                           co_await yield();
                           text = person->name + *a + guarded.text + *b + state->name +
                                  std::string{request.route()};
                       }
                       co_return text;
                   }))
            .build();
    const std::string name(50, 'n');
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(
            answer(app.handle(Request::post("/" + std::string(40, 'a') + "/" + std::string(40, 'b'),
                                            "{\"name\":\"" + name + "\"}", "application/json"))),
            "200 " + name + std::string(40, 'a') + std::string(100, 'g') + std::string(40, 'b') +
                "state/{a}/{b}");
}

TEST(Arguments, TakenByValueMoveIntoTheHandler) {
    const Application app =
        App::create()
            .route("/", armature::post([](Json<Person> person, Guarded first,
                                          Guarded&& second) -> Task<std::string> {
                       co_await yield();
                       co_return person->name + first.text + second.text;
                   }))
            .build();
    EXPECT_EQ(answer(app.handle(Request::post("/", R"({"name":"ann"})", "application/json"))),
              "200 ann" + std::string(200, 'g'));
}

TEST(Arguments, AreMadeAnewForEveryAttempt) {
    const Application app =
        App::create()
            .wrap([](Request& request, Next next) -> Task<Response> {
                static_cast<void>(co_await next(request));
                co_return co_await next(request);
            })
            .route("/", armature::post([](const Guarded& guarded, const Json<Person>& person,
                                          Request& request) -> Task<std::string> {
                       request.set(request.find<int>() != nullptr ? *request.find<int>() + 1 : 1);
                       co_await yield();
                       co_return guarded.text + person->name + std::to_string(*request.find<int>());
                   }))
            .build();
    EXPECT_EQ(answer(app.handle(streaming("/", {R"({"name":)", R"("ann"})"}))),
              "200 " + std::string(100, 'g') + "ann2");
}

TEST(Responses, OutliveTheRequestTheyWereMadeFrom) {
    const Application app =
        App::create()
            .route("/{x}", get([](Path<std::string_view> x) { return *x; }))
            .route("/stream/{x}", get([](Request& request) {
                       return Response::stream([&request](BodyWriter& out) -> Task<> {
                           co_await yield();
                           co_await out.write(*request.param("x"));
                       });
                   }))
            .build();
    EXPECT_EQ(answer(app, "/abc"), "200 abc");
    EXPECT_EQ(answer(app, "/stream/abc"), "200 abc");
}

} // namespace
} // namespace armature
