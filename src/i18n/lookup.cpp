#include "i18n/lookup.hpp"

#include "core/characters.hpp"

#include <algorithm>
#include <array>

namespace armature::detail {

namespace {

struct Range {
    std::string_view tag;
    int weight; ///< in thousandths
};

// RFC 5646 §2.1 as far as it matters: subtags of one to eight letters and digits.
bool is_tag(std::string_view text) noexcept {
    if (text.empty() || text.size() > longest_language_tag) return false;
    std::size_t size = 0;
    for (const char c : text) {
        if (c == '-') {
            if (size == 0) return false;
            size = 0;
        } else if (!(is_alpha(c) || is_digit(c)) || ++size > 8) {
            return false;
        }
    }
    return size != 0;
}

// RFC 9110 §12.4.2: 0 to 1 with at most three digits behind the point; -1: it isn't.
int weight_of(std::string_view parameters) noexcept {
    if (parameters.empty()) return 1000;
    if (parameters.size() < 3 || to_lower(parameters[0]) != 'q' || parameters[1] != '=') return -1;
    const std::string_view value = parameters.substr(2);
    if (value[0] != '0' && value[0] != '1') return -1;
    int weight = (value[0] - '0') * 1000;
    if (value.size() == 1) return weight;
    if (value[1] != '.' || value.size() > 5) return -1;
    int unit = 100;
    for (const char c : value.substr(2)) {
        if (!is_digit(c)) return -1;
        weight += (c - '0') * unit;
        unit /= 10;
    }
    return weight <= 1000 ? weight : -1;
}

} // namespace

std::optional<std::size_t> look_up(std::string_view range,
                                   std::span<const std::string> tags) noexcept {
    if (!is_tag(range)) return std::nullopt;
    char lower[longest_language_tag];
    std::transform(range.begin(), range.end(), lower, to_lower);
    std::string_view wanted{lower, range.size()};
    for (;;) {
        const auto found = std::find(tags.begin(), tags.end(), wanted);
        if (found != tags.end()) return static_cast<std::size_t>(found - tags.begin());
        const std::size_t dash = wanted.rfind('-');
        if (dash == std::string_view::npos) return std::nullopt;
        wanted = wanted.substr(0, dash);
        // A singleton goes with what it introduces: "zh-x-private" to "zh".
        if (wanted.size() >= 2 && wanted[wanted.size() - 2] == '-')
            wanted = wanted.substr(0, wanted.size() - 2);
    }
}

std::optional<std::size_t> look_up_accepted(std::string_view accept_language,
                                            std::span<const std::string> tags) noexcept {
    std::array<Range, most_language_ranges> ranges;
    std::size_t count = 0;
    while (!accept_language.empty() && count < ranges.size()) {
        const std::size_t comma = std::min(accept_language.find(','), accept_language.size());
        std::string_view part = trim(accept_language.substr(0, comma));
        accept_language.remove_prefix(std::min(comma + 1, accept_language.size()));
        const std::size_t semicolon = std::min(part.find(';'), part.size());
        const int weight = weight_of(trim(part.substr(std::min(semicolon + 1, part.size()))));
        part = trim(part.substr(0, semicolon));
        // "*" is whatever is left, which is the default (RFC 4647 §3.4).
        if (weight > 0 && (part == "*" || is_tag(part))) ranges[count++] = {part, weight};
    }
    // All are views of one text, so of two with the same weight the earlier one stands first.
    std::sort(ranges.begin(), ranges.begin() + static_cast<std::ptrdiff_t>(count),
              [](const Range& a, const Range& b) {
                  return a.weight != b.weight ? a.weight > b.weight : a.tag.data() < b.tag.data();
              });
    for (std::size_t i = 0; i < count; ++i)
        if (const auto found = look_up(ranges[i].tag, tags)) return found;
    return std::nullopt;
}

} // namespace armature::detail
