#pragma once

#include <armature/websocket/websocket.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace armature::ws {

/// One message for many sockets: made into a frame once for all that take it as it is, and once for
/// each window size of those that take it compressed. Threads: all loops share it.
class SharedMessage {
  public:
    explicit SharedMessage(const WebSocket::Message& message)
        : data_(message.data()), is_text_(message.is_text()) {}

    using Frame = std::shared_ptr<const std::string>;
    /// The frame for a socket whose compressor has that window; 0 is one without compression.
    [[nodiscard]] Frame frame(int window_bits);

    /// How many frames were made in this process, for whatever message.
    [[nodiscard]] static std::uint64_t frames_made() noexcept {
        return frames_made_.load(std::memory_order_relaxed);
    }

  private:
    [[nodiscard]] Frame make(int window_bits) const;

    inline static std::atomic<std::uint64_t> frames_made_{0};
    std::string data_;
    bool is_text_;
    std::mutex mutex_;
    Frame frames_[16]; ///< by window bits
};

/// Messages shorter than this aren't worth compressing, longer ones are no messages, in bytes.
inline constexpr std::size_t min_compressed = 64;
inline constexpr std::size_t max_compressed = std::size_t{1} << 30;

/// Appends a message as one frame, compressed where that makes it smaller.
void append_message(std::string& to, const WebSocket::Message& message, int window_bits);

} // namespace armature::ws
