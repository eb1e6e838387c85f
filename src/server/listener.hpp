#pragma once

#include "server/event_loop.hpp"

#include <armature/core/peer_address.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace armature::server {

class Worker;

/// Where to listen, as written in `ServerOptions::listen`.
struct ListenAddress {
    enum class Kind { tcp, unix_socket, systemd };
    Kind kind = Kind::tcp;
    std::string host; ///< or the path of a Unix-domain socket
    std::string port;

    /// Throws `ServerError`.
    [[nodiscard]] static ListenAddress parse(std::string_view text);
};

/// An open listening socket before a worker takes it over.
struct ListenSocket {
    int descriptor;
    bool shared; ///< several workers accept from this one descriptor
    bool tcp;
    std::string address; ///< for people and clients: "127.0.0.1:8080"
};

/// Opens one address. TCP gives a socket for each of `copies` workers, which the kernel spreads
/// connections over; other kinds give one that they share. Throws `ServerError`.
[[nodiscard]] std::vector<ListenSocket> open_listeners(const ListenAddress& address,
                                                       unsigned copies);

/// Whether `armature dev` runs this process and passed it the socket to serve, as systemd would, by
/// the name "armature-dev". True once: for the first server of the process.
[[nodiscard]] bool take_development_socket() noexcept;

/// What is served on a listening socket.
struct Service {
    bool tcp;     ///< not a Unix-domain socket
    bool secure;  ///< TLS
    bool proxied; ///< `ServerOptions::proxy_protocol` holds there
};

/// Accepts connections for one worker.
class Listener final : EventLoop::Watcher, Timer {
  public:
    Listener(Worker& worker, EventLoop& loop, int descriptor, bool shared, Service service);
    ~Listener();

    /// Takes what the kernel has queued already, then closes.
    void stop();

  private:
    void on_events(std::uint32_t events) override;
    void expired() override;
    void accept(int at_most);
    void watch();
    void back_off(const char* why);

    Worker& worker_;
    EventLoop& loop_;
    int descriptor_;
    bool shared_;
    Service service_;
    bool backing_off_ = false;
    std::int64_t warn_again_ = 0; ///< not before then: it would be the same warning
};

} // namespace armature::server
