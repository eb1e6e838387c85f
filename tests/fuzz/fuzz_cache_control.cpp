#include "cache/cache_control.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// Whatever stands in Cache-Control: no number of seconds is negative or beyond the largest, and
// what says no-store by itself is never missed.

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void require_seconds(const std::optional<std::int64_t>& seconds) {
    require(!seconds || (*seconds >= 0 && *seconds <= armature::cache::most_seconds));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace armature;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    Headers fields;
    if (!fields.try_append("cache-control", text)) return 0;
    const cache::CacheControl found = cache::CacheControl::of(fields);
    for (const auto& seconds : {found.max_age, found.s_maxage, found.min_fresh, found.max_stale,
                                found.stale_while_revalidate, found.stale_if_error})
        require_seconds(seconds);
    fields.append("cache-control", "no-store");
    require(cache::CacheControl::of(fields).no_store);
    return 0;
}
