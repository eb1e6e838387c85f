#pragma once

#include <armature/core/peer_address.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// HAProxy's PROXY protocol, versions 1 and 2: what a proxy says before the first byte of its
// client.

namespace armature::server {

/// The longest header that is taken. Version 2 may carry up to 64 KiB of extensions, of which
/// proxies send a few hundred bytes.
inline constexpr std::size_t proxy_header_max = 4096;

struct ProxyHeader {
    enum class State : std::uint8_t { incomplete, complete, malformed };
    State state = State::incomplete;
    std::size_t size = 0; ///< once complete: how many bytes it has
    /// The client; null if the proxy doesn't say it, as for connections of its own.
    std::optional<PeerAddress> client;
};

/// Reads the header at the front of `bytes`. What isn't one is malformed, at the first byte that
/// shows it.
[[nodiscard]] ProxyHeader parse_proxy_header(std::string_view bytes) noexcept;

} // namespace armature::server
