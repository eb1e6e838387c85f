#pragma once

#include <armature/core/duration.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace armature {

/// What happens when a message is to be sent while the send queue is full: the peer reads more
/// slowly than others write to it.
enum class Overflow : std::uint8_t {
    wait,  ///< `send` waits for room. A `Room` can't wait for one of many, so it closes the socket.
    drop,  ///< the message is left out
    close, ///< the socket is closed with 1013
};

/// How a WebSocket route treats its peers. The defaults suit a public service.
struct WebSocketOptions {
    /// Longest message from the peer in bytes, also after inflating; then 1009. 1 to 1 GiB.
    std::uint64_t max_message = 1024 * 1024;
    /// Origins of pages that may connect, such as "https://app.example.com"; "*" is any. Empty: the
    /// page must come from the host that it connects to. Requests without an Origin come from no
    /// browser and pass. A page of another origin is answered with 403.
    std::vector<std::string> origins{};
    /// Application protocols on top (RFC 6455 §1.9), the preferred one first.
    std::vector<std::string> subprotocols{};
    /// A peer that was silent for `ping_interval` is sent a ping; when nothing comes from it for
    /// `pong_timeout` more, it is gone. A `ping_interval` of zero turns this off.
    Duration ping_interval = Duration::seconds(30);
    Duration pong_timeout = Duration::seconds(20);
    /// How long closing waits for the peer's answer, and for a handler to end once its socket is
    /// closed; then its waits are cancelled.
    Duration close_timeout = Duration::seconds(5);
    /// Offers permessage-deflate (RFC 7692), without context takeover: an idle connection keeps no
    /// compressor.
    bool compression = true;
    /// What may wait to be sent, in bytes and in messages, and what happens above it.
    std::size_t queue_bytes = 256 * 1024;
    std::size_t queue_messages = 1024;
    Overflow overflow = Overflow::wait;
};

} // namespace armature
