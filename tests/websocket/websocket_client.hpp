#pragma once

#include "support/raw_client.hpp"
#include "websocket/frames.hpp"

#include <string>
#include <string_view>

// A WebSocket client of bare bytes: whatever is sent, right or wrong, is what the test says.
namespace armature::ws::testing {

/// The example key of RFC 6455 §1.3 and what it is answered with.
inline constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

inline std::string handshake(std::string_view target, std::string_view more = {}) {
    std::string request = "GET ";
    return request.append(target)
        .append(" HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ")
        .append(key)
        .append("\r\n")
        .append(more)
        .append("\r\n");
}

/// A frame from the server, which must be unmasked; as in `ProtocolCase::events`, and "D:" when the
/// payload is compressed. "end" when the connection closed.
class WebSocketClient : public armature::testing::RawClient {
  public:
    explicit WebSocketClient(const std::string& address, std::string_view target,
                             std::string_view more = {}, int receive_buffer = 0)
        : RawClient(address, receive_buffer) {
        send(handshake(target, more));
        head = response(true);
        got_ = head.body;
    }

    armature::testing::WireResponse head;

    std::string next() {
        if (!want(2)) return "end";
        const auto byte = [this](std::size_t i) { return static_cast<unsigned char>(got_[i]); };
        std::size_t size = byte(1);
        std::size_t start = 2;
        if (size > 127) throw std::runtime_error("a masked frame from the server");
        if (size >= 126) {
            const std::size_t count = size == 126 ? 2 : 8;
            if (!want(start + count)) return "end";
            size = 0;
            for (std::size_t i = 0; i < count; ++i)
                size = size << 8 | byte(start++);
        }
        const unsigned first = byte(0);
        if (!want(start + size)) return "end";
        const std::string payload = got_.substr(start, size);
        got_.erase(0, start + size);
        switch (first) {
        case 0x81:
            return "T:" + payload;
        case 0x82:
            return "B:" + payload;
        case 0xC1:
        case 0xC2:
            return "D:" + payload;
        case 0x88:
            if (size < 2) return "C:";
            return "C:" +
                   std::to_string(static_cast<unsigned char>(payload[0]) << 8 |
                                  static_cast<unsigned char>(payload[1])) +
                   ":" + payload.substr(2);
        case 0x89:
            return "P:" + payload;
        case 0x8A:
            return "O:" + payload;
        default:
            throw std::runtime_error("a frame that begins with " + std::to_string(first));
        }
    }
    /// All frames until the end, with blanks between.
    std::string rest_of_frames() {
        std::string all;
        for (std::string frame = next(); frame != "end"; frame = next())
            all += (all.empty() ? "" : " ") + frame;
        return all;
    }

  private:
    bool want(std::size_t size) {
        while (got_.size() < size) {
            const std::string more = bytes();
            if (more.empty()) return false;
            got_ += more;
        }
        return true;
    }

    std::string got_;
};

} // namespace armature::ws::testing
