#include "testing/websocket_frames.hpp"

#include <armature/testing/failure.hpp>

namespace armature::testkit {

std::string client_frame(Opcode opcode, std::string_view payload) {
    // Any key will do: it hides frames from proxies, and there are none here.
    constexpr std::string_view key = "\x12\x34\x56\x78";
    std::string frame;
    frame += static_cast<char>(0x80 | static_cast<unsigned>(opcode));
    const std::size_t size = payload.size();
    const int more = size < 126 ? 0 : size < 65'536 ? 2 : 8;
    frame += static_cast<char>(0x80 | (more == 0 ? size : more == 2 ? 126 : 127));
    for (int i = more - 1; i >= 0; --i)
        frame += static_cast<char>(static_cast<std::uint64_t>(size) >> (8 * i) & 0xFF);
    frame += key;
    for (std::size_t i = 0; i < size; ++i)
        frame += static_cast<char>(payload[i] ^ key[i % key.size()]);
    return frame;
}

std::optional<ServerFrame> take_frame(std::string& bytes) {
    if (bytes.size() < 2) return std::nullopt;
    const auto byte = [&bytes](std::size_t i) -> std::uint64_t {
        return static_cast<unsigned char>(bytes[i]);
    };
    if ((byte(0) & 0x70) != 0 || (byte(1) & 0x80) != 0)
        throw TestFailure{"the server sent a WebSocket frame that is masked or of an extension"};
    std::uint64_t size = byte(1);
    std::size_t start = 2;
    if (size >= 126) {
        const std::size_t count = size == 126 ? 2 : 8;
        if (bytes.size() < start + count) return std::nullopt;
        size = 0;
        for (std::size_t i = 0; i < count; ++i)
            size = size << 8 | byte(start++);
    }
    if (bytes.size() - start < size) return std::nullopt;
    ServerFrame frame;
    frame.opcode = static_cast<Opcode>(byte(0) & 0x0F);
    frame.is_final = (byte(0) & 0x80) != 0;
    frame.payload = bytes.substr(start, static_cast<std::size_t>(size));
    bytes.erase(0, start + static_cast<std::size_t>(size));
    return frame;
}

} // namespace armature::testkit
