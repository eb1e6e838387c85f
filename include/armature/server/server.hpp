#pragma once

#include <armature/app/app.hpp>
#include <armature/core/address_ranges.hpp>
#include <armature/core/duration.hpp>
#include <armature/core/owned.hpp>
#include <armature/tls/identity.hpp>

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// What a client may cost. Every limit has a default that suits a public service.
struct ServerLimits {
    /// Longest request line and fields together, in bytes (431 above it), and longest target (414).
    std::uint32_t head_bytes = 16 * 1024;
    std::uint32_t target_bytes = 8 * 1024;
    /// Most header fields of a request (431 above it).
    std::uint16_t header_fields = 100;
    /// From the first byte of a request to the end of its head; then 408.
    Duration header_timeout = Duration::seconds(10);
    /// Between two requests of a connection.
    Duration idle_timeout = Duration::seconds(60);
    /// While the server waits for the client to send content or to read a response, this many
    /// bytes a second must move, counted anew after each `transfer_grace`; then 408, or a reset.
    /// Bytes a second, not 0.
    std::uint32_t min_transfer_rate = 240;
    Duration transfer_grace = Duration::seconds(20);
    /// Open connections of the whole process; more wait in the kernel's queue.
    std::uint32_t connections = 100'000;
    /// Requests that one connection may carry before it is closed.
    std::uint32_t requests_per_connection = 1'000'000;
    /// Requests that an HTTP/2 or HTTP/3 connection may have under way at a time; more are refused.
    std::uint32_t concurrent_streams = 128;
    /// How long a shutdown waits for what is under way before it cancels it.
    Duration shutdown_grace = Duration::seconds(30);
};

/// Where to listen: "HOST:PORT", "[IPv6]:PORT", ":PORT" for all addresses, "unix:PATH", or
/// "systemd" for the sockets that systemd passed. Port 0 asks the kernel for a free one. One,
/// several or none.
class Addresses {
  public:
    // Defined in the library: every program that includes this would compile them otherwise.
    Addresses() noexcept;
    Addresses(const char* address);                          // NOLINT
    Addresses(std::string address);                          // NOLINT
    Addresses(std::initializer_list<std::string> addresses); // NOLINT
    Addresses(std::vector<std::string> addresses);           // NOLINT
    Addresses(const Addresses& other);
    Addresses(Addresses&& other) noexcept;
    Addresses& operator=(const Addresses& other);
    Addresses& operator=(Addresses&& other) noexcept;
    ~Addresses();

    [[nodiscard]] bool empty() const noexcept;
    [[nodiscard]] const std::string* begin() const noexcept { return list_.data(); }
    [[nodiscard]] const std::string* end() const noexcept { return list_.data() + list_.size(); }
    void add(std::string address);

  private:
    std::vector<std::string> list_;
};

/// HTTP/3: `.http3 = true` is enough.
struct Http3Options {
    Http3Options() noexcept;
    Http3Options(bool on) noexcept; // NOLINT: as natural as the flag alone

    bool enabled = false;
    /// UDP addresses, if they are to be others than those of `https`, which they are beside
    /// otherwise, so that clients find them by Alt-Svc (RFC 7838).
    Addresses addresses{};
    /// At least 32 bytes that nobody can guess, the same for every process behind one address and
    /// after a restart: then clients learn at once that a connection was lost, and resume sessions
    /// elsewhere. Empty: random, for this process.
    std::string secret;
    /// Lets a client that was here before send a request with its first packet. An attacker can
    /// send that packet again, so only requests with a safe method are handled early; copies are
    /// found within one process. Off unless your GET handlers may run twice.
    bool early_data = false;
    /// Every new client proves its address first, for a round trip. By default that begins under
    /// load.
    bool always_validate_addresses = false;
};

/// HAProxy's PROXY protocol, versions 1 and 2: a proxy says who its client is before the first byte
/// that it passes on, TLS included. Then `Request::peer` is that client.
struct ProxyProtocolOptions {
    /// Who has to begin with it: a connection from there that doesn't is closed, within
    /// `limits.header_timeout`. Connections from elsewhere are served as they are, and what looks
    /// like such a header is refused there. Empty: nobody.
    AddressRanges from{};
    /// The addresses of `http` and `https`, as they are written there, where that holds. Empty:
    /// all.
    Addresses addresses{};
};

struct ServerOptions {
    /// For HTTP/1.1, and HTTP/2 for clients that know or ask (h2c). Without any address at all it
    /// is 127.0.0.1:8080.
    Addresses http{};
    /// For HTTP/1.1 and HTTP/2 over TLS, as the client prefers; needs `tls.identities`.
    Addresses https{};
    tls::ServerTlsOptions tls{};
    /// HTTP/3 on the addresses of `https`, by UDP, and announced there by Alt-Svc.
    Http3Options http3{};
    /// For proxies that pass connections on, not requests. Not for HTTP/3.
    ProxyProtocolOptions proxy_protocol{};
    /// What comes by `http` is answered with 308 to the same place on the first of `https`, not by
    /// the application.
    bool redirect_to_https = false;
    /// Event loops, one thread each; 0 means one for each core.
    unsigned threads = 0;
    /// SIGTERM and SIGINT start an orderly shutdown, SIGHUP reads the certificates again.
    bool handle_signals = true;
    /// The value of the Server field; empty leaves it out.
    std::string server_name = "armature";
    ServerLimits limits{};
};

/// The server can't start: what failed, for which address, and what may help, in one line.
class ServerError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Serves an application over sockets. Made by `App::run` in the usual case.
class Server {
  public:
    /// Runs the start-up hooks of the application's services, then opens all listeners; from here
    /// on clients can connect. `application` must outlive the server. Throws `ServerError`, and
    /// std::runtime_error when a hook fails.
    Server(const Application& application, ServerOptions options);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// The addresses it listens on, with the ports that the kernel chose, in the order given.
    [[nodiscard]] const std::vector<std::string>& addresses() const noexcept;
    [[nodiscard]] const std::vector<std::string>& https_addresses() const noexcept;
    [[nodiscard]] const std::vector<std::string>& http3_addresses() const noexcept;

    /// Serves until `stop` or a signal, then stops accepting, finishes what is under way within
    /// `shutdown_grace`, and returns. The hooks of a shutdown run before and after that.
    void run();

    /// Starts the shutdown. May be called from any thread.
    void stop() noexcept;

    /// Reads the certificate files again: new connections get the new certificates, open ones go
    /// on. May be called from any thread. Throws `tls::TlsError` and keeps the old ones when the
    /// new ones can't be used.
    void reload_certificates();

    class Impl; // inside of the library only

  private:
    Owned<Impl> impl_;
};

} // namespace armature
