#include "http3/session.hpp"

#include <utility>

namespace armature::http3 {

void Session::drain() {
    if (draining_ || http_ == nullptr) return;
    draining_ = true;
    nghttp3_conn_submit_shutdown_notice(http_);
    host_.session_changed();
}

void Session::refuse_requests() {
    if (refusing_ || http_ == nullptr) return;
    refusing_ = draining_ = true;
    nghttp3_conn_shutdown(http_);
    host_.session_changed();
    close_if_unused();
}

void Session::close_if_unused() {
    if (transfers_.empty() && !aborted_) host_.session_failed(NGHTTP3_H3_NO_ERROR);
}

void Session::abort(CancelReason reason) {
    if (std::exchange(aborted_, true)) return;
    TimerQueue::disarm(*this);
    for (Transfer* transfer : transfers_)
        if (!std::exchange(transfer->closed, true)) ended_.push_back(transfer);
    for (Transfer* transfer : std::exchange(ended_, {}))
        transfer->stream->close(reason);
}

// --- clients that are too slow ------------------------------------------------------------------

void Session::watch(Duration within) {
    TimerQueue& timers = context_.streams.loop.timers();
    const std::int64_t at = context_.streams.loop.now() + within.count();
    if (!armed() || deadline() > at) timers.arm(*this, at);
}

// A client is stuck that owes us content, or doesn't acknowledge what it was sent. It is too slow
// when it was stuck before, too, and hardly anything moved since.
bool Session::is_too_slow(Transfer& transfer) noexcept {
    const std::uint64_t moved = transfer.received + transfer.acked;
    const std::uint64_t before = std::exchange(transfer.moved_before, moved);
    const bool owes_content = transfer.stream->waits_for_content() ||
                              (transfer.stream->owes_content() && !transfer.stopped);
    const bool stuck = owes_content || transfer.given > transfer.acked;
    const bool was_stuck = std::exchange(transfer.was_stuck, stuck);
    const Limits& limits = context_.limits;
    const auto least =
        static_cast<std::uint64_t>(limits.transfer_grace.count()) * limits.min_transfer_rate / 1000;
    return stuck && was_stuck && moved - before < least;
}

void Session::expired() {
    const Limits& limits = context_.limits;
    const std::int64_t now = context_.streams.loop.now();
    const bool judge = now >= judge_at_;
    if (judge) judge_at_ = now + limits.transfer_grace.count();
    for (Transfer* transfer : transfers_) {
        if (transfer->closed || transfer->failed) continue;
        if (!transfer->head_complete) {
            if (now - transfer->opened_at >= limits.header_timeout.count())
                fail(*transfer, NGHTTP3_H3_REQUEST_INCOMPLETE);
        } else if (judge && is_too_slow(*transfer)) {
            if (transfer->stream->waits_for_content())
                slow_.push_back(transfer->stream);
            else if (transfer->stream->owes_content() && !transfer->stopped)
                stop_upload(*transfer);
            else
                fail(*transfer, NGHTTP3_H3_EXCESSIVE_LOAD);
        }
    }
    for (mux::Stream* stream : std::exchange(slow_, {}))
        stream->content_timed_out();
    if (!transfers_.empty()) {
        watch(heads_open_ > 0 ? limits.header_timeout : limits.transfer_grace);
    } else if (now - idle_since_ >= limits.idle_timeout.count()) {
        refuse_requests();
    } else {
        watch(Duration::milliseconds(idle_since_ + limits.idle_timeout.count() - now));
    }
}

} // namespace armature::http3
