#pragma once

#include "websocket/frame.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// Frames as a client sends them, right or wrong.
namespace armature::ws::testing {

struct Frame {
    unsigned opcode = 1;
    std::string payload{};
    bool final = true;
    unsigned rsv = 0; ///< RSV1 is 4
    bool masked = true;
    int length_bytes = -1;               ///< of the extended length; -1 is the shortest form
    std::uint64_t claimed = UINT64_MAX;  ///< a length other than the payload's
    std::string key{"\x37\xfa\x21\x3d"}; ///< as in RFC 6455 §5.7
};

inline std::string bytes_of(const Frame& frame) {
    const std::uint64_t size = frame.claimed == UINT64_MAX ? frame.payload.size() : frame.claimed;
    const int more = frame.length_bytes >= 0 ? frame.length_bytes
                     : size < 126            ? 0
                     : size < 65536          ? 2
                                             : 8;
    std::string bytes;
    bytes += static_cast<char>((frame.final ? 0x80 : 0) | frame.rsv << 4 | frame.opcode);
    const unsigned short_length = more == 0 ? static_cast<unsigned>(size) : more == 2 ? 126 : 127;
    bytes += static_cast<char>((frame.masked ? 0x80 : 0) | short_length);
    for (int i = more - 1; i >= 0; --i)
        bytes += static_cast<char>(size >> (8 * i));
    if (!frame.masked) return bytes + frame.payload;
    bytes += frame.key;
    for (std::size_t i = 0; i < frame.payload.size(); ++i)
        bytes += static_cast<char>(frame.payload[i] ^ frame.key[i % 4]);
    return bytes;
}

inline std::string text(std::string payload) { return bytes_of({.payload = std::move(payload)}); }
inline std::string binary(std::string payload) {
    return bytes_of({.opcode = 2, .payload = std::move(payload)});
}
inline std::string ping(std::string payload = {}) {
    return bytes_of({.opcode = 9, .payload = std::move(payload)});
}
inline std::string close(std::uint16_t code, std::string_view reason = {}) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    return bytes_of({.opcode = 8, .payload = payload.append(reason)});
}

} // namespace armature::ws::testing
