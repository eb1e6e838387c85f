#include "client/client_fixture.hpp"
#include "client/public_address.hpp"

#include <arpa/inet.h>

#include <cstring>

namespace armature::testing {
namespace {

bool is_public(const char* text) {
    sockaddr_storage storage{};
    if (std::strchr(text, ':') != nullptr) {
        auto* address = reinterpret_cast<sockaddr_in6*>(&storage);
        address->sin6_family = AF_INET6;
        EXPECT_EQ(::inet_pton(AF_INET6, text, &address->sin6_addr), 1) << text;
    } else {
        auto* address = reinterpret_cast<sockaddr_in*>(&storage);
        address->sin_family = AF_INET;
        EXPECT_EQ(::inet_pton(AF_INET, text, &address->sin_addr), 1) << text;
    }
    return client::is_public(reinterpret_cast<const sockaddr&>(storage));
}

TEST(PublicAddresses, AreThoseOfTheInternet) {
    for (const char* text : {"1.1.1.1",
                             "8.8.8.8",
                             "9.255.255.255",
                             "11.0.0.0",
                             "100.63.255.255",
                             "100.128.0.0",
                             "126.255.255.255",
                             "128.0.0.1",
                             "172.15.255.255",
                             "172.32.0.0",
                             "192.0.1.0",
                             "192.167.255.255",
                             "192.169.0.0",
                             "198.17.255.255",
                             "198.20.0.0",
                             "223.255.255.255",
                             "2606:4700:4700::1111",
                             "2a00:1450:4001::1",
                             "2001:200::1",
                             "2001:4860:4860::8888",
                             "::ffff:8.8.8.8",
                             "64:ff9b::8.8.8.8",
                             "3fff:1000::1"})
        EXPECT_TRUE(is_public(text)) << text;
    for (const char* text : {"0.0.0.0",
                             "0.1.2.3",
                             "10.0.0.1",
                             "10.255.255.255",
                             "100.64.0.1",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.255",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.8",
                             "192.0.2.1",
                             "192.88.99.1",
                             "192.168.1.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.1",
                             "203.0.113.1",
                             "224.0.0.1",
                             "239.255.255.255",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::127.0.0.1",
                             "::ffff:127.0.0.1",
                             "::ffff:10.0.0.1",
                             "::ffff:169.254.169.254",
                             "64:ff9b::10.0.0.1",
                             "64:ff9b:1::1",
                             "100::1",
                             "2001::1",
                             "2001:1ff::1",
                             "2001:db8::1",
                             "2002:7f00:1::",
                             "2002:808:808::1",
                             "3fff::1",
                             "fc00::1",
                             "fd12:3456::1",
                             "fe80::1",
                             "fec0::1",
                             "ff02::1",
                             "4000::1"})
        EXPECT_FALSE(is_public(text)) << text;
}

TEST(PublicAddresses, AreTheOnlyOnesThatAClientMayBeHeldTo) {
    Upstream upstream;
    TestServer server{upstream.app()};
    LocalLoop loop;
    ClientOptions options;
    options.public_addresses_only = true;
    options.attempts = 1;
    Client client{options};
    const std::string address = server.address();
    const std::string port = address.substr(address.rfind(':'));
    // The last ones are other spellings of 127.0.0.1 that libcurl or the resolver understand.
    for (const std::string host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1",
                                   "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0"}) {
        try {
            loop.run(client.get("http://" + host + port + "/hello"));
            ADD_FAILURE() << host;
        } catch (const ClientError& error) {
            EXPECT_THAT(error.kind(),
                        ::testing::AnyOf(ClientError::Kind::address, ClientError::Kind::resolve,
                                         ClientError::Kind::url))
                << host << ' ' << error.what();
        }
    }
    EXPECT_EQ(upstream.requests, 0);
    Client free;
    EXPECT_EQ(loop.run(free.get("http://localhost" + port + "/hello")).status(), Status::ok);
}

// The engine of a loop outlives it when the client does.
TEST(Clients, MayOutliveALoop) {
    Upstream upstream;
    TestServer server{upstream.app()};
    Client client;
    LocalLoop loop;
    std::thread thread{[&] {
        LocalLoop other;
        EXPECT_EQ(other.run(client.get(server.url("/hello"))).status(), Status::ok);
    }};
    thread.join();
    EXPECT_EQ(loop.run(client.get(server.url("/hello"))).status(), Status::ok);
}

} // namespace
} // namespace armature::testing
