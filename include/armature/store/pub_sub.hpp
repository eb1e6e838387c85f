#pragma once

#include <armature/core/task.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace armature {

namespace store {
class Inbox;
} // namespace store

/// A task's place at a channel. What is published while it is there is kept for it, up to
/// `PubSub::inbox_size` messages; then the oldest go. Leaves the channel at its end.
///
/// Threads: used on the event loop that subscribed.
class Subscription {
  public:
    explicit Subscription(std::shared_ptr<store::Inbox> inbox) noexcept
        : inbox_(std::move(inbox)) {}
    Subscription(Subscription&&) noexcept = default;
    Subscription& operator=(Subscription&& other) noexcept;
    ~Subscription();

    /// The next message; waits for it. Throws `Cancelled`.
    [[nodiscard]] Task<std::string> next();
    /// How many messages went because this one read too slowly.
    [[nodiscard]] std::uint64_t missed() const noexcept;

  private:
    std::shared_ptr<store::Inbox> inbox_;
};

/// Messages to whoever listens at that moment, in this process (`MemoryPubSub`) or in all that
/// share an engine (`RedisPubSub`). At most once: nobody gets what was published before they
/// subscribed, or while the engine couldn't be reached. Messages of one publisher keep their order.
///
/// Threads: any event loop. It must outlive its subscriptions.
class PubSub {
  public:
    /// How many messages wait for a slow subscriber.
    static constexpr std::size_t inbox_size = 1024;

    virtual ~PubSub() = default;

    [[nodiscard]] virtual Task<> publish(std::string channel, std::string message) = 0;
    /// Once it is there, it gets what is published.
    [[nodiscard]] virtual Task<Subscription> subscribe(std::string channel) = 0;
};

/// A `PubSub` between the event loops of this process.
class MemoryPubSub final : public PubSub {
  public:
    MemoryPubSub();
    ~MemoryPubSub() override;

    [[nodiscard]] Task<> publish(std::string channel, std::string message) override;
    [[nodiscard]] Task<Subscription> subscribe(std::string channel) override;
    /// The subscriptions of a channel.
    [[nodiscard]] std::size_t subscribers(const std::string& channel) const;

  private:
    class Channels;
    std::shared_ptr<Channels> channels_;
};

} // namespace armature
