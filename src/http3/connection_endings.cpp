#include "http3/connection.hpp"
#include "http3/endpoint.hpp"

#include <utility>

namespace armature::http3 {

void Connection::session_changed() { endpoint_.mark(*this); }

void Connection::session_failed(std::uint64_t code) {
    if (session_error_ == 0) session_error_ = code;
    endpoint_.mark(*this);
}

void Connection::handle_session_error(int code) {
    if (session_error_ == 0) session_error_ = nghttp3_err_infer_quic_app_error_code(code);
    endpoint_.mark(*this);
}

void Connection::handle_error(int code) {
    switch (code) {
    case NGTCP2_ERR_DRAINING:
        return begin_draining();
    case NGTCP2_ERR_DROP_CONN:
    case NGTCP2_ERR_IDLE_CLOSE:
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
        return die();
    case NGTCP2_ERR_RETRY: // it must prove its address, and can't any more
        return die();
    default:
        break;
    }
    quic::CloseError error;
    quic::set_default(error);
    if (session_error_ != 0)
        quic::set_application_error(error, session_error_);
    else if (code == NGTCP2_ERR_CRYPTO && ngtcp2_conn_get_tls_alert(quic_) != 0)
        quic::set_tls_alert(error, ngtcp2_conn_get_tls_alert(quic_));
    else
        quic::set_library_error(error, code);
    close(error);
}

void Connection::close(const quic::CloseError& error) {
    if (state_ != State::open) return;
    const Nanoseconds now = endpoint_.host_.now();
    ngtcp2_path_storage path;
    ngtcp2_path_storage_zero(&path);
    ngtcp2_pkt_info info{};
    close_packet_.resize(NGTCP2_MAX_UDP_PAYLOAD_SIZE);
    const auto written = ngtcp2_conn_write_connection_close(
        quic_, &path.path, &info, reinterpret_cast<std::uint8_t*>(close_packet_.data()),
        close_packet_.size(), &error, now);
    if (written <= 0) return die();
    close_packet_.resize(static_cast<std::size_t>(written));
    Path to;
    to.local = Address{path.path.local.addr, static_cast<socklen_t>(path.path.local.addrlen)};
    to.remote = Address{path.path.remote.addr, static_cast<socklen_t>(path.path.remote.addrlen)};
    static_cast<void>(endpoint_.sink_.send(to, close_packet_, close_packet_.size()));
    state_ = State::closing;
    begin_draining();
}

// Until no packet of the client's can be on its way any more.
void Connection::begin_draining() {
    if (state_ == State::open) state_ = State::draining;
    const Nanoseconds until = endpoint_.host_.now() + 3 * ngtcp2_conn_get_pto(quic_);
    endpoint_.timers_.arm(*this, static_cast<std::int64_t>(until));
    if (std::exchange(handshaking_, false)) endpoint_.handshake_ended();
    endpoint_.mark(*this);
    if (session_) session_->abort(CancelReason::client_gone);
}

void Connection::die() {
    if (state_ == State::gone) return;
    state_ = State::gone;
    TimerQueue::disarm(*this);
    if (std::exchange(handshaking_, false)) endpoint_.handshake_ended();
    for (const ngtcp2_cid& id : quic::source_ids(quic_))
        endpoint_.remove_id(id);
    endpoint_.remove_id(*ngtcp2_conn_get_client_initial_dcid(quic_));
    endpoint_.mark(*this);
    if (session_) session_->abort(CancelReason::client_gone);
}

void Connection::drain() {
    draining_ = true;
    if (session_) session_->drain();
}

void Connection::refuse_requests() {
    if (session_)
        session_->refuse_requests();
    else
        die();
}

void Connection::abort(CancelReason reason) {
    if (session_) session_->abort(reason);
    quic::CloseError error;
    quic::set_default(error);
    quic::set_application_error(error, NGHTTP3_H3_NO_ERROR);
    close(error);
    die();
}

} // namespace armature::http3
