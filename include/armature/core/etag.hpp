#pragma once

#include <armature/core/headers.hpp>
#include <armature/core/method.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace armature {

/// An entity tag (RFC 9110 §8.8.3); views the text it was parsed from.
struct EntityTag {
    std::string_view opaque; ///< between the quotes
    bool weak = false;

    /// Reads `"xyzzy"` or `W/"xyzzy"`, or nullopt.
    [[nodiscard]] static std::optional<EntityTag> parse(std::string_view text) noexcept;
};

/// True if both are strong and the same: the representations are the same byte by byte
/// (RFC 9110 §8.8.3.2).
[[nodiscard]] bool strong_equal(const EntityTag& a, const EntityTag& b) noexcept;

/// True if they are the same but for weakness: the representations mean the same.
[[nodiscard]] bool weak_equal(const EntityTag& a, const EntityTag& b) noexcept;

/// What is known of a resource's current representation.
struct Validators {
    bool exists = true;                        ///< false if the resource has none, as before a PUT
    std::string_view etag;                     ///< as in the ETag field, quotes included; or empty
    std::optional<std::int64_t> last_modified; ///< seconds since 1970-01-01 UTC
};

enum class Precondition : std::uint8_t {
    proceed,             ///< do what the method says
    not_modified,        ///< answer 304
    precondition_failed, ///< answer 412
};

/// Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of
/// RFC 9110 §13.2.2. Dates that can't be read are ignored. To be called only where the answer
/// without them would be 2xx (RFC 9110 §13.2.1).
[[nodiscard]] Precondition evaluate_preconditions(Method method, const Headers& request,
                                                  const Validators& current) noexcept;

/// False if an If-Range field says that the representation has changed, so that the Range field
/// must be ignored (RFC 9110 §13.1.5). A date counts only if it is exactly `last_modified`, which
/// should then not be within the last second (RFC 9110 §8.8.2.2).
[[nodiscard]] bool range_is_current(const Headers& request, const Validators& current) noexcept;

} // namespace armature
