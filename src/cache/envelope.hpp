#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::cache {

/// What a value of a `SharedCache` is wrapped in while the store has it.
struct Envelope {
    std::int64_t fresh_until = 0; ///< milliseconds since 1970
    std::string type;
    /// What ends it, and as what each was seen before the value was loaded.
    std::vector<std::pair<std::string, std::string>> versions;
    std::string text;

    [[nodiscard]] std::string encode() const;
    /// Nullopt for what `encode` doesn't write.
    [[nodiscard]] static std::optional<Envelope> decode(std::string_view bytes);
};

} // namespace armature::cache
