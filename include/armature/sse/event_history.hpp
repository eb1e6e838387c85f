#pragma once

#include <armature/core/owned.hpp>
#include <armature/sse/event.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace armature {

/// The last events of a source, for clients that come back: each gets the next number as its id,
/// and those after a client's Last-Event-ID can be asked for. Threads: any.
///
/// Its memory is bounded: the oldest event goes when there are more than `capacity`. Who was away
/// for longer gets all that are kept; the ids tell that some are missing.
class EventHistory {
  public:
    explicit EventHistory(std::size_t capacity);
    EventHistory(EventHistory&&) noexcept;
    ~EventHistory();

    /// Keeps an event that has no id yet; gives its number, from 1 on.
    std::uint64_t add(Event event);
    /// What came after some event.
    struct Missed {
        std::vector<Event> events; ///< oldest first
        std::uint64_t newest = 0; ///< number to ask with next: the last event's, 0 before the first
    };
    /// The events after that number; all that are kept for a number that was never given, as of a
    /// client that knew an earlier run of this program.
    [[nodiscard]] Missed after(std::uint64_t number) const;

  private:
    struct Events;
    Owned<Events> events_;
};

} // namespace armature
