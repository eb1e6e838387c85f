// The C++ of docs/proxies.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/middleware/trusted_proxies.hpp>

#include <gtest/gtest.h>

namespace proxies_page {

using namespace armature;

// [trust]
std::string greet(Request& request, ClientAddress client) {
    return client->address() + " came by " + std::string{request.scheme()};
}

App shop() {
    return App::create()
        .wrap(TrustedProxies{{"10.0.0.0/8", "fd00::/8", "unix"}})
        .route("/", get(greet));
}
// [/trust]

// [forwarded]
TrustedProxies by_forwarded() {
    return TrustedProxies{{"loopback"},
                          {.fields = ForwardingFields::forwarded, .scheme = true, .host = true}};
}
// [/forwarded]

// [listener]
ServerOptions behind_a_balancer() {
    ServerOptions options;
    options.https = {"0.0.0.0:8443"};
    options.proxy_protocol.from = {"10.0.0.0/8"};
    return options;
}
// [/listener]

Response ask(App app, const char* field, const char* value) {
    Request request = Request::get("/").set_header(field, value);
    request.set_peer(*parse_address("10.1.2.3"));
    return app.build().handle(std::move(request));
}

TEST(ProxiesPage, BelievesTrustedProxies) {
    EXPECT_EQ(ask(shop(), "x-forwarded-for", "203.0.113.9").body().text(),
              "203.0.113.9 came by http");
    EXPECT_EQ(ask(App::create().wrap(by_forwarded()).route("/", get(greet)), "forwarded",
                  "for=203.0.113.9")
                  .body()
                  .text(),
              "10.1.2.3 came by http");
    EXPECT_FALSE(behind_a_balancer().proxy_protocol.from.empty());
}

} // namespace proxies_page
