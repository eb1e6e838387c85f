#include "server/proxy_protocol.hpp"
#include "support/process.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

#include <armature/app/app.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace armature::testing {
namespace {

using namespace std::string_literals;
using namespace server;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using State = ProxyHeader::State;

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;

// A header of version 2; `command`: 0x20 LOCAL, 0x21 PROXY; `family` as on the wire.
std::string version_2(char command, char family, const std::string& rest) {
    return signature + command + family + static_cast<char>(rest.size() >> 8) +
           static_cast<char>(rest.size() & 255) + rest;
}
// From 203.0.113.9:4711 to 192.0.2.1:443.
const std::string ipv4 = "\xcb\x00\x71\x09\xc0\x00\x02\x01\x12\x67\x01\xbb"s;
const std::string ipv6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x09" +
                         "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01" + "\x12\x67\x01\xbb"s;
const std::string proxied = version_2(0x21, 0x11, ipv4);

// --- the parser
// -----------------------------------------------------------------------------------

TEST(ProxyProtocol, ReadsBothVersions) {
    const struct {
        std::string header;
        const char* client; ///< empty: not said
    } table[] = {
        {"PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n", "203.0.113.9:4711"},
        {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535"},
        {"PROXY TCP4 203.0.113.9 192.0.2.1 0 0\r\n", "203.0.113.9:0"},
        {"PROXY TCP6 2001:db8::9 2001:db8::1 4711 443\r\n", "[2001:db8::9]:4711"},
        {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
         "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
        {"PROXY UNKNOWN\r\n", ""},
        {"PROXY UNKNOWN ffff::1 whatever stands here\r\n", ""},
        {proxied, "203.0.113.9:4711"},
        {version_2(0x21, 0x21, ipv6), "[2001:db8::9]:4711"},
        {version_2(0x21, 0x31, std::string(216, '\0')), "unix"},
        {version_2(0x21, 0x12, ipv4), "203.0.113.9:4711"},
        {version_2(0x21, 0x11, ipv4 + "\x03\x00\x04\x01\x02\x03\x04"s), "203.0.113.9:4711"},
        {version_2(0x20, 0x00, ""), ""},
        {version_2(0x20, 0x11, ipv4), ""}, // LOCAL: whatever the addresses say
        {version_2(0x21, 0x00, ""), ""},
        {version_2(0x21, 0x10, ipv4), ""},
    };
    for (const auto& [header, client] : table) {
        // However much of it and of what follows is there.
        for (std::size_t size = 0; size < header.size(); ++size)
            EXPECT_EQ(parse_proxy_header(std::string_view{header}.substr(0, size)).state,
                      State::incomplete)
                << size << ' ' << header;
        for (const std::string& more : {""s, "GET / HTTP/1.1\r\n\r\n"s, "\r\n"s, header}) {
            const ProxyHeader read = parse_proxy_header(header + more);
            ASSERT_EQ(read.state, State::complete) << header;
            EXPECT_EQ(read.size, header.size()) << header;
            EXPECT_EQ(read.client ? read.client->to_string() : "", client) << header;
        }
    }
}

TEST(ProxyProtocol, RefusesWhatIsNone) {
    const std::string table[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "proxy TCP4 203.0.113.9 192.0.2.1 4711 443\r\n",
        "PROXY\r\n",
        "PROXY TCP4\r\n",
        "PROXY TCP4 203.0.113.9 192.0.2.1 4711\r\n",
        "PROXY TCP4 203.0.113.9 192.0.2.1 4711 443 \r\n",
        "PROXY TCP4 203.0.113.9 192.0.2.1 4711 443 1\r\n",
        "PROXY TCP4  203.0.113.9 192.0.2.1 4711 443\r\n",
        "PROXY TCP4 203.0.113.9 192.0.2.1 04711 443\r\n",
        "PROXY TCP4 203.0.113.9 192.0.2.1 4711 65536\r\n",
        "PROXY TCP4 203.0.113.9 192.0.2.1 -1 443\r\n",
        "PROXY TCP4 2001:db8::9 2001:db8::1 4711 443\r\n",
        "PROXY TCP6 203.0.113.9 192.0.2.1 4711 443\r\n",
        "PROXY TCP4 localhost 192.0.2.1 4711 443\r\n",
        "PROXY UDP4 203.0.113.9 192.0.2.1 4711 443\r\n",
        "PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\n",
        "PROXY " + std::string(200, 'x') + "\r\n",
        "PROXY UNKNOWN" + std::string(100, ' ') + "\r\n",
        signature + "\x11\x11"s + std::string(14, '\0'), // version 1 in the form of 2
        version_2(0x22, 0x11, ipv4),                     // no such command
        version_2(0x21, 0x41, ipv4),                     // no such family
        version_2(0x21, 0x13, ipv4),                     // no such transport
        version_2(0x21, 0x11, ipv4.substr(1)),           // too short for its family
        version_2(0x21, 0x21, ipv4),
        version_2(0x21, 0x11, ipv4 + std::string(5000, 'x')), // more than anybody needs
        std::string(16, '\0'),
    };
    for (const std::string& bytes : table) {
        const State state = parse_proxy_header(bytes + std::string(300, 'x')).state;
        EXPECT_EQ(state, State::malformed) << bytes;
    }
    EXPECT_EQ(parse_proxy_header("G").state, State::malformed);
}

// --- on a listener
// --------------------------------------------------------------------------------

Application who() {
    return App::create()
        .route("/", get([](Request& request, ClientAddress client) {
                   return client->to_string() + ' ' + std::string{request.scheme()};
               }))
        .build();
}

ServerOptions proxied_by(AddressRanges from) {
    ServerOptions options = TestServer::quiet();
    options.proxy_protocol.from = std::move(from);
    return options;
}

TEST(ProxyProtocolListener, TellsHandlersWhoTheClientIs) {
    const TestServer server{who(), proxied_by({"loopback"})};
    for (const std::string& header : {"PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n"s, proxied}) {
        RawClient whole{server.address()};
        whole.send(header + "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(whole.response().body, "203.0.113.9:4711 http");
        EXPECT_EQ(whole.get("/").response().body, "203.0.113.9:4711 http"); // of the connection
        RawClient slow{server.address()};
        for (const char byte : header)
            slow.send({&byte, 1});
        EXPECT_EQ(slow.get("/").response().body, "203.0.113.9:4711 http");
    }
    // HTTP/2 by prior knowledge begins with bytes of its own.
    RawClient http2{server.address()};
    http2.send(proxied + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"s);
    EXPECT_FALSE(http2.bytes().empty());
}

TEST(ProxyProtocolListener, KeepsTheProxysAddressForItsOwnConnections) {
    const TestServer server{who(), proxied_by({"loopback"})};
    for (const std::string& header : {"PROXY UNKNOWN\r\n"s, version_2(0x20, 0x00, "")}) {
        RawClient client{server.address()};
        EXPECT_THAT(client.send(header).get("/").response().body, StartsWith("127.0.0.1:"));
    }
}

TEST(ProxyProtocolListener, ClosesWhatDoesNotBeginWithIt) {
    const TestServer server{who(), proxied_by({"loopback"})};
    for (const std::string& bytes :
         {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"s, "PROXY TCP4 x\r\n"s, "\r\n\r\n\0\r\nQUIX"s})
        EXPECT_EQ(RawClient{server.address()}.send(bytes).rest(), "");
}

// A peer that isn't a proxy can't say who it is.
TEST(ProxyProtocolListener, BelievesConfiguredPeersOnly) {
    const TestServer other{who(), proxied_by({"10.0.0.0/8"})};
    EXPECT_THAT(RawClient{other.address()}.get("/").response().body, StartsWith("127.0.0.1:"));
    for (const std::string& header : {"PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n"s, proxied})
        for (const TestServer* server : {&other, static_cast<const TestServer*>(nullptr)}) {
            const TestServer plain{who(), TestServer::quiet()};
            RawClient client{server != nullptr ? server->address() : plain.address()};
            EXPECT_THAT(client.send(header).get("/").rest(), StartsWith("HTTP/1.1 400"));
        }
}

TEST(ProxyProtocolListener, HoldsTheTimeOfTheHead) {
    ServerOptions options = proxied_by({"loopback"});
    options.limits.header_timeout = Duration::milliseconds(50);
    const TestServer server{who(), options};
    EXPECT_EQ(RawClient{server.address()}.rest(), "");
    EXPECT_EQ(RawClient{server.address()}.send("PROXY TCP4 203").rest(), "");
    EXPECT_EQ(RawClient{server.address()}.send(proxied.substr(0, 20)).rest(), "");
}

TEST(ProxyProtocolListener, CanBeOneOfSeveral) {
    ServerOptions options = proxied_by({"loopback"});
    options.http = {"127.0.0.1:0", "localhost:0"};
    options.proxy_protocol.addresses = {"localhost:0"};
    const TestServer server{who(), options};
    EXPECT_THAT(RawClient{server.address(0)}.get("/").response().body, StartsWith("127.0.0.1:"));
    EXPECT_EQ(RawClient{server.address(1)}.send(proxied).get("/").response().body,
              "203.0.113.9:4711 http");
}

TEST(ProxyProtocolListener, RefusesOptionsThatCannotBeRight) {
    const auto refusal = [](ServerOptions options) {
        try {
            const TestServer server{who(), std::move(options)};
        } catch (const ServerError& error) {
            return std::string{error.what()};
        }
        return "it started"s;
    };
    ServerOptions nobody = TestServer::quiet();
    nobody.proxy_protocol.addresses = {"127.0.0.1:0"};
    EXPECT_THAT(refusal(nobody), HasSubstr("needs proxy_protocol.from"));
    ServerOptions elsewhere = proxied_by({"loopback"});
    elsewhere.proxy_protocol.addresses = {"127.0.0.1:80"};
    EXPECT_THAT(refusal(elsewhere), HasSubstr("as written there"));
}

} // namespace
} // namespace armature::testing
