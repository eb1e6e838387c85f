// The C++ of docs/security.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/middleware/cors.hpp>
#include <armature/middleware/request_id.hpp>
#include <armature/middleware/security_headers.hpp>

#include <gtest/gtest.h>

namespace security_page {

using namespace armature;

std::string orders() { return "[]"; }

// [all]
App shop() {
    CorsOptions cors;
    cors.origins = {"https://shop.example", "http://localhost:3000"};
    cors.credentials = true;
    return App::create()
        .wrap(RequestId{})
        .wrap(Cors{cors})
        .wrap(SecurityHeaders{})
        .route("/orders", get(orders));
}
// [/all]

// [id]
std::string help(Extension<CurrentRequestId> id) {
    return "Something went wrong? Tell us " + std::string{id->text};
}
// [/id]

// [trust]
App behind_our_proxy() { return App::create().wrap(RequestId{{.trust_client = true}}); }
// [/trust]

// [cors]
Cors for_our_pages() {
    CorsOptions options;
    options.origins = {"https://shop.example"};
    options.allow_if = [](std::string_view origin) {
        return origin.starts_with("https://") && origin.ends_with(".shop.example");
    };
    options.headers = {"content-type", "x-shop-token"};
    options.exposed_headers = {"x-total-count"};
    options.max_age = Duration::seconds(3600);
    return Cors{options};
}
// [/cors]

// [headers]
SecurityHeaders stricter() {
    return SecurityHeaders{}
        .set("x-frame-options", "DENY")
        .set("permissions-policy", "camera=(), microphone=()")
        .set("strict-transport-security", "max-age=63072000; includeSubDomains; preload")
        .remove("cross-origin-resource-policy");
}
// [/headers]

// [csp]
SecurityHeaders with_scripts() {
    return SecurityHeaders{}.csp(ContentSecurityPolicy{}
                                     .add("img-src", "https://images.example")
                                     .set("style-src", "'self'")
                                     .nonce("script-src"));
}

Response page(Extension<CspNonce> nonce) {
    return Response::html("<script nonce=\"" + std::string{nonce->text} + "\">start()</script>");
}
// [/csp]

TEST(SecurityPage, SaysWhatAnswersHave) {
    const Application app = shop().build();
    const Response response =
        app.handle(Request::get("/orders").set_header("origin", "https://shop.example"));
    EXPECT_EQ(response.headers().get("access-control-allow-origin"), "https://shop.example");
    EXPECT_EQ(response.headers().get("x-frame-options"), "SAMEORIGIN");
    EXPECT_TRUE(response.headers().contains("x-request-id"));
}

TEST(SecurityPage, ShowsIds) {
    const Application app = behind_our_proxy().route("/help", get(help)).build();
    const Response response = app.handle(Request::get("/help").set_header("x-request-id", "a-7"));
    EXPECT_EQ(response.body().text(), "Something went wrong? Tell us a-7");
}

TEST(SecurityPage, AllowsWhatARuleSays) {
    const Application app = App::create().wrap(for_our_pages()).build();
    const auto allowed = [&](const char* origin) {
        const Response response = app.handle(Request::get("/").set_header("origin", origin));
        return response.headers().get("access-control-allow-origin").value_or("none") == origin;
    };
    EXPECT_TRUE(allowed("https://shop.example"));
    EXPECT_TRUE(allowed("https://de.shop.example"));
    EXPECT_FALSE(allowed("https://evilshop.example"));
}

TEST(SecurityPage, ChangesFields) {
    const Response response = App::create().wrap(stricter()).build().handle(Request::get("/"));
    EXPECT_EQ(response.headers().get("x-frame-options"), "DENY");
    EXPECT_FALSE(response.headers().contains("cross-origin-resource-policy"));
}

TEST(SecurityPage, HasNonces) {
    const Response response =
        App::create().wrap(with_scripts()).route("/", get(page)).build().handle(Request::get("/"));
    const std::string text{response.body().text()};
    const std::string nonce = text.substr(text.find('"') + 1, 24);
    const std::string policy{*response.headers().get("content-security-policy")};
    EXPECT_NE(policy.find("script-src 'self' 'nonce-" + nonce + "'"), policy.npos) << policy;
}

} // namespace security_page
