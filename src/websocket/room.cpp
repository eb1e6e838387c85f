#include "websocket/shared_message.hpp"
#include "websocket/socket.hpp"

#include <armature/websocket/room.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace armature {

namespace {

using Shared = std::shared_ptr<ws::SharedMessage>;

// Messages that a loop may be behind.
constexpr std::size_t max_backlog = 1024;

// The members of one room on one loop, and the messages that are on their way to them.
class LoopMembers final : public Job, public std::enable_shared_from_this<LoopMembers> {
  public:
    explicit LoopMembers(Scheduler& loop) noexcept : loop_(loop) {}

    [[nodiscard]] Scheduler& loop() const noexcept { return loop_; }

    // On the loop.
    void add(WebSocket::Impl& socket) {
        members_.push_back(&socket);
        ++count_;
    }
    void remove(WebSocket::Impl& socket) noexcept {
        const auto found = std::find(members_.begin(), members_.end(), &socket);
        if (delivering_) {
            *found = nullptr; // somebody walks along the list
        } else {
            *found = members_.back();
            members_.pop_back();
        }
        --count_;
    }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

    // From any thread.
    [[nodiscard]] bool is_behind() const {
        const std::lock_guard lock{mutex_};
        return backlog_.size() >= max_backlog;
    }
    void post(const Shared& message) {
        const std::lock_guard lock{mutex_};
        backlog_.push_back(message);
        if (self_) return; // the loop was asked already
        self_ = shared_from_this();
        loop_.post(*this);
    }

  private:
    void run() override {
        std::shared_ptr<LoopMembers> self;
        std::vector<Shared> messages;
        {
            const std::lock_guard lock{mutex_};
            self = std::move(self_);
            messages.swap(backlog_);
        }
        // Whom a message closes may leave, and whoever wakes up may join: by index, up to here.
        delivering_ = true;
        const std::size_t count = members_.size();
        for (std::size_t i = 0; i < count; ++i)
            for (const Shared& message : messages)
                if (members_[i] != nullptr) members_[i]->deliver(*message);
        delivering_ = false;
        std::erase(members_, nullptr);
    }
    void abandoned() noexcept override {
        const std::shared_ptr<LoopMembers> self = std::move(self_);
        backlog_.clear();
    }

    Scheduler& loop_;
    std::vector<WebSocket::Impl*> members_;
    std::size_t count_ = 0;
    bool delivering_ = false;
    mutable std::mutex mutex_;
    std::vector<Shared> backlog_;
    std::shared_ptr<LoopMembers> self_; ///< while it is posted
};

} // namespace

struct Rooms::Registry {
    // The room of that name, or null.
    [[nodiscard]] std::shared_ptr<Room::Core> find(std::string_view name) {
        const std::lock_guard lock{mutex};
        const auto found = rooms.find(name);
        return found != rooms.end() ? found->second.lock() : nullptr;
    }
    std::mutex mutex;
    std::map<std::string, std::weak_ptr<Room::Core>, std::less<>> rooms;
};

class Room::Core {
  public:
    Core() = default;
    Core(std::shared_ptr<Rooms::Registry> registry, std::string name)
        : registry_(std::move(registry)), name_(std::move(name)) {}
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;
    ~Core() {
        if (!registry_) return;
        const std::lock_guard lock{registry_->mutex};
        const auto found = registry_->rooms.find(name_);
        // Somebody may have made a new room of that name meanwhile.
        if (found != registry_->rooms.end() && found->second.expired())
            registry_->rooms.erase(found);
    }

    void join(WebSocket::Impl& socket) {
        const std::lock_guard lock{mutex_};
        auto members = find(socket.loop());
        if (members == loops_.end())
            members = loops_.insert(loops_.end(), std::make_shared<LoopMembers>(socket.loop()));
        (*members)->add(socket);
        ++size_;
    }
    void leave(WebSocket::Impl& socket) noexcept {
        const std::lock_guard lock{mutex_};
        const auto members = find(socket.loop());
        (*members)->remove(socket);
        --size_;
        // A loop without members may end: nothing is posted to it from here on.
        if ((*members)->empty()) loops_.erase(members);
    }

    [[nodiscard]] bool send(const Shared& message) {
        const std::lock_guard lock{mutex_};
        for (const auto& members : loops_)
            if (members->is_behind()) return false;
        for (const auto& members : loops_)
            members->post(message);
        return true;
    }
    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock{mutex_};
        return size_;
    }

  private:
    using Loops = std::vector<std::shared_ptr<LoopMembers>>;
    [[nodiscard]] Loops::iterator find(const Scheduler& loop) noexcept {
        return std::find_if(loops_.begin(), loops_.end(),
                            [&](const auto& members) { return &members->loop() == &loop; });
    }

    mutable std::mutex mutex_;
    Loops loops_;
    std::size_t size_ = 0;
    std::shared_ptr<Rooms::Registry> registry_; ///< where it is listed, if anywhere
    std::string name_;
};

// --- Room ---------------------------------------------------------------------------------------

Room::Room() : core_(std::make_shared<Core>()) {}

Room::Membership Room::join(WebSocket& socket) { return Membership{core_, socket}; }

bool Room::send(WebSocket::Message message) {
    return core_->send(std::make_shared<ws::SharedMessage>(message));
}

std::size_t Room::size() const { return core_->size(); }

Room::Membership::Membership(std::shared_ptr<Core> core, WebSocket& socket)
    : core_(std::move(core)), socket_(&socket) {
    core_->join(socket_->impl());
}

Room::Membership::Membership(Membership&& other) noexcept
    : core_(std::move(other.core_)), socket_(other.socket_) {}
Room::Membership::~Membership() {
    if (core_) core_->leave(socket_->impl());
}

Task<> Room::Membership::send(WebSocket::Message message) {
    const auto shared = std::make_shared<ws::SharedMessage>(message);
    while (!core_->send(shared))
        co_await yield();
}

std::size_t Room::Membership::size() const { return core_->size(); }

// --- Rooms --------------------------------------------------------------------------------------

Rooms::Rooms() : registry_(std::make_shared<Registry>()) {}

Room::Membership Rooms::join(std::string_view name, WebSocket& socket) {
    std::shared_ptr<Room::Core> core;
    {
        const std::lock_guard lock{registry_->mutex};
        const auto found = registry_->rooms.find(name);
        if (found != registry_->rooms.end()) core = found->second.lock();
        if (!core) {
            core = std::make_shared<Room::Core>(registry_, std::string{name});
            registry_->rooms.insert_or_assign(std::string{name}, core);
        }
    }
    return Room::Membership{std::move(core), socket};
}

bool Rooms::send(std::string_view name, WebSocket::Message message) {
    const std::shared_ptr<Room::Core> core = registry_->find(name);
    return !core || core->send(std::make_shared<ws::SharedMessage>(message));
}

std::size_t Rooms::size(std::string_view name) const {
    const std::shared_ptr<Room::Core> core = registry_->find(name);
    return core ? core->size() : 0;
}

std::size_t Rooms::count() const {
    const std::lock_guard lock{registry_->mutex};
    return registry_->rooms.size();
}

} // namespace armature
