#include <armature/app/app.hpp>
#include <armature/core/uuid.hpp>
#include <armature/middleware/request_id.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/gmock.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

namespace armature {
namespace {

RequestId trusting(std::size_t max_size = 128) {
    return RequestId{{.trust_client = true, .max_size = max_size}};
}

App echo(RequestId middleware) {
    return App::create()
        .wrap(middleware)
        .route("/", get([](Extension<CurrentRequestId> id) { return std::string{id->text}; }))
        .route("/fails", get([]() -> std::string { throw Error::conflict("taken"); }));
}

std::string id_of(const TestResponse& response) {
    unsigned count = 0;
    std::string id;
    response.headers().all(Field::x_request_id, [&](std::string_view value) {
        ++count;
        id = value;
    });
    EXPECT_EQ(count, 1u);
    return id;
}

bool is_ours(std::string_view id) {
    const auto uuid = Uuid::parse(id);
    return uuid && uuid->version() == 4;
}

TEST(RequestIdMiddleware, GivesTheHandlerTheIdThatTheResponseHas) {
    TestClient client{echo(RequestId{})};
    const TestResponse response = client.get("/").send();
    EXPECT_TRUE(is_ours(id_of(response)));
    EXPECT_EQ(response.text(), id_of(response));
    EXPECT_NE(id_of(client.get("/").send()), id_of(response));
}

TEST(RequestIdMiddleware, NamesErrorsAndMissingPathsToo) {
    TestClient client{echo(RequestId{})};
    EXPECT_TRUE(is_ours(id_of(client.get("/fails").send())));
    EXPECT_TRUE(is_ours(id_of(client.get("/nothing").send())));
    EXPECT_TRUE(is_ours(id_of(client.post("/").send())));
    EXPECT_TRUE(is_ours(id_of(client.options("/").send())));
}

TEST(RequestIdMiddleware, TakesNoClientsIdUnlessToldTo) {
    TestClient client{echo(RequestId{})};
    EXPECT_TRUE(is_ours(id_of(client.get("/").header("x-request-id", "mine").send())));
}

TEST(RequestIdMiddleware, TakesAWellFormedIdOfATrustedClient) {
    TestClient client{echo(trusting())};
    for (const std::string& id :
         {std::string{"mine"}, std::string{"a-Z_0.9~+/=:@"}, std::string(128, 'x'),
          std::string{"7b7f6f0c-6d2f-4b7e-9d5a-0123456789ab"}}) {
        const TestResponse response = client.get("/").header("x-request-id", id).send();
        EXPECT_EQ(id_of(response), id);
        EXPECT_EQ(response.text(), id);
    }
}

TEST(RequestIdMiddleware, ReplacesWhatIsNotWellFormed) {
    TestClient client{echo(trusting())};
    for (const std::string& id :
         {std::string{}, std::string(129, 'x'), std::string{"a b"}, std::string{"a\tb"},
          std::string{"a\"b"}, std::string{"a,b"}, std::string{"a;b"}, std::string{"<script>"},
          std::string{"${jndi:ldap}"}, std::string{"%0d%0aset-cookie"}, std::string{"a\\nb"},
          std::string{"\xc3\xa9"}, std::string{"a'b"}})
        EXPECT_TRUE(is_ours(id_of(client.get("/").header("x-request-id", id).send()))) << id;
    const TestResponse two =
        client.get("/").header("x-request-id", "a").header("x-request-id", "b").send();
    EXPECT_TRUE(is_ours(id_of(two)));
}

TEST(RequestIdMiddleware, BoundsTheSize) {
    TestClient client{echo(trusting(4))};
    EXPECT_EQ(id_of(client.get("/").header("x-request-id", "1234").send()), "1234");
    EXPECT_TRUE(is_ours(id_of(client.get("/").header("x-request-id", "12345").send())));
    EXPECT_THROW(trusting(0), std::invalid_argument);
    EXPECT_THROW(trusting(257), std::invalid_argument);
}

TEST(RequestIdMiddleware, IsOneIdWhateverScopesSay) {
    TestClient client{
        App::create()
            .wrap(RequestId{})
            .service(
                scope("/a").wrap(trusting()).route("/", get([](Extension<CurrentRequestId> id) {
                                                       return std::string{id->text};
                                                   })))};
    const TestResponse response = client.get("/a").header("x-request-id", "mine").send();
    EXPECT_TRUE(is_ours(id_of(response)));
    EXPECT_EQ(response.text(), id_of(response));
}

TEST(RequestIdMiddleware, LeavesTheHandlersOwnWord) {
    TestClient client{App::create().wrap(RequestId{}).route("/", get([] {
                                                                return Response::text("x").header(
                                                                    "x-request-id", "upstream");
                                                            }))};
    EXPECT_EQ(id_of(client.get("/").send()), "upstream");
}

TEST(RequestIdMiddleware, IsOnWhatApplicationHandleReturns) {
    const Application app = echo(RequestId{}).build();
    const Response response = app.handle(Request::get("/"));
    EXPECT_EQ(response.headers().get(Field::x_request_id), response.body().text());
}

std::vector<std::string> make_ids(std::size_t count) {
    const RequestId middleware;
    std::vector<std::string> ids;
    Request request = Request::get("/");
    for (std::size_t i = 0; i < count; ++i) {
        request.reset();
        middleware.before(request);
        ids.emplace_back(request.find<CurrentRequestId>()->text);
    }
    return ids;
}

TEST(RequestIdMiddleware, MakesUniqueIdsAcrossThreadsAndBeyondOneRun) {
    constexpr std::size_t each = 70'000; // a run has 65,536
    std::vector<std::string> made[3];
    std::vector<std::thread> threads;
    for (std::vector<std::string>& ids : made)
        threads.emplace_back([&ids] { ids = make_ids(each); });
    for (std::thread& thread : threads)
        thread.join();
    std::set<std::string> all;
    for (const std::vector<std::string>& ids : made)
        all.insert(ids.begin(), ids.end());
    EXPECT_EQ(all.size(), std::size(made) * each);
    EXPECT_TRUE(is_ours(*all.begin()));
    EXPECT_TRUE(is_ours(*all.rbegin()));
}

TEST(RequestIdMiddleware, MakesOtherIdsInAForkedProcess) {
    static_cast<void>(make_ids(3));
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string id = make_ids(1).front();
        ::_exit(::write(pipe[1], id.data(), id.size()) == 36 ? 0 : 1);
    }
    char text[36];
    ASSERT_EQ(::read(pipe[0], text, sizeof text), 36);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    const std::string own = make_ids(1).front();
    EXPECT_NE(std::string_view(text, 32), std::string_view{own}.substr(0, 32));
    ::close(pipe[0]);
    ::close(pipe[1]);
}

} // namespace
} // namespace armature
