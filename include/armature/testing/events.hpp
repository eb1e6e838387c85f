#pragma once

#include <armature/core/duration.hpp>
#include <armature/testing/response.hpp>

#include <memory>
#include <optional>
#include <string>

namespace armature {

/// One server-sent event, as a browser's listener gets it.
struct TestEvent {
    std::string id;               ///< the last one that was set
    std::string type = "message"; ///< the field `event`
    std::string data;
};

/// A stream of server-sent events (WHATWG HTML §9.2) as its client has it:
/// `client.events("/events")`. Destroying it is a client that leaves.
class TestEvents {
  public:
    class Impl; // inside of the library only
    explicit TestEvents(std::unique_ptr<Impl> impl) noexcept;
    TestEvents(TestEvents&&) noexcept;
    TestEvents& operator=(TestEvents&&) noexcept;
    ~TestEvents();

    /// The response's head; for one that is no event stream, all of it.
    [[nodiscard]] const TestResponse& response() const noexcept;
    /// Waits for the next event, for up to `within` of the client's time. Throws `TestFailure` when
    /// there is none.
    [[nodiscard]] TestEvent next(Duration within = Duration::seconds(5));
    /// Waits for the end; false when another event comes first, or time runs out.
    [[nodiscard]] bool ends(Duration within = Duration::seconds(5));
    /// Whether no event comes for that long, and no end.
    [[nodiscard]] bool is_silent(Duration during);
    /// How many comments came so far: heartbeats are such.
    [[nodiscard]] unsigned comments() const noexcept;
    /// How long the server wants a browser to wait before it comes back, if it said so.
    [[nodiscard]] std::optional<Duration> retry() const noexcept;

  private:
    std::unique_ptr<Impl> impl_;
};

} // namespace armature
