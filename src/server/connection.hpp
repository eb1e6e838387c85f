#pragma once

#include "http1/session.hpp"
#include "server/event_loop.hpp"

#include <armature/server/server.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace armature::server {

class Connection;
class Listener;

/// One event loop with its listeners and connections.
class Worker final : EventLoop::Ticker {
  public:
    Worker(const Dispatcher& dispatcher, const ServerOptions& options,
           const http1::SessionLimits& session_limits, std::atomic<std::uint32_t>& connections);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker();

    /// Takes over a listening socket. Before `run`.
    void listen(int descriptor, bool shared, bool tcp);
    void run();
    /// Begins the shutdown; from any thread, once.
    void stop();

    /// Calls `watcher` on this loop when the descriptor can be read.
    void watch(int descriptor, EventLoop::Watcher& watcher);

    /// False at the limit of open connections.
    [[nodiscard]] bool may_accept() const noexcept;
    void accepted(int descriptor, const PeerAddress& peer);

  private:
    friend class Connection;

    void tick() override;
    void begin_shutdown();
    void check_shutdown();
    void remove(Connection& connection) noexcept;

    struct StopJob final : Job {
        explicit StopJob(Worker& of) noexcept : worker(of) {}
        void run() override { worker.begin_shutdown(); }
        Worker& worker;
    };
    struct GraceTimer final : Timer {
        explicit GraceTimer(Worker& of) noexcept : worker(of) {}
        void expired() override { worker.grace_is_over(); }
        Worker& worker;
    };
    void grace_is_over();

    EventLoop loop_;
    const ServerOptions& options_;
    http1::SessionContext sessions_;
    std::atomic<std::uint32_t>& connection_count_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    Connection* connections_ = nullptr;
    std::int64_t date_until_ = 0;
    bool stopping_ = false;
    StopJob stop_job_{*this};
    GraceTimer grace_timer_{*this};
};

/// A socket and the session that it carries: the I/O of HTTP/1.1.
class Connection final : EventLoop::Watcher, EventLoop::Deferred, Timer, http1::Session::Host {
  public:
    Connection(Worker& worker, int descriptor, const PeerAddress& peer);

    /// No further request: closes at once when idle for a moment, else after the response.
    void drain();
    /// Cancels what runs and closes.
    void abort();

  private:
    friend class Worker;
    ~Connection();

    void on_events(std::uint32_t events) override;
    void run_deferred() override;
    void session_changed() override { worker_.loop_.defer(*this); }
    [[nodiscard]] bool has_input() const noexcept override { return readable_; }
    void expired() override;

    void turn();
    /// False when the connection broke.
    bool flush();
    bool flush_slow();
    bool receive();
    void linger();
    void broken();
    void close();
    void update_deadline();
    [[nodiscard]] std::int64_t moved() const noexcept;
    void begin_watching() noexcept;
    [[nodiscard]] bool is_moving() const noexcept;

    using Phase = http1::Session::Phase;

    Worker& worker_;
    http1::Session session_;
    Connection* next_ = nullptr;
    Connection** link_ = nullptr;
    std::int64_t deadline_ = 0;
    std::int64_t watched_until_ = 0; ///< by then enough bytes must have moved
    std::int64_t moved_before_ = 0;
    std::uint64_t transferred_ = 0; ///< bytes received, and bytes given to the kernel
    std::uint32_t served_ = 0;
    int descriptor_;
    Phase phase_ = Phase::idle;
    bool readable_ = false;
    bool blocked_ = false; ///< the socket takes no more bytes now
    bool hung_up_ = false;
    bool waiting_ = false; ///< for the peer to send content or to take output
    bool lingering_ = false;
    bool closed_ = false;
};

} // namespace armature::server
