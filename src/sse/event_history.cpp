#include <armature/sse/event_history.hpp>

#include <algorithm>
#include <deque>
#include <mutex>

namespace armature {

struct EventHistory::Events {
    mutable std::mutex mutex;
    std::size_t capacity;
    std::uint64_t newest = 0;
    std::deque<Event> kept; ///< the last one is `newest`
};

EventHistory::EventHistory(std::size_t capacity) : events_(new Events) {
    events_->capacity = std::max<std::size_t>(capacity, 1);
}
EventHistory::EventHistory(EventHistory&&) noexcept = default;
EventHistory::~EventHistory() = default;

std::uint64_t EventHistory::add(Event event) {
    const std::lock_guard lock{events_->mutex};
    event.id(std::to_string(++events_->newest));
    events_->kept.push_back(std::move(event));
    if (events_->kept.size() > events_->capacity) events_->kept.pop_front();
    return events_->newest;
}

EventHistory::Missed EventHistory::after(std::uint64_t number) const {
    const std::lock_guard lock{events_->mutex};
    const std::deque<Event>& kept = events_->kept;
    const std::uint64_t newest = events_->newest;
    const std::uint64_t missed = number > newest ? kept.size() : newest - number;
    const auto count = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(missed, kept.size()));
    return {{kept.end() - count, kept.end()}, newest};
}

} // namespace armature
