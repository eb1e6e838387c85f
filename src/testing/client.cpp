#include "testing/memory_transport.hpp"

#include <armature/testing/client.hpp>

#include <utility>

namespace armature {

TestedApp::TestedApp(App& app) : own_(app.build()) {}
TestedApp::TestedApp(App&& app) : own_(app.build()) {}
TestedApp::TestedApp(Application&& app) : own_(std::move(app)) {}
TestedApp::TestedApp(const Application& app) : shared_(&app) {}
TestedApp::TestedApp(TestedApp&&) noexcept = default;
TestedApp::~TestedApp() = default;

namespace testkit {

std::shared_ptr<Session> session_over(std::shared_ptr<Transport> transport) {
    auto session = std::make_shared<Session>();
    session->transport = std::move(transport);
    return session;
}

CookieTarget Session::cookie_target(std::string_view target) const {
    std::string_view host = transport->host();
    if (const std::size_t colon = host.rfind(':');
        colon != std::string_view::npos && !host.ends_with(']'))
        host = host.substr(0, colon);
    return {host, target.substr(0, target.find('?')), transport->is_secure()};
}

std::vector<TestCookie> Session::take_cookies(const Headers& headers, std::string_view target) {
    const CookieTarget from = cookie_target(target);
    const std::int64_t now = transport->unix_seconds();
    std::vector<TestCookie> taken;
    headers.all(Field::set_cookie, [&](std::string_view field) {
        if (auto cookie = read_set_cookie(field, from, now)) taken.push_back(std::move(*cookie));
        cookies.store(field, from, now);
    });
    return taken;
}

} // namespace testkit

TestClient::TestClient(std::shared_ptr<testkit::Session> session) noexcept
    : session_(std::move(session)) {}
TestClient::TestClient(TestedApp app, const TestClientOptions& options)
    : TestClient(testkit::session_over(
          std::make_shared<testkit::MemoryTransport>(std::move(app), options))) {}
TestClient::TestClient(TestClient&&) noexcept = default;
TestClient& TestClient::operator=(TestClient&&) noexcept = default;
TestClient::~TestClient() = default;

TestRequest TestClient::request(std::string_view method, std::string_view target) {
    return TestRequest{session_, method, target};
}

TestClient& TestClient::header(std::string_view name, std::string_view value) {
    session_->fields.emplace_back(name, value);
    return *this;
}

std::string TestClient::origin() const { return session_->transport->origin(); }
TestClock TestClient::clock() const noexcept { return TestClock{session_->transport}; }
TestCookieJar& TestClient::cookies() noexcept { return session_->cookies; }
void TestClient::begin_shutdown() { session_->transport->begin_shutdown(); }

void TestClock::advance(Duration by) { transport_->advance(by); }
Duration TestClock::elapsed() const { return transport_->elapsed(); }
std::int64_t TestClock::unix_seconds() const { return transport_->unix_seconds(); }

} // namespace armature
