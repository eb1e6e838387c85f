#pragma once

#include <armature/core/cancellable_wait.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/store/pub_sub.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace armature::store {

/// For engines of `PubSub`: what was published to one subscription and not read yet. Any thread may
/// push; the loop that made it reads.
class Inbox : Job, public std::enable_shared_from_this<Inbox> {
  public:
    Inbox() : loop_(Scheduler::current()) {}
    virtual ~Inbox() = default;

    /// The subscription is over: nothing may be pushed once it returned.
    virtual void leave() noexcept = 0;

    void push(const std::string& message);
    [[nodiscard]] Task<std::string> next();
    [[nodiscard]] std::uint64_t missed() noexcept;

  private:
    void run() override;
    void abandoned() noexcept override { const auto last = std::move(self_); }

    Scheduler& loop_;
    WaitSlot slot_;
    std::mutex mutex_;
    std::deque<std::string> messages_;
    std::uint64_t missed_ = 0;
    bool is_awaited_ = false;     // the reader wants to be told
    std::shared_ptr<Inbox> self_; // while it is posted
};

} // namespace armature::store
