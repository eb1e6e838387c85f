#include "support/test_server.hpp"
#include "websocket/handshake.hpp"
#include "websocket/websocket_app.hpp"
#include "websocket/websocket_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::ws::testing {
namespace {

using armature::testing::RawClient;
using armature::testing::TestServer;
using armature::testing::WireResponse;
using ::testing::Contains;
using ::testing::Pair;

class Handshake : public ::testing::Test {
  protected:
    WireResponse answer(const std::string& request) {
        return RawClient{server.address()}.send(request).response(true);
    }
    int status_of(std::string_view target, std::string_view more) {
        return answer(handshake(target, more)).status;
    }

    Seen seen;
    TestServer server{make_websocket_app(seen).build()};
};

TEST_F(Handshake, IsAnsweredAsTheRfcSays) {
    const WireResponse response = answer(handshake("/echo"));
    EXPECT_EQ(response.status, 101);
    EXPECT_EQ(response.field("upgrade"), "websocket");
    EXPECT_EQ(response.field("connection"), "upgrade");
    EXPECT_EQ(response.field("sec-websocket-accept"), accept);
    EXPECT_EQ(response.field("sec-websocket-extensions"), std::nullopt);
    EXPECT_EQ(response.field("sec-websocket-protocol"), std::nullopt);
}

TEST_F(Handshake, NeedsEverythingThatTheRfcAsksFor) {
    const auto replaced = [](std::string_view from, std::string_view to) {
        std::string request = handshake("/echo");
        const std::size_t at = request.find(from);
        return at == std::string::npos ? request : request.replace(at, from.size(), to);
    };
    const std::string key_line = "Sec-WebSocket-Key: " + std::string{key} + "\r\n";
    for (const auto& [request, status] : std::vector<std::pair<std::string, int>>{
             {replaced("Upgrade: websocket\r\n", ""), 426},
             {replaced("Upgrade: websocket", "Upgrade: h2c"), 426},
             {replaced("Connection: Upgrade\r\n", ""), 426},
             {replaced("Connection: Upgrade", "Connection: keep-alive"), 426},
             {replaced("HTTP/1.1", "HTTP/1.0"), 426},
             {replaced("Sec-WebSocket-Version: 13\r\n", ""), 400},
             {replaced("Version: 13", "Version: 8"), 426},
             {replaced("Version: 13", "Version: 14"), 426},
             {replaced(key_line, ""), 400},
             {replaced(key_line, key_line + key_line), 400},
             {replaced(key, "dGhlIHNhbXBsZSBub25jZQ="), 400},
             {replaced(key, "dGhlIHNhbXBsZSBub25jZ=Q="), 400},
             {replaced(key, "dGhlIHNhbXBsZSBub25jZR=="), 400},
             {replaced(key, "dGhlIHNhbXBsZSBub24!ZQ=="), 400},
             {replaced("GET", "HEAD"), 426},
             {replaced("GET", "POST"), 405},
             {replaced("Upgrade: websocket", "Upgrade: h2c, WebSocket"), 101},
             {replaced("Connection: Upgrade", "Connection: keep-alive, UPGRADE"), 101},
         }) {
        const WireResponse response = answer(request);
        EXPECT_EQ(response.status, status) << request;
        if (status == 426) {
            EXPECT_EQ(response.field("upgrade"), "websocket") << request;
            EXPECT_THAT(response.fields, Contains(Pair("connection", "upgrade"))) << request;
        }
    }
}

TEST_F(Handshake, IsRefusedToPagesOfOtherOrigins) {
    EXPECT_EQ(status_of("/echo", "Origin: http://test\r\n"), 101);
    EXPECT_EQ(status_of("/echo", "Origin: https://TEST\r\n"), 101);
    for (const char* origin : {"http://evil.example", "http://test.evil.example", "http://test:81",
                               "null", "test", "", "file://test"}) {
        const WireResponse response =
            answer(handshake("/echo", "Origin: " + std::string{origin} + "\r\n"));
        EXPECT_EQ(response.status, 403) << origin;
        EXPECT_EQ(response.field("content-type"), "application/problem+json");
    }
    EXPECT_EQ(status_of("/echo", "Origin: http://test\r\nOrigin: http://evil.example\r\n"), 403);
    EXPECT_EQ(status_of("/elsewhere", "Origin: https://app.example.com\r\n"), 101);
    EXPECT_EQ(status_of("/elsewhere", "Origin: http://app.example.com\r\n"), 403);
    EXPECT_EQ(status_of("/elsewhere", "Origin: http://test\r\n"), 403);
    EXPECT_EQ(status_of("/elsewhere", ""), 101) << "no browser";
}

TEST_F(Handshake, AgreesOnTheServersPreferredProtocol) {
    const auto chosen = [&](std::string_view offered) {
        WebSocketClient client{server.address(), "/speaks",
                               "Sec-WebSocket-Protocol: " + std::string{offered} + "\r\n"};
        const std::string name = client.head.field("sec-websocket-protocol").value_or("");
        EXPECT_EQ(client.next(), "T:" + name);
        return name;
    };
    EXPECT_EQ(chosen("v1.chat, v2.chat"), "v2.chat");
    EXPECT_EQ(chosen("v1.chat\r\nSec-WebSocket-Protocol: other"), "v1.chat");
    EXPECT_EQ(chosen("other"), "");
}

TEST_F(Handshake, AcceptsOffersOfCompressionItCanKeep) {
    const std::string answered =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    for (const auto& [offer, expected] : std::vector<std::pair<std::string, std::string>>{
             {"permessage-deflate", answered},
             {"permessage-deflate; client_max_window_bits", answered},
             {"permessage-deflate; client_max_window_bits=10", answered},
             {"permessage-deflate; server_no_context_takeover; client_no_context_takeover",
              answered},
             {"permessage-deflate; server_max_window_bits=10",
              answered + "; server_max_window_bits=10"},
             {"permessage-deflate; server_max_window_bits=\"9\"",
              answered + "; server_max_window_bits=9"},
             {"permessage-deflate; server_max_window_bits=8", ""}, // zlib can't
             {"permessage-deflate; server_max_window_bits=8, permessage-deflate", answered},
             {"permessage-deflate; server_max_window_bits", ""},
             {"permessage-deflate; server_max_window_bits=16", ""},
             {"permessage-deflate; server_max_window_bits=09", ""},
             {"permessage-deflate; client_max_window_bits=7", ""},
             {"permessage-deflate; server_no_context_takeover=1", ""},
             {"permessage-deflate; client_max_window_bits; client_max_window_bits", ""},
             {"permessage-deflate; unknown", ""},
             {"x-webkit-deflate-frame, permessage-deflate", answered},
             {"x-webkit-deflate-frame", ""},
         }) {
        const WireResponse response =
            answer(handshake("/echo", "Sec-WebSocket-Extensions: " + offer + "\r\n"));
        EXPECT_EQ(response.status, 101) << offer;
        EXPECT_EQ(response.field("sec-websocket-extensions").value_or(""), expected) << offer;
    }
    const WireResponse plain =
        answer(handshake("/plain", "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
    EXPECT_EQ(plain.field("sec-websocket-extensions"), std::nullopt);
    for (const char* broken : {"a;", "=", "permessage-deflate; a=", "a b", "a=\"b", ","})
        EXPECT_EQ(status_of("/echo", "Sec-WebSocket-Extensions: " + std::string{broken} + "\r\n"),
                  400)
            << broken;
}

TEST(WebSocketRoute, RefusesOptionsThatMakeNoSense) {
    WebSocketOptions options;
    options.max_message = 0;
    EXPECT_THROW(websocket(echo, options), std::invalid_argument);
    options = {};
    options.subprotocols = {"a b"};
    EXPECT_THROW(websocket(echo, options), std::invalid_argument);
    options = {};
    options.close_timeout = Duration{};
    EXPECT_THROW(websocket(echo, options), std::invalid_argument);
}

} // namespace
} // namespace armature::ws::testing
