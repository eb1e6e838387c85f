#include "websocket/shared_message.hpp"

#include "websocket/deflate.hpp"
#include "websocket/frame.hpp"

namespace armature::ws {

void append_message(std::string& to, const WebSocket::Message& message, int window_bits) {
    const std::string_view data = message.data();
    const Opcode opcode = message.is_text() ? Opcode::text : Opcode::binary;
    if (window_bits != 0 && data.size() >= min_compressed && data.size() <= max_compressed) {
        const std::string deflated = deflate_message(data, window_bits);
        if (deflated.size() < data.size()) return append_frame(to, opcode, deflated, true);
    }
    append_frame(to, opcode, data);
}

SharedMessage::Frame SharedMessage::frame(int window_bits) {
    // Too short to be compressed: the same frame for all.
    if (data_.size() < min_compressed) window_bits = 0;
    const std::lock_guard lock{mutex_};
    Frame& frame = frames_[window_bits];
    if (!frame) frame = make(window_bits);
    return frame;
}

SharedMessage::Frame SharedMessage::make(int window_bits) const {
    frames_made_.fetch_add(1, std::memory_order_relaxed);
    auto frame = std::make_shared<std::string>();
    const WebSocket::Message text{data_};
    append_message(*frame, is_text_ ? text : WebSocket::Message::binary(data_), window_bits);
    return frame;
}

} // namespace armature::ws
