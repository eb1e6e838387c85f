#include "core/characters.hpp"

#include <armature/core/range.hpp>

#include <algorithm>
#include <limits>
#include <optional>

namespace armature {
namespace {

constexpr std::uint64_t max_position = std::numeric_limits<std::uint64_t>::max();

// A position beyond 64 bits is as good as the greatest one: no representation reaches it.
std::optional<std::uint64_t> parse_position(std::string_view digits) noexcept {
    if (digits.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : digits) {
        if (!is_digit(c)) return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        value = value > (max_position - digit) / 10 ? max_position : value * 10 + digit;
    }
    return value;
}

struct RangeSpec {
    std::optional<std::uint64_t> first; // absent in a suffix range, whose length is `last`
    std::optional<std::uint64_t> last;
};

std::optional<RangeSpec> parse_spec(std::string_view text) noexcept {
    const std::size_t dash = text.find('-');
    if (dash == text.npos) return std::nullopt;
    const std::string_view before = text.substr(0, dash);
    const std::string_view after = text.substr(dash + 1);
    const RangeSpec spec{parse_position(before), parse_position(after)};
    if (!spec.first && (!before.empty() || !spec.last)) return std::nullopt;
    if (!spec.last && !after.empty()) return std::nullopt;
    if (spec.first && spec.last && *spec.first > *spec.last) return std::nullopt;
    return spec;
}

// The bytes of a representation that isn't empty, or nullopt if there are none.
std::optional<ByteRange> bytes_of(const RangeSpec& spec, std::uint64_t size) noexcept {
    if (!spec.first) {
        if (*spec.last == 0) return std::nullopt;
        return ByteRange{size - std::min(*spec.last, size), size - 1};
    }
    if (*spec.first >= size) return std::nullopt;
    return ByteRange{*spec.first, std::min(spec.last.value_or(max_position), size - 1)};
}

bool overlap_or_touch(ByteRange a, ByteRange b) noexcept {
    // `last` is less than the size, so adding one doesn't overflow.
    return a.first <= b.last + 1 && b.first <= a.last + 1;
}

} // namespace

void RangeRequest::add(ByteRange range) noexcept {
    std::size_t place = count_;
    for (std::size_t i = 0; i < count_;) {
        if (!overlap_or_touch(ranges_[i], range)) {
            ++i;
            continue;
        }
        range = {std::min(range.first, ranges_[i].first), std::max(range.last, ranges_[i].last)};
        place = std::min(place, i);
        std::move(ranges_.begin() + i + 1, ranges_.begin() + count_, ranges_.begin() + i);
        --count_;
        i = 0; // the grown range may reach one that was passed
    }
    place = std::min(place, count_);
    std::move_backward(ranges_.begin() + place, ranges_.begin() + count_,
                       ranges_.begin() + count_ + 1);
    ranges_[place] = range;
    ++count_;
}

RangeRequest RangeRequest::parse(std::string_view value, std::uint64_t size) noexcept {
    RangeRequest request;
    const std::size_t equals = value.find('=');
    if (equals == value.npos || !equal_ignoring_case(trim(value.substr(0, equals)), "bytes"))
        return {};
    std::string_view rest = value.substr(equals + 1);
    std::size_t specs = 0;
    bool suffix_of_nothing = false;
    while (!rest.empty()) {
        const std::string_view part = take_part(rest, ',');
        if (part.empty()) continue;
        const auto spec = parse_spec(part);
        if (!spec || ++specs > max_ranges) return {};
        if (size == 0)
            suffix_of_nothing = suffix_of_nothing || (!spec->first && *spec->last > 0);
        else if (const auto range = bytes_of(*spec, size))
            request.add(*range);
    }
    // The last n bytes of an empty representation are satisfiable, but a Content-Range can't say
    // so.
    if (specs == 0 || suffix_of_nothing) return {};
    request.kind_ = request.count_ == 0 ? Kind::unsatisfiable : Kind::partial;
    return request;
}

std::string content_range(ByteRange range, std::uint64_t size) {
    return "bytes " + std::to_string(range.first) + '-' + std::to_string(range.last) + '/' +
           std::to_string(size);
}

std::string unsatisfied_content_range(std::uint64_t size) {
    return "bytes */" + std::to_string(size);
}

} // namespace armature
