#pragma once

#include <compare>
#include <cstdint>

namespace armature::config {

/// A duration. Written in a source as a whole number and a unit: `250ms`, `30s`, `5m`, `2h`, `1d`.
/// Never negative when it was read from a source.
struct Milliseconds {
    std::int64_t count = 0;
    friend auto operator<=>(const Milliseconds&, const Milliseconds&) = default;
};

/// A size in bytes. Written in a source as a whole number with an optional unit: `4096`, `512B`,
/// `10kB`, `10MB`, `1GB` (powers of 1000), `16KiB`, `2MiB`, `1GiB` (powers of 1024). The case of
/// the unit doesn't matter.
struct ByteCount {
    std::uint64_t count = 0;
    friend auto operator<=>(const ByteCount&, const ByteCount&) = default;
};

} // namespace armature::config
