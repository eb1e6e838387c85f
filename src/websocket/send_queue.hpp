#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::ws {

/// Frames on their way to one peer. Those of its own are collected in one text; shared ones stay
/// shared until their turn comes, so that a slow reader of a busy room costs pointers, not copies.
class SendQueue {
  public:
    /// Where to append a frame of the socket's own; `appended` must follow. `messages` is 0 for a
    /// control frame.
    [[nodiscard]] std::string& tail() { return last().own; }
    void appended(std::size_t bytes, std::size_t messages) noexcept;
    void append(std::shared_ptr<const std::string> frame);

    /// All that isn't written, what `begin_write` gave included.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::size_t messages() const noexcept { return messages_; }
    [[nodiscard]] bool empty() const noexcept { return bytes_ == 0; }

    /// What to write next, empty when there is nothing; it lives until `end_write`.
    [[nodiscard]] std::string_view begin_write();
    void end_write() noexcept;
    /// The socket's own frames, where they come next; then written at once, without `begin_write`.
    [[nodiscard]] std::string_view own_first() const noexcept { return front_.own; }
    void own_first_written() noexcept { written(front_); }
    void clear() noexcept { *this = {}; }

  private:
    struct Segment {
        std::shared_ptr<const std::string> frame; ///< or, when null, `own`
        std::string own;
        std::size_t messages = 0;
        [[nodiscard]] const std::string& text() const noexcept { return frame ? *frame : own; }
    };
    [[nodiscard]] Segment& last();
    void written(Segment& segment) noexcept;

    Segment writing_;
    std::vector<Segment> more_;
    std::size_t first_ = 0; ///< of `more_` that isn't written
    Segment front_; ///< the socket's own, before all of `more_`: usually there is nothing else
    std::size_t messages_ = 0;
    std::size_t bytes_ = 0; // last: what a socket looks at for each message lies behind it
};

} // namespace armature::ws
