#pragma once

#include <cstddef>

namespace armature::ws {

/// Copies `size` bytes while masking or unmasking them (RFC 6455 §5.3). `from` and `to` may be the
/// same. `offset` is how many bytes of the frame's payload came before these. True when what is at
/// `to` then is ASCII.
bool apply_mask(const char* from, char* to, std::size_t size, const char (&key)[4],
                std::size_t offset) noexcept;

} // namespace armature::ws
