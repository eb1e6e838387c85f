#include "cache/cache_control.hpp"

#include "core/characters.hpp"

#include <algorithm>

namespace armature::cache {

namespace {

// Of a directive that is given twice, the lower counts.
void lower(std::optional<std::int64_t>& to, std::int64_t seconds) {
    to = to ? std::min(*to, seconds) : seconds;
}

void read(CacheControl& to, std::string_view directive) {
    const std::size_t equals = directive.find('=');
    const bool has_value = equals != std::string_view::npos;
    const std::string_view name = trim(directive.substr(0, equals));
    const auto is = [&](std::string_view wanted) { return equal_ignoring_case(name, wanted); };
    const auto seconds = [&] {
        return has_value ? parse_seconds(trim(directive.substr(equals + 1))) : std::nullopt;
    };
    if (is("no-store"))
        to.no_store = true;
    else if (is("no-cache"))
        to.no_cache = true;
    else if (is("private"))
        to.is_private = true;
    else if (is("public"))
        to.is_public = true;
    else if (is("must-revalidate") || is("proxy-revalidate"))
        to.must_revalidate = true;
    else if (is("only-if-cached"))
        to.only_if_cached = true;
    else if (is("max-age"))
        lower(to.max_age, seconds().value_or(0));
    else if (is("s-maxage"))
        lower(to.s_maxage, seconds().value_or(0));
    else if (is("min-fresh"))
        to.min_fresh = std::max(to.min_fresh.value_or(0), seconds().value_or(most_seconds));
    else if (is("max-stale"))
        lower(to.max_stale, has_value ? seconds().value_or(0) : most_seconds);
    else if (is("stale-while-revalidate"))
        lower(to.stale_while_revalidate, seconds().value_or(0));
    else if (is("stale-if-error"))
        lower(to.stale_if_error, seconds().value_or(0));
}

} // namespace

std::optional<std::int64_t> parse_seconds(std::string_view text) noexcept {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
    if (text.empty()) return std::nullopt;
    std::int64_t seconds = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        seconds = std::min(seconds * 10 + (c - '0'), most_seconds);
    }
    return seconds;
}

CacheControl CacheControl::of(const Headers& fields) {
    CacheControl found;
    fields.all(Field::cache_control, [&](std::string_view value) {
        while (!value.empty())
            if (const std::string_view part = take_part(value, ','); !part.empty())
                read(found, part);
    });
    return found;
}

} // namespace armature::cache
