#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace armature::cli::bench {

/// What the head of an HTTP/1 response says about what follows.
struct ResponseHead {
    unsigned status = 0;
    std::optional<std::uint64_t> length; ///< Content-Length
    bool is_chunked = false;
    bool keeps_alive = true;
};

/// Reads a status line and fields (RFC 9112 §4, §5), up to and with the empty line's CR LF. nullopt
/// for what is no such head, or contradicts itself.
[[nodiscard]] std::optional<ResponseHead> read_response_head(std::string_view head) noexcept;

} // namespace armature::cli::bench
