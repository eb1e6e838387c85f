#include "websocket/frame.hpp"

#include <algorithm>

namespace armature::ws {

char* write_frame_header(char* to, Opcode opcode, bool compressed, std::uint64_t size) noexcept {
    constexpr unsigned final_bit = 0x80;
    constexpr unsigned compressed_bit = 0x40;
    *to++ = static_cast<char>(final_bit | (compressed ? compressed_bit : 0) |
                              static_cast<unsigned>(opcode));
    int bytes = 0;
    if (size < 126) {
        *to++ = static_cast<char>(size);
    } else if (size < 65536) {
        *to++ = 126;
        bytes = 2;
    } else {
        *to++ = 127;
        bytes = 8;
    }
    for (int i = bytes - 1; i >= 0; --i)
        *to++ = static_cast<char>(size >> (8 * i));
    return to;
}

void append_frame(std::string& to, Opcode opcode, std::string_view payload, bool compressed) {
    char header[max_header_bytes];
    const char* end = write_frame_header(header, opcode, compressed, payload.size());
    const auto size = static_cast<std::size_t>(end - header);
    if (to.capacity() - to.size() < size + payload.size() && to.empty())
        to.reserve(size + payload.size());
    to.append(header, size).append(payload);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
    std::size_t size = std::min(reason.size(), max_control_bytes - 2);
    while (size < reason.size() && size > 0 && (reason[size] & 0xC0) == 0x80)
        --size;
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    return payload.append(reason.substr(0, size));
}

bool is_valid_close_code(std::uint16_t code) noexcept {
    if (code >= 3000) return code < 5000;
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

} // namespace armature::ws
