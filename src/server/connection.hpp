#pragma once

#include "server/event_loop.hpp"
#include "server/socket.hpp"
#include "session/session.hpp"

#include <armature/core/peer_address.hpp>

#include <cstdint>
#include <memory>

namespace armature::server {

class Worker;

/// One client. Owned by the list of its worker.
class Connection {
  public:
    explicit Connection(Worker& worker) noexcept;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// No further request: closes at once when idle for a moment, else after the response.
    virtual void drain() = 0;
    /// Cancels what runs and closes.
    virtual void abort() = 0;

  protected:
    virtual ~Connection();

    Worker& worker_;

  private:
    friend class Worker;
    Connection* next_;
    Connection** link_;
};

/// Begins to serve a client that was just accepted, or a proxy has just told us of. Throws
/// std::system_error or std::bad_alloc.
void serve(Worker& worker, PlainSocket socket, const PeerAddress& peer, bool secure);
/// The same for a proxy that has to tell us of its client first.
void await_proxy_header(Worker& worker, PlainSocket socket, const PeerAddress& proxy, bool secure);

/// What has to happen before a client is served; then its socket goes to another connection.
class Handshake : public Connection, protected EventLoop::Watcher, EventLoop::Deferred, Timer {
  public:
    void drain() override { close(); }
    void abort() override { close(); }

  protected:
    Handshake(Worker& worker, const PeerAddress& peer) noexcept : Connection(worker), peer_(peer) {}
    /// Waits for what the client sends, for as long as it may take with a request's head.
    void begin(int descriptor);
    void close();
    /// Closes, and has `serve()` make the connection that the socket goes to.
    template <class Serve>
    void hand_over(Serve serve);
    [[nodiscard]] bool closed() const noexcept { return closed_; }
    [[nodiscard]] const PeerAddress& peer() const noexcept { return peer_; }

  private:
    void run_deferred() override;
    void expired() override { close(); }

    PeerAddress peer_;
    int descriptor_ = -1;
    bool closed_ = false;
};

/// A connection whose first bytes are to be a header of the PROXY protocol.
class ProxyHandshake final : public Handshake {
  public:
    ProxyHandshake(Worker& worker, PlainSocket socket, const PeerAddress& proxy, bool secure);

  private:
    void on_events(std::uint32_t events) override;

    PlainSocket socket_;
    bool secure_;
};

/// A TLS handshake under way; then a session of the protocol that was agreed takes over.
class TlsHandshake final : public Handshake {
  public:
    TlsHandshake(Worker& worker, PlainSocket socket, std::shared_ptr<const tls::ServerContext> tls,
                 const PeerAddress& peer);

  private:
    void on_events(std::uint32_t events) override;

    std::shared_ptr<const tls::ServerContext> tls_; ///< what OpenSSL's callbacks work on
    TlsSocket socket_;
};

/// A socket and the session that it carries: the I/O of HTTP/1.1 and HTTP/2.
template <class Session, class Socket>
class SessionConnection final : EventLoop::Deferred,
                                session::Host,
                                Timer,
                                public Connection,
                                public EventLoop::Watcher {
  public:
    SessionConnection(Worker& worker, Socket&& socket, const PeerAddress& peer);
    ~SessionConnection() override;

    [[nodiscard]] Session& session() noexcept { return session_; }
    /// Does what can be done now: after something was put into the session.
    void turn();

    void drain() override;
    void abort() override;

  private:
    void on_events(std::uint32_t events) override;
    void run_deferred() override;
    void session_changed() override;
    [[nodiscard]] bool has_input() const noexcept override { return readable_; }
    void expired() override;

    /// False when the connection broke.
    bool flush();
    bool flush_slow();
    bool receive();
    void linger();
    void broken();
    void close();
    void go_on_with_http2();
    void update_deadline();
    [[nodiscard]] std::int64_t moved() const noexcept;
    void begin_watching() noexcept;
    [[nodiscard]] bool is_moving() const noexcept;
    [[nodiscard]] bool has_unread_bytes() const noexcept;

    using Phase = session::Phase;

    // With hundreds of connections none of this is in the nearest cache when its turn comes: what
    // every request touches is together, from the last bases to the beginning of the session.
    Socket socket_;
    Phase phase_ = Phase::idle;
    bool readable_ = false;
    bool blocked_ = false; ///< the socket takes no more bytes now
    bool hung_up_ = false;
    bool waiting_ = false; ///< for the peer to send content or to take output
    bool lingering_ = false;
    bool closed_ = false;
    std::uint32_t served_ = 0;
    std::int64_t deadline_ = 0;
    std::uint64_t transferred_ = 0; ///< bytes received, and bytes given to the kernel
    Session session_;
    std::int64_t watched_until_ = 0; ///< by then enough bytes must have moved
    std::int64_t moved_before_ = 0;
};

} // namespace armature::server
