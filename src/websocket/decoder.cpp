#include "websocket/decoder.hpp"

#include "websocket/deflate.hpp"
#include "websocket/mask.hpp"

#include <algorithm>
#include <cstring>

namespace armature::ws {

namespace {

constexpr std::uint16_t protocol_error = 1002;
constexpr std::uint16_t no_status = 1005;
constexpr std::uint16_t invalid_data = 1007;
constexpr std::uint16_t too_big = 1009;
constexpr std::string_view not_utf8 = "text that is not UTF-8";
constexpr std::string_view cut_character = "text that ends within a character";

// More than a string keeps within itself.
constexpr std::size_t least_capacity = 32;

} // namespace

Decoder::Event Decoder::fail(std::uint16_t code, std::string_view why) noexcept {
    failed_ = true;
    close_code_ = code;
    control_size_ = static_cast<std::uint8_t>(std::min(why.size(), sizeof control_));
    std::memcpy(control_, why.data(), control_size_);
    return Event::failed;
}

// The usual case in short: an uncompressed message of one frame of up to 125 bytes, all of it here.
// `starved` when it isn't that.
Decoder::Event Decoder::take_short_message(std::string_view& bytes) {
    constexpr std::size_t header_bytes = 6;
    if (failed_ || in_frame_ || in_message_ || header_size_ != 0 || bytes.size() < header_bytes)
        return Event::starved;
    const auto first = static_cast<std::uint8_t>(bytes[0]);
    constexpr unsigned final_text = 0x80 | static_cast<unsigned>(Opcode::text);
    constexpr unsigned final_binary = 0x80 | static_cast<unsigned>(Opcode::binary);
    const unsigned size = static_cast<std::uint8_t>(bytes[1]) - 0x80u; // more if it isn't masked
    if ((first != final_text && first != final_binary) || size > 125 || size > max_message_ ||
        bytes.size() - header_bytes < size)
        return Event::starved;
    if (message_.capacity() < least_capacity) message_.reserve(least_capacity);
    message_.resize(size);
    std::memcpy(key_, bytes.data() + 2, sizeof key_);
    const bool is_ascii = apply_mask(bytes.data() + header_bytes, message_.data(), size, key_, 0);
    bytes.remove_prefix(header_bytes + size);
    is_text_ = first == final_text;
    if (is_text_ && !is_ascii) {
        utf8_.reset();
        if (!utf8_.feed(message_)) return fail(invalid_data, not_utf8);
        if (!utf8_.at_end_of_character()) return fail(invalid_data, cut_character);
    }
    return Event::message;
}

Decoder::Event Decoder::next(std::string_view& bytes) {
    const Event event = take_short_message(bytes);
    return event != Event::starved ? event : take_frames(bytes);
}

Decoder::Event Decoder::take_frames(std::string_view& bytes) {
    if (failed_) return Event::failed;
    for (;;) {
        if (!in_frame_) {
            if (!read_header(bytes)) return Event::starved;
            if (!begin_frame()) return Event::failed;
        }
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
        if (is_control()) {
            apply_mask(bytes.data(), control_ + control_size_, size, key_, frame_done_);
            control_size_ = static_cast<std::uint8_t>(control_size_ + size);
        } else if (size > 0) {
            const std::size_t start = message_.size();
            message_.append(bytes.data(), size);
            char* piece = message_.data() + start;
            const bool is_ascii = apply_mask(piece, piece, size, key_, frame_done_);
            if (is_text_ && !is_compressed_ && !(is_ascii && utf8_.at_end_of_character()) &&
                !utf8_.feed({piece, size}))
                return fail(invalid_data, not_utf8);
        }
        bytes.remove_prefix(size);
        left_ -= size;
        frame_done_ += size;
        if (left_ > 0) return Event::starved;
        in_frame_ = false;
        if (const Event event = end_frame(); event != Event::starved) return event;
    }
}

// False while the header isn't complete.
bool Decoder::read_header(std::string_view& bytes) {
    for (;;) {
        std::size_t wanted = 2;
        if (header_size_ >= 2) {
            const unsigned length = static_cast<unsigned char>(header_[1]) & 0x7F;
            const bool masked = (header_[1] & 0x80) != 0;
            wanted += (length == 127 ? 8 : length == 126 ? 2 : 0) + (masked ? 4 : 0);
        }
        if (header_size_ == wanted) return true;
        const std::size_t size = std::min(wanted - header_size_, bytes.size());
        if (size == 0) return false;
        std::memcpy(header_ + header_size_, bytes.data(), size);
        header_size_ = static_cast<std::uint8_t>(header_size_ + size);
        bytes.remove_prefix(size);
    }
}

// Looks at a complete header. False when the frame isn't allowed here.
bool Decoder::begin_frame() {
    const auto byte = [this](std::size_t i) { return static_cast<std::uint8_t>(header_[i]); };
    const bool rsv1 = (byte(0) & 0x40) != 0;
    final_ = (byte(0) & 0x80) != 0;
    opcode_ = byte(0) & 0x0F;
    left_ = byte(1) & 0x7F;
    std::size_t at = 2;
    std::uint64_t shortest = 0;
    if (left_ >= 126) {
        const std::size_t count = left_ == 126 ? 2 : 8;
        shortest = left_ == 126 ? 126 : 65536;
        left_ = 0;
        for (std::size_t i = 0; i < count; ++i)
            left_ = left_ << 8 | byte(at++);
    }
    header_size_ = 0;

    const auto refuse = [this](std::string_view why) {
        static_cast<void>(fail(protocol_error, why));
        return false;
    };
    if ((byte(0) & 0x30) != 0) return refuse("a reserved bit is set");
    if ((byte(1) & 0x80) == 0) return refuse("a client's frame has to be masked");
    if (left_ < shortest || left_ >> 63 != 0) return refuse("a length in the wrong form");
    std::memcpy(key_, header_ + at, sizeof key_);
    frame_done_ = 0;

    if (is_control()) {
        if (opcode_ > static_cast<unsigned>(Opcode::pong)) return refuse("an unknown opcode");
        if (!final_ || rsv1) return refuse("a control frame is one uncompressed frame");
        if (left_ > max_control_bytes) return refuse("a control frame is too long");
        control_size_ = 0;
        in_frame_ = true;
        return true;
    }
    if (opcode_ == static_cast<unsigned>(Opcode::continuation)) {
        if (!in_message_) return refuse("nothing to continue");
        if (rsv1) return refuse("only a message's first frame says that it is compressed");
    } else {
        if (opcode_ > static_cast<unsigned>(Opcode::binary)) return refuse("an unknown opcode");
        if (in_message_) return refuse("a message begins inside of another");
        if (rsv1 && !compression_) return refuse("compression was not agreed on");
        in_message_ = true;
        is_text_ = opcode_ == static_cast<unsigned>(Opcode::text);
        is_compressed_ = rsv1;
        message_.clear();
        utf8_.reset();
    }
    if (left_ > max_message_ - message_.size()) {
        static_cast<void>(fail(too_big, "the message is too big"));
        return false;
    }
    in_frame_ = true;
    return true;
}

Decoder::Event Decoder::end_frame() {
    switch (static_cast<Opcode>(opcode_)) {
    case Opcode::ping:
        return Event::ping;
    case Opcode::pong:
        return Event::pong;
    case Opcode::close:
        return end_close();
    default:
        return final_ ? end_message() : Event::starved;
    }
}

Decoder::Event Decoder::end_message() {
    in_message_ = false;
    if (is_compressed_) {
        std::string inflated;
        switch (inflate_message(message_, max_message_, inflated)) {
        case Inflated::ok:
            break;
        case Inflated::too_big:
            return fail(too_big, "the message is too big");
        case Inflated::broken:
            return fail(invalid_data, "the compressed data is broken");
        }
        message_ = std::move(inflated);
        if (is_text_ && !utf8_.feed(message_)) return fail(invalid_data, not_utf8);
    }
    if (is_text_ && !utf8_.at_end_of_character()) return fail(invalid_data, cut_character);
    if (message_.capacity() < least_capacity) message_.reserve(least_capacity);
    return Event::message;
}

Decoder::Event Decoder::end_close() {
    if (control_size_ == 0) {
        close_code_ = no_status;
        return Event::close;
    }
    if (control_size_ == 1) return fail(protocol_error, "a close code of one byte");
    close_code_ = static_cast<std::uint16_t>(static_cast<std::uint8_t>(control_[0]) << 8 |
                                             static_cast<std::uint8_t>(control_[1]));
    if (!is_valid_close_code(close_code_)) return fail(protocol_error, "a wrong close code");
    control_size_ = static_cast<std::uint8_t>(control_size_ - 2);
    std::memmove(control_, control_ + 2, control_size_);
    Utf8Checker reason;
    if (!reason.feed(control()) || !reason.at_end_of_character())
        return fail(invalid_data, "a reason that is not UTF-8");
    return Event::close;
}

} // namespace armature::ws
