#pragma once

#include "http3/clock.hpp"
#include "http3/connection.hpp"
#include "http3/options.hpp"
#include "http3/secrets.hpp"
#include "http3/send_batch.hpp"

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace armature::http3 {

/// The QUIC connections of one worker, without I/O: datagrams in, datagrams out through a
/// `PacketSink`. A shell that owns a socket gives it what arrives, calls `flush` when `Host` says
/// so and before it sleeps, and `expire` at `next_expiry`.
class Endpoint {
  public:
    class Host {
      public:
        /// There is something to do: call `flush` soon.
        virtual void endpoint_changed() = 0;
        /// A draining endpoint has nothing left.
        virtual void endpoint_at_rest() = 0;
        /// The time of all timers. It never goes back.
        [[nodiscard]] virtual Nanoseconds now() const noexcept { return monotonic_now(); }

      protected:
        ~Host() = default;
    };

    Endpoint(const EndpointOptions& options, const Secrets& secrets,
             const CredentialsSlot& credentials, const Dispatcher& dispatcher, Scheduler& loop,
             PacketSink& sink, Host& host);
    Endpoint(const Endpoint&) = delete;
    Endpoint& operator=(const Endpoint&) = delete;
    ~Endpoint();

    /// A datagram arrived.
    void receive(const Path& path, std::string_view datagram);
    /// Does what is due and sends what is ready. True: there is more, call it again soon.
    bool flush();
    /// The socket takes packets again.
    void writable();
    [[nodiscard]] bool is_blocked() const noexcept { return batch_.is_blocked(); }
    /// When to call `expire`, by the host's clock; the largest number is never.
    [[nodiscard]] Nanoseconds next_expiry() const noexcept;
    void expire();

    /// Fields of every response: Server and Date.
    [[nodiscard]] Headers& common_fields() noexcept { return sessions_.streams.common_fields; }

    /// No new connection and, after a moment, no new request; what runs is finished.
    void drain();
    /// Cancels what runs.
    void abort();
    /// Nothing is open and nothing runs.
    [[nodiscard]] bool at_rest() const noexcept;
    [[nodiscard]] std::size_t connection_count() const noexcept { return connections_.size(); }

    /// Length of the connection ids that we give out.
    static constexpr std::size_t id_bytes = 16;

  private:
    friend class Connection;

    struct IdHash {
        std::uint64_t seed[2];
        std::size_t operator()(const ngtcp2_cid& id) const noexcept;
    };
    struct IdEqual {
        bool operator()(const ngtcp2_cid& a, const ngtcp2_cid& b) const noexcept {
            return ngtcp2_cid_eq(&a, &b) != 0;
        }
    };
    using Ids = std::unordered_map<ngtcp2_cid, Connection*, IdHash, IdEqual>;

    // What connections ask for.
    void mark(Connection& connection);
    [[nodiscard]] ngtcp2_cid make_id();
    void make_reset_token(std::uint8_t* token, const ngtcp2_cid& id) const noexcept;
    void add_id(const ngtcp2_cid& id, Connection& connection) { ids_.emplace(id, &connection); }
    void remove_id(const ngtcp2_cid& id) noexcept { ids_.erase(id); }
    void handshake_ended() noexcept { --handshakes_; }

    void accept(const Path& path, std::string_view datagram, Nanoseconds now);
    void send_retry(const Path& path, const ngtcp2_pkt_hd& head);
    void send_close(const Path& path, const ngtcp2_pkt_hd& head, std::uint64_t code);
    void send_reset(const Path& path, std::string_view datagram);
    void send_versions(const Path& path, const ngtcp2_version_cid& ids);
    [[nodiscard]] bool may_answer(Nanoseconds now) noexcept;
    [[nodiscard]] bool must_validate() const noexcept;
    void reap(Connection& connection);
    void quiet_time_is_over();

    struct QuietTimer final : Timer {
        explicit QuietTimer(Endpoint& of) noexcept : endpoint(of) {}
        void expired() override { endpoint.quiet_time_is_over(); }
        Endpoint& endpoint;
    };

    const EndpointOptions options_;
    const Secrets& secrets_;
    const CredentialsSlot& credentials_;
    Scheduler& loop_;
    PacketSink& sink_;
    Host& host_;
    SessionContext sessions_;
    SendBatch batch_;
    TimerQueue timers_; ///< in nanoseconds
    Ids ids_;
    std::vector<Connection*> connections_;
    std::vector<Connection*> marked_;
    std::vector<Connection*> sending_;
    std::size_t handshakes_ = 0;
    Nanoseconds answers_from_ = 0; ///< answers without a connection use up time from here to now
    bool draining_ = false;
    QuietTimer quiet_timer_{*this};
};

} // namespace armature::http3
