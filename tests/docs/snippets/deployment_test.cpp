// The C++ of docs/deployment.md, docs/limits.md and docs/tls.md: compiled and run here, repeated
// there.
#include <armature/armature.hpp>
#include <armature/log/log.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace deployment {

using namespace armature;

App make_app() {
    return App::create().route("/", get([] { return "Hello, World!"; }));
}

// [options]
ServerOptions options() {
    ServerOptions options;
    options.http = {"[::]:8080", "unix:/run/shop/http.sock"};
    options.threads = 4;
    options.server_name = ""; // no Server field
    options.limits.head_bytes = 32 * 1024;
    options.limits.header_timeout = Duration::seconds(5);
    options.limits.connections = 20'000;
    options.limits.shutdown_grace = Duration::seconds(20);
    return options;
}

int serve() { return make_app().run(options()); }
// [/options]

// [tls]
ServerOptions with_tls() {
    ServerOptions options;
    options.http = "[::]:8080";
    options.https = "[::]:8443";
    options.tls.identities = {
        tls::Identity::files("/etc/shop/fullchain.pem", "/etc/shop/privkey.pem")};
    options.redirect_to_https = true;
    return options;
}
// [/tls]

// [self_signed]
ServerOptions for_development() {
    ServerOptions options;
    options.https = "127.0.0.1:8443";
    options.tls.identities = {tls::self_signed()}; // localhost, 127.0.0.1, ::1
    return options;
}
// [/self_signed]

TEST(TlsPage, OptionsAreUsable) {
    ServerOptions options = for_development();
    options.https = "127.0.0.1:0";
    options.handle_signals = false;
    const Application app = make_app().build();
    EXPECT_EQ((Server{app, options}.https_addresses().size()), 1U);
    EXPECT_THROW((Server{app, with_tls()}), tls::TlsError) << "there are no such files here";
}

// [routes]
App shop() {
    return App::create()
        .body_limit(64 * 1024) // every route, unless it says otherwise
        .timeout(Duration::seconds(10))
        .route("/", get([] { return "Hello, World!"; }))
        .route("/upload", post([](Bytes content) { return std::to_string(content.view().size()); })
                              .body_limit(16 * 1024 * 1024)
                              .timeout(Duration::seconds(60)));
}
// [/routes]

TEST(DeploymentPage, OptionsAreUsable) {
    EXPECT_EQ(options().threads, 4U);
    EXPECT_EQ(make_app().build().handle(Request::get("/")).body().text(), "Hello, World!");
}

TEST(LimitsPage, RoutesHaveTheirOwn) {
    const std::string text = shop().build().describe();
    EXPECT_NE(text.find("GET   /        handler  body <= 64 KiB, time-out 10000 ms"),
              std::string::npos);
    EXPECT_NE(text.find("POST  /upload  handler  body <= 16 MiB, time-out 60000 ms"),
              std::string::npos);
}

TEST(LimitsPage, ContentAboveTheRoutesLimitIsRefused) {
    const Application app = shop().build();
    const auto upload = [&](std::size_t bytes) {
        return app.handle(Request::post("/upload", std::string(bytes, 'x'), "text/plain")).status();
    };
    EXPECT_EQ(upload(16 * 1024 * 1024), Status::ok);
    EXPECT_EQ(upload(16 * 1024 * 1024 + 1), Status::content_too_large);
}

// [server]
int serve_until_asked(std::atomic<Server*>& running) {
    const Application app = make_app().build();
    ServerOptions options;
    options.http = {"127.0.0.1:0"};
    options.handle_signals = false; // this program has signal handling of its own
    Server server{app, options};
    log::info("ready", {{"address", server.addresses().front()}});
    running = &server; // stop() may be called from any thread
    server.run();      // until then
    return 0;
}
// [/server]

TEST(DeploymentPage, AServerEndsWhenAsked) {
    std::atomic<Server*> running{nullptr};
    std::thread thread{[&running] { serve_until_asked(running); }};
    while (running == nullptr)
        std::this_thread::yield();
    running.load()->stop();
    thread.join();
}

} // namespace deployment
