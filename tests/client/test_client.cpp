#include "client/client_fixture.hpp"

namespace armature::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct ClientTest : ::testing::Test {
    Upstream upstream;
    TestServer server{upstream.app()};
    LocalLoop loop;
    Client client;

    ClientResponse send(ClientRequest request) { return loop.run(client.send(std::move(request))); }
    std::string text(ClientResponse& response) { return loop.run(response.text(64 * 1024 * 1024)); }
};

TEST_F(ClientTest, GetsAResponse) {
    ClientResponse response = send({Method::get, server.url("/hello")});
    EXPECT_EQ(response.status(), Status::ok);
    EXPECT_EQ(response.header("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(response.http_version(), 1);
    EXPECT_EQ(text(response), "GET armature");
}

// Tests and programs without a server have one loop after the other, often at one address.
TEST_F(ClientTest, OutlivesTheLoopsThatItIsUsedOn) {
    std::optional<LocalLoop> own;
    for (int i = 0; i < 3; ++i) {
        own.emplace();
        ClientResponse response = own->run(client.send({Method::get, server.url("/hello")}));
        EXPECT_EQ(own->run(response.text(1'000)), "GET armature");
    }
}

TEST_F(ClientTest, SendsEveryMethodAndItsFields) {
    for (const Method method : {Method::post, Method::put, Method::patch, Method::delete_}) {
        ClientResponse response =
            send(ClientRequest{method, server.url("/hello")}.header("user-agent", "test/1"));
        EXPECT_EQ(text(response), std::string{to_string(method)} + " test/1");
    }
    ClientResponse head = send({Method::head, server.url("/hello")});
    EXPECT_EQ(head.status(), Status::ok);
    EXPECT_EQ(text(head), "");
}

TEST_F(ClientTest, SendsContentUnchanged) {
    std::string large(3'000'000, '\0');
    for (std::size_t i = 0; i < large.size(); ++i)
        large[i] = static_cast<char>(i * 31 % 251);
    ClientResponse owned = send(
        ClientRequest{Method::post, server.url("/echo")}.body("a/b", Body{std::string{large}}));
    EXPECT_EQ(owned.header("x-type"), "a/b");
    EXPECT_EQ(text(owned), large);
}

TEST_F(ClientTest, StreamsContentFromAResponseIntoTheNextRequest) {
    const std::string large(2'000'000, 'x');
    ClientResponse first = send(
        ClientRequest{Method::post, server.url("/echo")}.body("a/b", Body{std::string{large}}));
    ClientResponse second =
        send(ClientRequest{Method::post, server.url("/echo")}.body("a/b", std::move(first.body())));
    EXPECT_EQ(text(second), large);
}

TEST_F(ClientTest, KeepsItsConnections) {
    for (int i = 0; i < 20; ++i) {
        ClientResponse response = send({Method::get, server.url("/hello")});
        text(response);
    }
    EXPECT_EQ(upstream.requests, 20);
}

TEST_F(ClientTest, MakesTheServerWaitForAReaderThatDoesNotRead) {
    ClientResponse response = send({Method::get, server.url("/endless")});
    std::uint64_t before = 0;
    ASSERT_TRUE(eventually([&] { // until the producer stands still
        loop.run(sleep_for(Duration::milliseconds(50)));
        return std::exchange(before, upstream.produced.load()) == upstream.produced;
    }));
    EXPECT_LT(upstream.produced, 16u * 1024 * 1024);
    std::uint64_t read = 0;
    while (read < 32u * 1024 * 1024)
        read += loop.run(response.body().stream().next())->size();
    EXPECT_GE(upstream.produced, 16u * 1024 * 1024);
}

TEST_F(ClientTest, FollowsRedirectsAsBrowsersDo) {
    ClientResponse get = send({Method::get, server.url("/to/302/3")});
    EXPECT_EQ(text(get), "GET  -");
    EXPECT_EQ(get.url(), server.url("/seen"));
    ClientResponse post =
        send(ClientRequest{Method::post, server.url("/to/302/0")}.body("a/b", std::string{"c"}));
    EXPECT_EQ(text(post), "GET  -");
    ClientResponse kept =
        send(ClientRequest{Method::post, server.url("/to/307/1")}.body("a/b", std::string{"c"}));
    EXPECT_EQ(text(kept), "POST c -");
    ClientResponse authorized =
        send(ClientRequest{Method::get, server.url("/to/302/0")}.header("authorization", "me"));
    EXPECT_EQ(text(authorized), "GET  me") << "the same origin may see it again";
}

TEST_F(ClientTest, ShowsCredentialsToNoOtherOrigin) {
    TestServer other{App::create()
                         .route("/there", get([this](Request&) {
                                    return Response::redirect(server.url("/seen"));
                                }))
                         .build()};
    ClientResponse response =
        send(ClientRequest{Method::get, other.url("/there")}.header("authorization", "me"));
    EXPECT_EQ(text(response), "GET  -");
}

TEST_F(ClientTest, StopsAfterTooManyRedirects) {
    try {
        send({Method::get, server.url("/to/302/5")});
        FAIL();
    } catch (const ClientError& error) {
        EXPECT_EQ(error.kind(), ClientError::Kind::redirects);
    }
    EXPECT_EQ(upstream.requests, 6);
}

struct ClientOverTls : ::testing::Test {
    static std::string pem(const tls::Identity& identity) { return identity.load().chain; }
    Upstream upstream;
    tls::Identity identity = tls::self_signed();
    TestServer server{upstream.app(), over_tls(identity)};
    LocalLoop loop;
    std::string url(std::string_view path) {
        return "https://" + server.https_address() + std::string{path};
    }
};

TEST_F(ClientOverTls, SpeaksHttp2ToWhoAnAuthorityVouchesFor) {
    Client client{ClientOptions{.authorities = pem(identity)}};
    const std::string large(2'000'000, 'x');
    ClientRequest request =
        ClientRequest{Method::post, url("/echo")}.body("a/b", Body{std::string{large}});
    ClientResponse response = loop.run(client.send(std::move(request)));
    EXPECT_EQ(response.http_version(), 2);
    EXPECT_EQ(loop.run(response.text(large.size())), large);
}

TEST_F(ClientOverTls, RefusesWhoCanNotProveItsName) {
    Client strangers;
    Client others{ClientOptions{.authorities = pem(tls::self_signed())}};
    for (Client* client : {&strangers, &others}) {
        try {
            loop.run(client->get(url("/hello")));
            FAIL();
        } catch (const ClientError& error) {
            EXPECT_EQ(error.kind(), ClientError::Kind::tls) << error.what();
            EXPECT_EQ(error.status(), Status::bad_gateway);
        }
    }
    const tls::Identity other_name = tls::self_signed({"other.example"});
    TestServer misnamed{upstream.app(), over_tls(other_name)};
    Client trusting{ClientOptions{.authorities = pem(other_name)}};
    EXPECT_THROW(loop.run(trusting.get("https://" + misnamed.https_address() + "/hello")),
                 ClientError);
    EXPECT_EQ(upstream.requests, 0);
}

} // namespace
} // namespace armature::testing
