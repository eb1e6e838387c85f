#pragma once

#include "http3/clock.hpp"
#include "http3/credentials.hpp"
#include "http3/session.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace armature::http3 {

class Endpoint;
struct Path;

/// One QUIC connection (RFC 9000) and the HTTP/3 session on it.
class Connection final : Timer, Session::Host {
  public:
    /// What a client's first packet says.
    struct Opening {
        const ngtcp2_pkt_hd& head;
        const Path& path;
        /// The id that it had chosen before a Retry made it choose another one.
        std::optional<ngtcp2_cid> original_id;
        /// It proved its address.
        bool validated = false;
    };

    /// Throws std::exception when it can't be made.
    Connection(Endpoint& endpoint, const Opening& opening, Nanoseconds now);
    ~Connection();

    void receive(const Path& path, std::string_view datagram, Nanoseconds now);
    /// Does what is due and sends one burst of packets.
    void send(Nanoseconds now);

    void drain();
    void refuse_requests();
    /// Cancels what runs and tells the client that the connection is over.
    void abort(CancelReason reason);

    /// Nothing of it is needed any more.
    [[nodiscard]] bool is_gone() const noexcept {
        return state_ == State::gone && (!session_ || session_->at_rest());
    }
    /// It is closed and nothing of it runs, though late packets may still be answered.
    [[nodiscard]] bool is_over() const noexcept {
        return state_ != State::open && (!session_ || session_->at_rest());
    }

    // For the endpoint's lists.
    std::size_t position = 0;
    bool is_marked = false;

  private:
    enum class State : std::uint8_t {
        open,
        closing,  ///< we said so, and repeat it to a client that hasn't heard it
        draining, ///< the client said so
        gone,     ///< only handlers that still run keep it
    };

    struct Callbacks;
    void expired() override;
    void session_changed() override;
    void session_failed(std::uint64_t code) override;

    void write_packets(Nanoseconds now);
    void handle_error(int code);
    void handle_session_error(int code);
    void close(const quic::CloseError& error);
    void begin_draining();
    void die();
    void after_handshake();
    int open_session();
    void update_timer();

    Endpoint& endpoint_;
    std::shared_ptr<const Credentials> credentials_;
    ngtcp2_conn* quic_ = nullptr;
    gnutls_session_t tls_ = nullptr;
    ngtcp2_crypto_conn_ref reference_{};
    std::unique_ptr<Session> session_;
    std::string close_packet_;
    std::uint32_t close_received_ = 0; ///< packets since we said that it is over
    std::uint64_t session_error_ = 0;
    State state_ = State::open;
    bool handshaking_ = true;
    bool draining_ = false;
};

} // namespace armature::http3
