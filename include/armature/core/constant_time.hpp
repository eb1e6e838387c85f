#pragma once

#include <string_view>

namespace armature {

/// Whether two texts are the same, in a time that depends on their lengths only: for comparing what
/// a client sent with a secret, such as a token or a signature. The length is no secret.
[[nodiscard]] bool constant_time_equal(std::string_view a, std::string_view b) noexcept;

} // namespace armature
