#include "redis/pipeline.hpp"

#include <armature/log/log.hpp>

#include <algorithm>
#include <utility>

namespace armature::redis {

Pipeline::~Pipeline() {
    for (const Waiting& waiting : waiting_)
        if (waiting.call != nullptr) waiting.call->pipeline_ = nullptr;
}

void Pipeline::submit(Call& call, std::string_view encoded) {
    Scheduler& loop = connection_.loop();
    if (waiting_.size() >= options_.max_waiting)
        throw RedisError{RedisError::Kind::unavailable, "Too many commands wait for Redis"};
    if (connection_.is_closed()) {
        if (loop.now() < retry_at_)
            throw RedisError{RedisError::Kind::unavailable, "Redis can't be reached"};
        connection_.open();
    }
    const Duration patience =
        is_open_
            ? options_.timeout
            : Duration::milliseconds(options_.connect_timeout.count() + options_.timeout.count());
    waiting_.push_back({&call, loop.now() + patience.count()});
    connection_.send(encoded);
    if (waiting_.size() == 1) await_oldest();
}

void Pipeline::forget(Call& call) noexcept {
    for (std::deque<Waiting>* const calls : {&waiting_, &failing_})
        for (Waiting& waiting : *calls)
            if (waiting.call == &call) waiting.call = nullptr;
}

void Pipeline::await_oldest() {
    if (waiting_.empty())
        TimerQueue::disarm(*this);
    else
        connection_.loop().timers().arm(*this, waiting_.front().deadline);
}

void Pipeline::opened() {
    is_open_ = true;
    pause_ = 0;
}

void Pipeline::received(RedisValue value) {
    if (waiting_.empty())
        return connection_.fail(RedisError::Kind::protocol, "Redis answered what nobody asked");
    Call* const call = waiting_.front().call;
    waiting_.pop_front();
    await_oldest();
    if (call != nullptr) call->finish(std::move(value));
}

void Pipeline::lost(const RedisError& why) {
    Scheduler& loop = connection_.loop();
    if (!std::exchange(is_open_, false)) {
        pause_ = std::clamp(pause_ * 2, options_.first_pause.count(), longest_pause);
        retry_at_ = loop.now() + pause_;
    }
    log::warn("redis: connection lost", {{"reason", why.detail()}});
    TimerQueue::disarm(*this);
    failing_.swap(waiting_);
    // Each may send new commands, and end others that are among these.
    while (!failing_.empty()) {
        Call* const call = failing_.front().call;
        failing_.pop_front();
        if (call != nullptr) call->finish(why);
    }
}

void Pipeline::expired() {
    connection_.fail(RedisError::Kind::timeout, "Redis doesn't answer in time");
}

RedisValue Call::await_resume() {
    CancellableWait::await_resume();
    if (error_) throw *std::move(error_);
    return std::move(reply_);
}

void Call::finish(RedisValue value) {
    pipeline_ = nullptr;
    reply_ = std::move(value);
    resume();
}

void Call::finish(const RedisError& why) {
    pipeline_ = nullptr;
    error_ = why;
    resume();
}

void Call::cancelled(CancelReason reason) {
    std::exchange(pipeline_, nullptr)->forget(*this);
    CancellableWait::cancelled(reason);
}

} // namespace armature::redis
