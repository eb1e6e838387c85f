#pragma once

#include <armature/app/app.hpp>
#include <armature/core/duration.hpp>
#include <armature/core/peer_address.hpp>
#include <armature/testing/clock.hpp>
#include <armature/testing/cookie_jar.hpp>
#include <armature/testing/request.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace armature {

/// The application that a client asks. One in the making is built, and empty afterwards: that
/// throws `BuildError`.
class TestedApp {
  public:
    TestedApp(App& app);          // NOLINT: as natural as the application itself
    TestedApp(App&& app);         // NOLINT
    TestedApp(Application&& app); // NOLINT
    /// Shared: it must outlive the client.
    TestedApp(const Application& app); // NOLINT
    TestedApp(TestedApp&&) noexcept;
    ~TestedApp();

    [[nodiscard]] const Application& application() const noexcept {
        return own_ ? *own_ : *shared_;
    }

  private:
    std::optional<Application> own_;
    const Application* shared_ = nullptr;
};

struct TestClientOptions {
    /// The host that requests name, in process.
    std::string host = "localhost";
    /// Requests come by https, so that Secure cookies are sent.
    bool secure = false;
    /// How long one step of a test may take, in real time; then it fails.
    Duration patience = Duration::seconds(10);
};

/// A client for tests, with the application in the same process: without a socket, a port or a
/// thread, and with a clock that the test moves.
///
///     TestClient client{make_app()};
///     const TestResponse response = client.get("/users/7").send();
///
/// Routing, middleware, limits, time-outs and errors are the real ones; what a protocol's bytes
/// look like is left out. `over_http` and `over_https` give the same client with a server and
/// sockets between. Cookies that responses set are kept and sent. Threads: one.
///
/// A handler that sleeps or times out is waited for on a clock of its own, in no real time; one
/// that waits for `blocking` work or a socket takes the real time it takes. One that waits for what
/// only another thread brings about must be tested over a socket.
class TestClient {
  public:
    /// Starts the application's services as a server does. Throws what that throws. They are shut
    /// down with the client.
    explicit TestClient(TestedApp app, const TestClientOptions& options = {});
    /// The same over HTTP/1.1 and a socket on the loopback interface: the application runs in a
    /// server with a thread of its own, and time is real.
    [[nodiscard]] static TestClient over_http(TestedApp app, TestClientOptions options = {});
    /// The same over HTTP/2 and TLS, with a certificate of the moment.
    [[nodiscard]] static TestClient over_https(TestedApp app, TestClientOptions options = {});
    TestClient(TestClient&&) noexcept;
    TestClient& operator=(TestClient&&) noexcept;
    ~TestClient();

    [[nodiscard]] TestRequest get(std::string_view target) { return request("GET", target); }
    [[nodiscard]] TestRequest head(std::string_view target) { return request("HEAD", target); }
    [[nodiscard]] TestRequest post(std::string_view target) { return request("POST", target); }
    [[nodiscard]] TestRequest put(std::string_view target) { return request("PUT", target); }
    [[nodiscard]] TestRequest patch(std::string_view target) { return request("PATCH", target); }
    [[nodiscard]] TestRequest delete_(std::string_view target) { return request("DELETE", target); }
    [[nodiscard]] TestRequest options(std::string_view target) {
        return request("OPTIONS", target);
    }
    /// Any method. `target` is a path, with a query if it wants, as it is to be sent.
    [[nodiscard]] TestRequest request(std::string_view method, std::string_view target);

    /// Opens a WebSocket; include testing/websocket.hpp. For fields of the handshake begin with
    /// `get` and end with `.websocket()`.
    [[nodiscard]] TestWebSocket websocket(std::string_view target);
    /// Opens a stream of server-sent events in the same way; include testing/events.hpp.
    [[nodiscard]] TestEvents events(std::string_view target);

    /// Adds a field to every later request.
    TestClient& header(std::string_view name, std::string_view value);

    /// Where it sends to: "http://localhost", or over a socket the URL for other clients too.
    [[nodiscard]] std::string origin() const;
    [[nodiscard]] TestClock clock() const noexcept;
    [[nodiscard]] TestCookieJar& cookies() noexcept;
    /// Tells the application that its server begins to shut down: services, WebSockets, event
    /// streams.
    void begin_shutdown();

  private:
    explicit TestClient(std::shared_ptr<testkit::Session> session) noexcept;

    std::shared_ptr<testkit::Session> session_;
};

} // namespace armature
