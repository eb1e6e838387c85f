#include "websocket/utf8.hpp"

#include <cstring>

namespace armature::ws {

bool Utf8Checker::begin(std::uint8_t byte) noexcept {
    if (byte < 0x80) return true;
    if (byte < 0xC2 || byte > 0xF4) return false;
    missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    if (byte == 0xE0) lowest_ = 0xA0;
    if (byte == 0xED) highest_ = 0x9F;
    if (byte == 0xF0) lowest_ = 0x90;
    if (byte == 0xF4) highest_ = 0x8F;
    return true;
}

bool Utf8Checker::feed(std::string_view piece) noexcept {
    const char* at = piece.data();
    const char* const end = at + piece.size();
    while (at != end) {
        if (missing_ == 0) {
            // Most text is ASCII.
            constexpr std::uint64_t high_bits = 0x8080808080808080U;
            for (std::uint64_t words[4]; end - at >= 32; at += 32) {
                std::memcpy(words, at, sizeof words);
                if (((words[0] | words[1] | words[2] | words[3]) & high_bits) != 0) break;
            }
            for (std::uint64_t word; end - at >= 8; at += 8) {
                std::memcpy(&word, at, sizeof word);
                if ((word & high_bits) != 0) break;
            }
            if (at == end) break;
            if (!begin(static_cast<std::uint8_t>(*at++))) return false;
            continue;
        }
        const auto byte = static_cast<std::uint8_t>(*at++);
        if (byte < lowest_ || byte > highest_) return false;
        lowest_ = 0x80;
        highest_ = 0xBF;
        --missing_;
    }
    return true;
}

} // namespace armature::ws
