#pragma once

#include <armature/core/headers.hpp>

#include <cstdint>
#include <optional>

namespace armature::cache {

/// The directives of Cache-Control that mean something here (RFC 9111 §5.2, RFC 5861), in seconds.
/// What can't be read counts as the stricter: a broken max-age is 0.
struct CacheControl {
    bool no_store = false;
    bool no_cache = false;   ///< also one that names fields
    bool is_private = false; ///< also one that names fields
    bool is_public = false;
    bool must_revalidate = false; ///< or proxy-revalidate
    bool only_if_cached = false;
    std::optional<std::int64_t> max_age{};
    std::optional<std::int64_t> s_maxage{};
    std::optional<std::int64_t> min_fresh{};
    std::optional<std::int64_t> max_stale{}; ///< without a value: any
    std::optional<std::int64_t> stale_while_revalidate{};
    std::optional<std::int64_t> stale_if_error{};

    [[nodiscard]] static CacheControl of(const Headers& fields);
};

/// Larger numbers of seconds are this one (RFC 9111 §1.2.2).
inline constexpr std::int64_t most_seconds = std::int64_t{1} << 31;

/// delta-seconds, perhaps quoted; nullopt if it isn't.
[[nodiscard]] std::optional<std::int64_t> parse_seconds(std::string_view text) noexcept;

} // namespace armature::cache
