#pragma once

#include "redis/connection.hpp"

#include <armature/core/cancellable_wait.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace armature::redis {

class Call;

/// One loop's commands to the server, in order: each reply belongs to the oldest command that has
/// none yet.
class Pipeline final : Connection::Owner, Timer {
  public:
    Pipeline(Scheduler& loop, const Endpoint& endpoint, const RedisOptions& options) noexcept
        : options_(options), connection_(loop, endpoint, options, *this) {}
    ~Pipeline();

    [[nodiscard]] bool loop_lives() const noexcept { return connection_.loop_lives(); }

  private:
    friend class Call;
    struct Waiting {
        Call* call; ///< null when nobody waits any more
        std::int64_t deadline;
    };

    /// Throws `RedisError` when it can't be sent.
    void submit(Call& call, std::string_view encoded);
    void forget(Call& call) noexcept;

    void opened() override;
    void received(RedisValue value) override;
    void lost(const RedisError& why) override;
    void expired() override; // the oldest command's reply is late
    void await_oldest();

    const RedisOptions& options_;
    Connection connection_;
    std::deque<Waiting> waiting_;
    std::deque<Waiting> failing_; ///< of a connection that was lost
    std::int64_t pause_ = 0;      // after the last attempt to connect that failed
    std::int64_t retry_at_ = 0;
    bool is_open_ = false;
};

/// A command on its way: `co_await call` gives the reply, which may be an error.
class Call final : public CancellableWait {
  public:
    Call(Pipeline& pipeline, const std::string& encoded) noexcept
        : pipeline_(&pipeline), encoded_(encoded) {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() {
        if (pipeline_ != nullptr) pipeline_->forget(*this);
    }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiter) {
        if (!wait(waiter)) return false;
        pipeline_->submit(*this, encoded_);
        return true;
    }
    [[nodiscard]] RedisValue await_resume();

  private:
    friend class Pipeline;
    void finish(RedisValue value);
    void finish(const RedisError& why);
    void cancelled(CancelReason reason) override;

    Pipeline* pipeline_;
    const std::string& encoded_;
    RedisValue reply_;
    std::optional<RedisError> error_;
};

} // namespace armature::redis
