#include <armature/app/app.hpp>
#include <armature/middleware/security_headers.hpp>
#include <armature/middleware/trusted_proxies.hpp>
#include <armature/observability/access_log.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace armature {
namespace {

using ::testing::StartsWith;

using Fields = std::vector<std::pair<const char*, const char*>>;

struct Seen {
    std::string client;
    std::string scheme;
    std::string authority;
    Status status = Status::ok;
    std::string proxy;
};

// What a handler sees of a request that `peer` sent with these fields.
Seen see(const TrustedProxies& middleware, const char* peer, const Fields& fields) {
    Seen seen;
    const Application app = App::create()
                                .wrap(middleware)
                                .route("/", get([&seen](Request& request, ClientAddress client) {
                                           seen.client = client->to_string();
                                           seen.scheme = request.scheme();
                                           seen.authority = request.authority();
                                           if (const auto* proxy = request.find<ProxyAddress>())
                                               seen.proxy = proxy->address.address();
                                       }))
                                .build();
    Request request = Request::get("/");
    request.head().authority = "backend:8080";
    for (const auto& [name, value] : fields)
        request.set_header(name, value);
    if (std::string_view{peer} == "unix")
        request.set_peer({PeerAddress::Family::unix_socket, nullptr, 0});
    else
        request.set_peer(*parse_address(peer, 4711));
    seen.status = app.handle(std::move(request)).status();
    return seen;
}

const AddressRanges proxies{"10.0.0.0/8", "fd00::/8"};
const TrustedProxies x_forwarded{proxies};
const TrustedProxies with_host{proxies, {.host = true}};
const TrustedProxies forwarded{
    proxies, {.fields = ForwardingFields::forwarded, .scheme = true, .host = true}};

// --- X-Forwarded-For: who the client is, and who only says so
// -------------------------------------

TEST(TrustedProxies, FollowXForwardedForFromTheRight) {
    const struct {
        const char* what;
        const char* peer;
        Fields fields;
        const char* client;
    } table[] = {
        {"no field", "10.0.0.1", {}, "10.0.0.1:4711"},
        {"one proxy", "10.0.0.1", {{"x-forwarded-for", "203.0.113.9"}}, "203.0.113.9:0"},
        {"what the client made up stands further left",
         "10.0.0.1",
         {{"x-forwarded-for", "198.51.100.1, 203.0.113.9"}},
         "203.0.113.9:0"},
        {"in a line of its own too",
         "10.0.0.1",
         {{"x-forwarded-for", "198.51.100.1"}, {"X-Forwarded-For", "203.0.113.9"}},
         "203.0.113.9:0"},
        {"that it is a proxy itself",
         "10.0.0.1",
         {{"x-forwarded-for", "198.51.100.1, 10.9.9.9, 203.0.113.9"}},
         "203.0.113.9:0"},
        {"two proxies",
         "10.0.0.1",
         {{"x-forwarded-for", "198.51.100.1, 203.0.113.9, 10.0.0.2"}},
         "203.0.113.9:0"},
        {"a client within", "10.0.0.1", {{"x-forwarded-for", "10.0.0.3, 10.0.0.2"}}, "10.0.0.3:0"},
        {"not a proxy of ours",
         "203.0.113.9",
         {{"x-forwarded-for", "10.0.0.1"}},
         "203.0.113.9:4711"},
        {"nor one beside them", "11.0.0.1", {{"x-forwarded-for", "198.51.100.1"}}, "11.0.0.1:4711"},
        {"IPv6", "fd00::1", {{"x-forwarded-for", "2001:db8::9"}}, "[2001:db8::9]:0"},
        {"with brackets", "fd00::1", {{"x-forwarded-for", "[2001:db8::9]"}}, "[2001:db8::9]:0"},
        {"and a port", "fd00::1", {{"x-forwarded-for", "[2001:db8::9]:443"}}, "[2001:db8::9]:443"},
        {"IPv4 with a port", "10.0.0.1", {{"x-forwarded-for", "203.0.113.9:80"}}, "203.0.113.9:80"},
        {"a mapped proxy",
         "::ffff:10.0.0.1",
         {{"x-forwarded-for", "203.0.113.9"}},
         "203.0.113.9:0"},
        {"empty elements", "10.0.0.1", {{"x-forwarded-for", ", ,203.0.113.9, ,"}}, "203.0.113.9:0"},
        {"unknown", "10.0.0.1", {{"x-forwarded-for", "198.51.100.1, unknown"}}, "10.0.0.1:4711"},
        {"unknown behind a proxy",
         "10.0.0.1",
         {{"x-forwarded-for", "198.51.100.1, unknown, 10.0.0.2"}},
         "10.0.0.2:0"},
        {"no address",
         "10.0.0.1",
         {{"x-forwarded-for", "203.0.113.9, evil.example"}},
         "10.0.0.1:4711"},
        {"no canonical one", "10.0.0.1", {{"x-forwarded-for", "0x7f000001"}}, "10.0.0.1:4711"},
        {"a port too large",
         "10.0.0.1",
         {{"x-forwarded-for", "203.0.113.9:99999"}},
         "10.0.0.1:4711"},
        {"a stray quote hides nothing",
         "10.0.0.1",
         {{"x-forwarded-for", "\"198.51.100.1, 203.0.113.9"}},
         "203.0.113.9:0"},
        {"the other field", "10.0.0.1", {{"forwarded", "for=198.51.100.1"}}, "10.0.0.1:4711"},
        {"other fields that clients try",
         "10.0.0.1",
         {{"x-real-ip", "198.51.100.1"},
          {"client-ip", "198.51.100.1"},
          {"true-client-ip", "198.51.100.1"},
          {"cf-connecting-ip", "198.51.100.1"}},
         "10.0.0.1:4711"},
    };
    for (const auto& [what, peer, fields, client] : table)
        EXPECT_EQ(see(x_forwarded, peer, fields).client, client) << what;
}

TEST(TrustedProxies, LookAtTheRightEndOfAnEndlessField) {
    std::string list;
    for (int i = 0; i < 100; ++i)
        list += "198.51.100.1,";
    list += "203.0.113.9";
    EXPECT_EQ(see(x_forwarded, "10.0.0.1", {{"x-forwarded-for", list.c_str()}}).client,
              "203.0.113.9:0");
}

TEST(TrustedProxies, TakeTheSchemeFromTheClientsProxy) {
    const struct {
        const char* what;
        Fields fields;
        const char* scheme;
    } table[] = {
        {"none", {}, "http"},
        {"TLS", {{"x-forwarded-for", "203.0.113.9"}, {"x-forwarded-proto", "https"}}, "https"},
        {"in any case", {{"x-forwarded-proto", "HTTPS"}}, "https"},
        {"made up by the client",
         {{"x-forwarded-for", "203.0.113.9"}, {"x-forwarded-proto", "https, http"}},
         "http"},
        {"of two proxies the first",
         {{"x-forwarded-for", "203.0.113.9, 10.0.0.2"}, {"x-forwarded-proto", "https, http"}},
         "https"},
        {"of two proxies, with the client's",
         {{"x-forwarded-for", "203.0.113.9, 10.0.0.2"}, {"x-forwarded-proto", "https, http, http"}},
         "http"},
        {"one that replaces",
         {{"x-forwarded-for", "203.0.113.9, 10.0.0.2"}, {"x-forwarded-proto", "https"}},
         "https"},
        {"no scheme", {{"x-forwarded-proto", "javascript"}}, "http"},
    };
    for (const auto& [what, fields, scheme] : table)
        EXPECT_EQ(see(x_forwarded, "10.0.0.1", fields).scheme, scheme) << what;
    EXPECT_EQ(see(x_forwarded, "203.0.113.9", {{"x-forwarded-proto", "https"}}).scheme, "http");
    EXPECT_EQ(see(TrustedProxies{proxies, {.scheme = false}}, "10.0.0.1",
                  {{"x-forwarded-proto", "https"}})
                  .scheme,
              "http");
}

TEST(TrustedProxies, TakeTheHostOnlyIfToldTo) {
    const Fields fields{{"x-forwarded-host", "shop.example"}};
    EXPECT_EQ(see(x_forwarded, "10.0.0.1", fields).authority, "backend:8080");
    EXPECT_EQ(see(with_host, "10.0.0.1", fields).authority, "shop.example");
    EXPECT_EQ(see(with_host, "203.0.113.9", fields).authority, "backend:8080");
    for (const char* bad : {"evil.example/path", "user@evil.example", "a b", "evil.example:99999",
                            "[::1", "<script>"})
        EXPECT_EQ(see(with_host, "10.0.0.1", {{"x-forwarded-host", bad}}).authority, "backend:8080")
            << bad;
}

// --- Forwarded (RFC 7239)
// -------------------------------------------------------------------------

TEST(TrustedProxies, FollowForwardedFromTheRight) {
    const struct {
        const char* what;
        Fields fields;
        const char* client;
        const char* scheme;
        const char* authority;
    } table[] = {
        {"none", {}, "10.0.0.1:4711", "http", "backend:8080"},
        {"everything",
         {{"forwarded", "for=203.0.113.9;proto=https;host=shop.example;by=10.0.0.1"}},
         "203.0.113.9:0",
         "https",
         "shop.example"},
        {"in any case and order",
         {{"forwarded", "Host=shop.example; PROTO=HTTPS ;For=203.0.113.9"}},
         "203.0.113.9:0",
         "https",
         "shop.example"},
        {"quoted, with a port",
         {{"forwarded", "for=\"203.0.113.9:4711\";host=\"shop.example:8443\""}},
         "203.0.113.9:4711",
         "http",
         "shop.example:8443"},
        {"IPv6",
         {{"forwarded", "for=\"[2001:db8::9]:80\""}},
         "[2001:db8::9]:80",
         "http",
         "backend:8080"},
        {"a hidden port",
         {{"forwarded", "for=\"203.0.113.9:_gazonk\""}},
         "203.0.113.9:0",
         "http",
         "backend:8080"},
        {"escapes",
         {{"forwarded", "for=\"203.0.\\113.9\""}},
         "203.0.113.9:0",
         "http",
         "backend:8080"},
        {"what the client made up",
         {{"forwarded", "for=198.51.100.1;proto=https;host=evil.example, for=203.0.113.9"}},
         "203.0.113.9:0",
         "http",
         "backend:8080"},
        {"two proxies",
         {{"forwarded", "for=198.51.100.1;host=evil.example"},
          {"forwarded", "for=203.0.113.9;proto=https;host=shop.example, for=10.0.0.2;proto=http"}},
         "203.0.113.9:0",
         "https",
         "shop.example"},
        {"unknown",
         {{"forwarded", "for=198.51.100.1, for=unknown;proto=https"}},
         "10.0.0.1:4711",
         "https",
         "backend:8080"},
        {"hidden", {{"forwarded", "for=_mystery"}}, "10.0.0.1:4711", "http", "backend:8080"},
        {"a comma in quotes",
         {{"forwarded", "for=\"198.51.100.1, for=203.0.113.9\""}},
         "10.0.0.1:4711",
         "http",
         "backend:8080"},
        {"no pairs", {{"forwarded", "203.0.113.9"}}, "10.0.0.1:4711", "http", "backend:8080"},
        {"the other fields",
         {{"x-forwarded-for", "198.51.100.1"},
          {"x-forwarded-proto", "https"},
          {"x-forwarded-host", "evil.example"}},
         "10.0.0.1:4711",
         "http",
         "backend:8080"},
    };
    for (const auto& [what, fields, client, scheme, authority] : table) {
        const Seen seen = see(forwarded, "10.0.0.1", fields);
        EXPECT_EQ(seen.client, client) << what;
        EXPECT_EQ(seen.scheme, scheme) << what;
        EXPECT_EQ(seen.authority, authority) << what;
    }
    EXPECT_EQ(see(forwarded, "203.0.113.9", {{"forwarded", "for=198.51.100.1"}}).client,
              "203.0.113.9:4711");
}

// `for="x` of the client would swallow what the proxy adds behind it.
TEST(TrustedProxies, RefuseAQuoteThatDoesNotEnd) {
    EXPECT_EQ(see(forwarded, "10.0.0.1", {{"forwarded", "for=\"x, for=203.0.113.9"}}).status,
              Status::bad_request);
    EXPECT_EQ(see(forwarded, "10.0.0.1", {{"forwarded", "for=\"x\\\", for=203.0.113.9"}}).status,
              Status::bad_request);
    EXPECT_EQ(see(forwarded, "203.0.113.9", {{"forwarded", "for=\"x"}}).status, Status::no_content);
}

// --- what follows
// ---------------------------------------------------------------------------------

TEST(TrustedProxies, AreKnownToHandlers) {
    EXPECT_EQ(see(x_forwarded, "10.0.0.1", {{"x-forwarded-for", "203.0.113.9"}}).proxy, "10.0.0.1");
    EXPECT_EQ(see(x_forwarded, "203.0.113.9", {{"x-forwarded-for", "10.0.0.1"}}).proxy, "");
    EXPECT_EQ(see(TrustedProxies{{"unix"}}, "unix", {{"x-forwarded-for", "203.0.113.9"}}).client,
              "203.0.113.9:0");
}

TEST(TrustedProxies, HaveToBeNamed) {
    EXPECT_THROW(TrustedProxies{AddressRanges{}}, std::invalid_argument);
}

// Strict-Transport-Security is for TLS only, which the proxy says there was.
TEST(TrustedProxies, SayOverWhichSchemeTheClientCame) {
    TestClient client = TestClient::over_http(App::create()
                                                  .wrap(TrustedProxies{{"loopback"}})
                                                  .wrap(SecurityHeaders{})
                                                  .route("/", get([] { return "hello"; })));
    EXPECT_TRUE(client.get("/")
                    .header("x-forwarded-proto", "https")
                    .send()
                    .header("strict-transport-security"));
    EXPECT_FALSE(client.get("/").send().header("strict-transport-security"));
}

TEST(TrustedProxies, GiveTheAccessLogTheClientsAddress) {
    std::string lines;
    const AccessLog log = AccessLog::combined([&lines](std::string_view more) { lines += more; });
    TestClient client = TestClient::over_http(
        App::create().wrap(log).wrap(TrustedProxies{{"loopback"}}).route("/", get([] {
                                                                             return "hello";
                                                                         })));
    EXPECT_EQ(client.get("/").header("x-forwarded-for", "203.0.113.9").send().text(), "hello");
    log.flush();
    EXPECT_THAT(lines, StartsWith("203.0.113.9 - - ["));
}

} // namespace
} // namespace armature
