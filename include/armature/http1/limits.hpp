#pragma once

#include <cstdint>

namespace armature::http1 {

/// What a request head may cost. A head that needs more is refused as soon as that is known.
struct HeadLimits {
    /// Longest request-target, in bytes (414 above it).
    std::uint32_t target_bytes = 8192;
    /// Longest head, in bytes: an empty line before it, the request line, the field lines and the
    /// blank line (431 above it).
    std::uint32_t head_bytes = 16384;
    /// Most field lines (431 above it).
    std::uint16_t field_count = 100;
};

/// What chunked framing may cost besides the content itself; the content's own limit belongs to
/// whoever reads it.
struct ChunkLimits {
    /// All chunk extensions of one body together, in bytes. They mean nothing to a server, so a
    /// peer that sends many only wastes its time.
    std::uint32_t extension_bytes = 4096;
    /// The trailer section without its blank line, in bytes. That much is allocated when a body
    /// has a trailer section.
    std::uint32_t trailer_bytes = 4096;
    /// Most trailer field lines.
    std::uint16_t trailer_count = 32;
};

} // namespace armature::http1
