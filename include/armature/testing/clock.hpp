#pragma once

#include <armature/core/duration.hpp>

#include <cstdint>
#include <memory>

namespace armature {

namespace testkit {
class Transport;
} // namespace testkit

/// The time of an application under test. In process it stands still while nothing waits for it:
/// sleeps, time-outs and heartbeats cost no real time. Over a socket it is the real one.
class TestClock {
  public:
    explicit TestClock(std::shared_ptr<testkit::Transport> transport) noexcept
        : transport_(std::move(transport)) {}

    /// Lets time pass: whatever becomes due meanwhile runs at its moment, in order. Over a socket
    /// it waits. Throws `TestFailure` when what runs has no end.
    void advance(Duration by);
    /// How much has passed since the client was made.
    [[nodiscard]] Duration elapsed() const;
    /// Seconds since 1970-01-01 UTC, as they pass on this clock: what cookies expire by.
    [[nodiscard]] std::int64_t unix_seconds() const;

  private:
    std::shared_ptr<testkit::Transport> transport_;
};

} // namespace armature
