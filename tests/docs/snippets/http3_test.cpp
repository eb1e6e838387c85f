// The C++ of docs/http3.md: compiled and run here, repeated there.
#include <armature/armature.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace http3_page {

using namespace armature;

App make_app() {
    return App::create().route("/", get([] { return "Hello, World!"; }));
}

// [options]
ServerOptions options() {
    ServerOptions options;
    options.http = ":80";
    options.https = ":443";
    options.redirect_to_https = true;
    options.tls.identities = {
        tls::Identity::files("/etc/shop/chain.pem", "/etc/shop/key.pem"),
        tls::Identity::files("/etc/shop/other-chain.pem", "/etc/shop/other-key.pem")};
    options.http3 = true;
    return options;
}
// [/options]

// [secret]
void share_secret(ServerOptions& options, std::string secret) {
    options.http3.secret = std::move(secret); // 32 random bytes, from your secret store
}
// [/secret]

// [development]
int develop() {
    ServerOptions options;
    options.https = "localhost:8443";
    options.tls.identities = {tls::self_signed()};
    options.http3 = true;
    return make_app().run(options);
}
// [/development]

TEST(Http3Page, OptionsAreUsable) {
    ServerOptions made = options();
    EXPECT_TRUE(made.http3.enabled);
    share_secret(made, std::string(32, 's'));
    EXPECT_TRUE(made.http3.enabled);
    EXPECT_EQ(made.http3.secret.size(), 32U);
}

TEST(Http3Page, NeedsHttpsAndALongSecret) {
    const Application app = make_app().build();
    ServerOptions made;
    made.http = "127.0.0.1:0";
    made.http3 = true;
    EXPECT_THROW((Server{app, made}), ServerError);
    made.https = "127.0.0.1:0";
    made.tls.identities = {tls::self_signed()};
    made.http3.secret = "short";
    EXPECT_THROW((Server{app, made}), ServerError);
}

} // namespace http3_page
