#pragma once

#include "websocket/frame.hpp"
#include "websocket/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace armature::ws {

/// What a peer sends, as messages and control frames (RFC 6455 §5, RFC 7692). No I/O: bytes in,
/// events out. After `failed` nothing more is decoded.
class Decoder {
  public:
    /// `max_message` bounds a message in bytes, compressed and inflated. `compression` says that
    /// permessage-deflate was agreed on.
    Decoder(std::uint64_t max_message, bool compression) noexcept
        : max_message_(max_message), compression_(compression) {}

    [[nodiscard]] bool compression() const noexcept { return compression_; }

    enum class Event : std::uint8_t {
        starved, ///< all of `bytes` is used, and more is needed
        message, ///< see `message` and `is_text`
        ping,    ///< see `control`
        pong,    ///< see `control`
        close,   ///< see `close_code` and `control`, the reason
        failed,  ///< see `close_code` and `control`, what was wrong
    };
    /// Decodes from the beginning of `bytes`, which becomes what is left, until there is an event.
    [[nodiscard]] Event next(std::string_view& bytes);

    /// The message, until the next call of `next`. Its characters keep their place when the string
    /// is swapped with another.
    [[nodiscard]] std::string& message() noexcept { return message_; }
    [[nodiscard]] bool is_text() const noexcept { return is_text_; }
    /// The payload of a control frame, until the next call of `next`.
    [[nodiscard]] std::string_view control() const noexcept { return {control_, control_size_}; }
    /// Of a close frame; 1005 when it has none. When it `failed`, the code to answer with.
    [[nodiscard]] std::uint16_t close_code() const noexcept { return close_code_; }

  private:
    Event take_short_message(std::string_view& bytes);
    Event take_frames(std::string_view& bytes);
    bool read_header(std::string_view& bytes);
    bool begin_frame();
    Event end_frame();
    Event end_message();
    Event end_close();
    Event fail(std::uint16_t code, std::string_view why) noexcept;
    [[nodiscard]] bool is_control() const noexcept { return opcode_ >= 8; }

    // A short message needs no more than the first few.
    std::string message_;
    std::uint64_t max_message_;
    char key_[4] = {};
    std::uint8_t header_size_ = 0; ///< bytes of it that came
    std::uint8_t opcode_ = 0;
    bool compression_;
    bool in_frame_ = false;
    bool final_ = false;
    bool in_message_ = false; ///< between the first and the last frame of a message
    bool is_text_ = false;
    bool is_compressed_ = false;
    bool failed_ = false;
    std::uint8_t control_size_ = 0;
    std::uint16_t close_code_ = 0;
    Utf8Checker utf8_;
    std::uint64_t left_ = 0; ///< of the frame's payload
    std::uint64_t frame_done_ = 0;
    char header_[max_header_bytes] = {};
    char control_[max_control_bytes] = {}; // last: rarely touched
};

} // namespace armature::ws
