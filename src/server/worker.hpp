#pragma once

#include "http1/session_context.hpp"
#include "http2/session_context.hpp"
#include "server/event_loop.hpp"
#include "server/http3.hpp"
#include "tls/server_context.hpp"

#include <armature/server/server.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <vector>

namespace armature::server {

class Connection;
class Listener;
struct Service;

/// What all workers of a server share.
class Shared {
  public:
    Shared(const ServerOptions& server_options, const Dispatcher& secure_dispatcher,
           const Dispatcher& plain_dispatcher);

    const ServerOptions& options;
    http1::SessionLimits http1;
    http2::SessionLimits http2;
    /// Who answers what came over TLS, and what didn't.
    const Dispatcher& secure;
    const Dispatcher& plain;
    /// The value of Alt-Svc (RFC 7838) over TLS; empty without HTTP/3.
    std::string alternative_service;
    std::atomic<std::uint32_t> connections{0};

    /// A reload changes it; handshakes use the one that they began with. Threads: any.
    [[nodiscard]] std::shared_ptr<const tls::ServerContext> tls() const {
        const std::lock_guard lock{tls_mutex_};
        return tls_;
    }
    void set_tls(std::shared_ptr<const tls::ServerContext> tls) {
        const std::lock_guard lock{tls_mutex_};
        tls_.swap(tls);
    }

  private:
    mutable std::mutex tls_mutex_;
    std::shared_ptr<const tls::ServerContext> tls_;
};

/// One event loop with its listeners and connections.
class Worker final : EventLoop::Ticker, Http3Listener::Owner {
  public:
    explicit Worker(Shared& shared);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker();

    /// Takes over a listening socket. Before `run`.
    void listen(int descriptor, bool shared, const Service& service);
    /// Takes over the share of an address that the service opened last. Before `run`.
    void listen(Http3Service& http3, unsigned worker);
    void run();
    /// Begins the shutdown; from any thread, once.
    void stop();
    /// Runs a job on this loop; from any thread.
    void post(Job& job) { loop_.post(job); }

    /// Calls `watcher` on this loop when the descriptor can be read.
    void watch(int descriptor, EventLoop::Watcher& watcher);

    [[nodiscard]] const Shared& shared() const noexcept { return shared_; }
    /// False at the limit of open connections.
    [[nodiscard]] bool may_accept() const noexcept;
    void accepted(int descriptor, const PeerAddress& peer, const Service& service);

  private:
    friend class Connection;
    friend class Handshake;
    template <class, class>
    friend class SessionConnection;

    // The sessions of one kind of listener.
    struct Protocols {
        Protocols(const Shared& shared, const Dispatcher& dispatcher, Scheduler& loop, bool secure)
            : http1(dispatcher, shared.http1, loop, secure),
              http2(dispatcher, shared.http2, loop, secure) {}
        http1::SessionContext http1;
        http2::SessionContext http2;
    };

    template <class Session>
    auto& context_for(bool secure) noexcept {
        Protocols& protocols = secure ? secure_ : plain_;
        if constexpr (std::is_constructible_v<Session, http1::SessionContext&, session::Host&>)
            return protocols.http1;
        else
            return protocols.http2;
    }

    void tick() override;
    void begin_shutdown();
    void check_shutdown();
    void http3_at_rest() override {
        if (stopping_) check_shutdown();
    }
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

    StopJob stop_job_{*this}; ///< before the loop: it may still be posted when that goes
    EventLoop loop_;
    Shared& shared_;
    const ServerOptions& options_;
    Protocols plain_;
    Protocols secure_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::vector<std::unique_ptr<Http3Listener>> http3_listeners_;
    Connection* connections_ = nullptr;
    std::int64_t date_until_ = 0;
    bool stopping_ = false;
    GraceTimer grace_timer_{*this};
};

} // namespace armature::server
