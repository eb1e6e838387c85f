#include "client/client_fixture.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace armature::testing {
namespace {

struct ClientFailures : ::testing::Test {
    Upstream upstream;
    TestServer server{upstream.app()};
    LocalLoop loop;

    static ClientOptions impatient() {
        ClientOptions options;
        options.first_wait = Duration::milliseconds(1);
        options.longest_wait = Duration::milliseconds(10);
        return options;
    }
    std::optional<ClientError::Kind> failure(Client& client, ClientRequest request) {
        try {
            ClientResponse response = loop.run(client.send(std::move(request)));
            loop.run(response.text());
            return std::nullopt;
        } catch (const ClientError& error) {
            return error.kind();
        }
    }
};

TEST_F(ClientFailures, TriesAgainWhatMayBeRepeated) {
    Client client{impatient()};
    ClientResponse response = loop.run(client.get(server.url("/fails/2")));
    EXPECT_EQ(loop.run(response.text()), "at last");
    EXPECT_EQ(upstream.requests, 3);
}

TEST_F(ClientFailures, TriesOnceWhatMayHaveHadAnEffect) {
    Client client{impatient()};
    ClientRequest plain =
        ClientRequest{Method::post, server.url("/fails/2")}.body("a/b", std::string{"c"});
    EXPECT_EQ(loop.run(client.send(std::move(plain))).status(), Status::service_unavailable);
    EXPECT_EQ(upstream.requests, 1);
    ClientRequest keyed = ClientRequest{Method::post, server.url("/fails/2")}
                              .body("a/b", std::string{"c"})
                              .header("idempotency-key", "1");
    EXPECT_EQ(loop.run(client.send(std::move(keyed))).status(), Status::ok);
}

TEST_F(ClientFailures, GivesTheLastAnswerWhenNoTryHelps) {
    Client client{impatient()};
    EXPECT_EQ(loop.run(client.get(server.url("/status/503"))).status(),
              Status::service_unavailable);
    EXPECT_EQ(upstream.requests, 3);
}

TEST_F(ClientFailures, SaysThatNobodyListens) {
    const int reserved = ::socket(AF_INET, SOCK_STREAM, 0); // bound, but not listening
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(reserved, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof address;
    ::getsockname(reserved, reinterpret_cast<sockaddr*>(&address), &size);
    Client client{impatient()};
    const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
    EXPECT_EQ(failure(client, {Method::get, url}), ClientError::Kind::connect);
    ::close(reserved);
}

TEST_F(ClientFailures, RefusesWhatIsNoHttpUrl) {
    Client client;
    for (const char* url : {"", "/path", "ftp://a/", "file:///etc/passwd", "http://u:p@127.0.0.1/"})
        EXPECT_EQ(failure(client, {Method::get, url}), ClientError::Kind::url) << url;
}

TEST_F(ClientFailures, EndsAtItsTimeOut) {
    ClientOptions options = impatient();
    options.attempts = 1;
    Client client{options};
    EXPECT_EQ(failure(client, ClientRequest{Method::get, server.url("/slow")}.timeout(
                                  Duration::milliseconds(100))),
              ClientError::Kind::timeout);
}

TEST_F(ClientFailures, LetsGoWhenItsTaskIsCancelled) {
    Client client;
    Cancellation cancellation;
    struct Cancel final : Timer {
        explicit Cancel(Cancellation& of) : cancellation(of) {}
        void expired() override { cancellation.request(CancelReason::client_gone); }
        Cancellation& cancellation;
    } cancel{cancellation};
    loop.timers().arm(cancel, steady_now() + 50);
    EXPECT_THROW(loop.run(client.get(server.url("/slow")), &cancellation), Cancelled);
}

TEST_F(ClientFailures, LeavesAHostAloneThatFailsAgainAndAgain) {
    ClientOptions options = impatient();
    options.attempts = 1;
    options.circuit_failures = 3;
    options.circuit_pause = Duration::milliseconds(200);
    Client client{options};
    const std::string url = server.url("/status/503");
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(failure(client, {Method::get, url}), std::nullopt);
    EXPECT_EQ(failure(client, {Method::get, url}), ClientError::Kind::circuit);
    EXPECT_EQ(upstream.requests, 3) << "the host was not asked";
    ASSERT_TRUE(eventually([&] {
        return failure(client, {Method::get, server.url("/hello")}) == std::nullopt;
    })) << "after the pause one may try";
    EXPECT_EQ(failure(client, {Method::get, url}), std::nullopt) << "and then all";
}

TEST_F(ClientFailures, TakesNoHeadWithoutEnd) {
    TestServer talkative{App::create()
                             .route("/", get([] {
                                        Response response = Response::text("x");
                                        for (int i = 0; i < 100; ++i)
                                            response.headers().append("x-" + std::to_string(i),
                                                                      std::string(1000, 'y'));
                                        return response;
                                    }))
                             .build()};
    Client client{impatient()};
    EXPECT_EQ(failure(client, {Method::get, talkative.url("/")}), ClientError::Kind::protocol);
}

} // namespace
} // namespace armature::testing
