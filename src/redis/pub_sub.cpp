#include "redis/connection.hpp"
#include "redis/per_loop.hpp"

#include <armature/log/log.hpp>
#include <armature/redis/pub_sub.hpp>
#include <armature/store/inbox.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace armature {

namespace redis {

/// One loop's subscriptions, over a connection that exists while there are any.
class Subscriber final : Connection::Owner, Timer, public std::enable_shared_from_this<Subscriber> {
  public:
    class Member;

    Subscriber(Scheduler& loop, const Redis& redis)
        : options_(redis.options()), connection_(loop, redis.endpoint(), redis.options(), *this) {}

    [[nodiscard]] bool loop_lives() const noexcept { return connection_.loop_lives(); }
    [[nodiscard]] Task<std::shared_ptr<store::Inbox>> join(std::string channel);

  private:
    void leave(Member& member) noexcept;
    void opened() override;
    void received(RedisValue value) override;
    void lost(const RedisError& why) override;
    void expired() override;
    void expect_word(Duration within);

    const RedisOptions& options_;
    Connection connection_;
    std::map<std::string, std::vector<Member*>> channels_;
    std::int64_t pause_ = 0; // before the next attempt to connect
    bool is_open_ = false;
    bool has_heard_ = false; // anything since the last look
};

class Subscriber::Member final : public store::Inbox {
  public:
    Member(std::shared_ptr<Subscriber> of, std::string name)
        : channel(std::move(name)), subscriber_(std::move(of)) {}
    void leave() noexcept override { subscriber_->leave(*this); }

    std::string channel;
    bool is_confirmed = false; // the server knew of the channel once
    std::optional<RedisError> failure;
    WaitSlot confirmation;

  private:
    std::shared_ptr<Subscriber> subscriber_;
};

Task<std::shared_ptr<store::Inbox>> Subscriber::join(std::string channel) {
    auto member = std::make_shared<Member>(shared_from_this(), channel);
    // Leaves again unless it is handed over.
    struct Leaving {
        explicit Leaving(Member* of) noexcept : member(of) {}
        ~Leaving() {
            if (member != nullptr) member->leave();
        }
        Member* member;
    } leaving{member.get()};
    auto& members = channels_[channel];
    const bool is_new = members.empty();
    if (!is_new && members.front()->is_confirmed && is_open_) member->is_confirmed = true;
    members.push_back(member.get());
    if (connection_.is_closed())
        connection_.open();
    else if (is_new && is_open_)
        connection_.send(RedisCommand{"SUBSCRIBE", channel}.encoded());
    if (!member->is_confirmed) {
        has_heard_ = false;
        expect_word(
            Duration::milliseconds(options_.connect_timeout.count() + options_.timeout.count()));
        co_await member->confirmation.wait();
        if (member->failure) throw *std::move(member->failure);
    }
    leaving.member = nullptr;
    co_return member;
}

void Subscriber::leave(Member& member) noexcept {
    const auto found = channels_.find(member.channel);
    if (found == channels_.end()) return;
    std::erase(found->second, &member);
    if (!found->second.empty()) return;
    channels_.erase(found);
    if (!loop_lives()) return;
    if (channels_.empty()) {
        connection_.close();
        is_open_ = false;
        TimerQueue::disarm(*this);
    } else if (is_open_) {
        connection_.send(RedisCommand{"UNSUBSCRIBE", member.channel}.encoded());
    }
}

void Subscriber::opened() {
    is_open_ = true;
    pause_ = 0;
    RedisCommand command{"SUBSCRIBE"};
    for (const auto& [channel, members] : channels_)
        command.add(channel);
    connection_.send(command.encoded());
    has_heard_ = false;
    expect_word(options_.timeout);
}

void Subscriber::received(RedisValue value) {
    has_heard_ = true;
    if (value.is_error()) return connection_.fail(RedisError::Kind::reply, std::move(value).text());
    if (value.kind() != RedisValue::Kind::list || value.items().empty()) return; // PONG
    const std::vector<RedisValue>& items = value.items();
    if (items.size() < 3) return;
    const auto found = channels_.find(items[1].text());
    if (found == channels_.end()) return; // left meanwhile
    if (items[0].text() == "message") {
        for (Member* const member : found->second)
            member->push(items[2].text());
    } else if (items[0].text() == "subscribe") {
        // Whoever goes on may leave: look again from the start each time.
        for (;;) {
            const auto now = channels_.find(items[1].text());
            if (now == channels_.end()) return;
            const auto waiting = std::find_if(now->second.begin(), now->second.end(),
                                              [](Member* one) { return !one->is_confirmed; });
            if (waiting == now->second.end()) return;
            (*waiting)->is_confirmed = true;
            (*waiting)->confirmation.resume();
        }
    }
}

void Subscriber::lost(const RedisError& why) {
    is_open_ = false;
    log::warn("redis: subscriptions interrupted", {{"reason", why.detail()}});
    // Those that were never confirmed fail; the others stay, and the connection comes back.
    for (;;) {
        Member* waiting = nullptr;
        for (auto& [channel, members] : channels_)
            for (Member* const member : members)
                if (!member->is_confirmed && !member->failure) waiting = member;
        if (waiting == nullptr) break;
        waiting->failure = why;
        waiting->confirmation.resume();
    }
    if (channels_.empty() || !connection_.is_closed()) return;
    pause_ = std::clamp<std::int64_t>(pause_ * 2, options_.first_pause.count(), longest_pause);
    expect_word(Duration::milliseconds(pause_));
}

void Subscriber::expect_word(Duration within) {
    connection_.loop().timers().arm(*this, connection_.loop().now() + within.count());
}

// A connection that is quiet may be dead: TCP alone would notice after hours.
void Subscriber::expired() {
    if (connection_.is_closed()) {
        connection_.open();
        return;
    }
    if (!is_open_) return; // the connection has a patience of its own until then
    if (!std::exchange(has_heard_, false))
        return connection_.fail(RedisError::Kind::timeout, "Redis doesn't answer in time");
    connection_.send(RedisCommand{"PING"}.encoded());
    expect_word(Duration::milliseconds(
        std::max<std::int64_t>(options_.timeout.count(), Duration::seconds(10).count())));
}

} // namespace redis

class RedisPubSub::Impl {
  public:
    Impl(std::shared_ptr<Redis> of, std::string with)
        : redis(std::move(of)), prefix(std::move(with)) {}
    std::shared_ptr<redis::Subscriber> subscriber() {
        return subscribers_.get(
            [this](Scheduler& loop) { return std::make_shared<redis::Subscriber>(loop, *redis); });
    }
    const std::shared_ptr<Redis> redis;
    const std::string prefix;

  private:
    redis::PerLoop<redis::Subscriber> subscribers_;
};

RedisPubSub::RedisPubSub(std::shared_ptr<Redis> redis, std::string prefix) {
    if (redis == nullptr) throw std::invalid_argument("armature: a RedisPubSub needs a Redis");
    impl_.reset(new Impl{std::move(redis), std::move(prefix)});
}
RedisPubSub::~RedisPubSub() = default;

Task<> RedisPubSub::publish(std::string channel, std::string message) {
    (void)co_await impl_->redis->command("PUBLISH", impl_->prefix + channel, message);
}

Task<Subscription> RedisPubSub::subscribe(std::string channel) {
    const std::shared_ptr<redis::Subscriber> subscriber = impl_->subscriber();
    std::shared_ptr<store::Inbox> inbox = co_await subscriber->join(impl_->prefix + channel);
    co_return Subscription{std::move(inbox)};
}

} // namespace armature
