#include <armature/store/inbox.hpp>
#include <armature/store/pub_sub.hpp>

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace armature {

namespace store {

void Inbox::push(const std::string& message) {
    const std::lock_guard lock{mutex_};
    if (messages_.size() == PubSub::inbox_size) {
        messages_.pop_front();
        ++missed_;
    }
    messages_.push_back(message);
    if (!std::exchange(is_awaited_, false) || self_) return;
    self_ = shared_from_this();
    loop_.post(*this);
}

void Inbox::run() {
    std::shared_ptr<Inbox> self;
    {
        const std::lock_guard lock{mutex_};
        self = std::move(self_);
    }
    slot_.resume();
}

Task<std::string> Inbox::next() {
    for (;;) {
        {
            const std::lock_guard lock{mutex_};
            if (!messages_.empty()) {
                std::string message = std::move(messages_.front());
                messages_.pop_front();
                co_return message;
            }
            is_awaited_ = true;
        }
        co_await slot_.wait();
    }
}

std::uint64_t Inbox::missed() noexcept {
    const std::lock_guard lock{mutex_};
    return missed_;
}

} // namespace store

Subscription& Subscription::operator=(Subscription&& other) noexcept {
    const Subscription old{std::exchange(inbox_, std::exchange(other.inbox_, nullptr))};
    return *this;
}
Subscription::~Subscription() {
    if (inbox_) inbox_->leave();
}
Task<std::string> Subscription::next() { return inbox_->next(); }
std::uint64_t Subscription::missed() const noexcept { return inbox_->missed(); }

class MemoryPubSub::Channels {
  public:
    void add(const std::string& channel, store::Inbox& inbox) {
        Part& part = part_of(channel);
        const std::lock_guard lock{part.mutex};
        part.inboxes[channel].push_back(&inbox);
    }
    void remove(const std::string& channel, store::Inbox& inbox) noexcept {
        Part& part = part_of(channel);
        const std::lock_guard lock{part.mutex};
        const auto found = part.inboxes.find(channel);
        if (found == part.inboxes.end()) return;
        std::erase(found->second, &inbox);
        if (found->second.empty()) part.inboxes.erase(found);
    }
    // With the lock held, so that no inbox goes meanwhile.
    template <class Use>
    void for_each(const std::string& channel, Use use) {
        Part& part = part_of(channel);
        const std::lock_guard lock{part.mutex};
        const auto found = part.inboxes.find(channel);
        if (found == part.inboxes.end()) return;
        for (store::Inbox* const inbox : found->second)
            use(*inbox);
    }

  private:
    struct Part {
        std::mutex mutex;
        std::unordered_map<std::string, std::vector<store::Inbox*>> inboxes;
    };
    Part& part_of(const std::string& channel) noexcept {
        return parts_[std::hash<std::string>{}(channel) % std::size(parts_)];
    }
    Part parts_[16];
};

MemoryPubSub::MemoryPubSub() : channels_(std::make_shared<Channels>()) {}
MemoryPubSub::~MemoryPubSub() = default;

Task<> MemoryPubSub::publish(std::string channel, std::string message) {
    channels_->for_each(channel, [&](store::Inbox& inbox) { inbox.push(message); });
    co_return;
}

Task<Subscription> MemoryPubSub::subscribe(std::string channel) {
    class Member final : public store::Inbox {
      public:
        Member(std::shared_ptr<Channels> channels, std::string channel)
            : channels_(std::move(channels)), channel_(std::move(channel)) {
            channels_->add(channel_, *this);
        }
        void leave() noexcept override { channels_->remove(channel_, *this); }

      private:
        std::shared_ptr<Channels> channels_;
        std::string channel_;
    };
    co_return Subscription{std::make_shared<Member>(channels_, std::move(channel))};
}

std::size_t MemoryPubSub::subscribers(const std::string& channel) const {
    std::size_t count = 0;
    channels_->for_each(channel, [&](store::Inbox&) { ++count; });
    return count;
}

} // namespace armature
