#pragma once

#include <armature/config/units.hpp>

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Checks for `Reader::read`. A check is anything that takes the value and returns a complaint as
/// `std::string`, empty if the value is fine. A complaint ends the sentence that starts with the
/// value: "is out of range; use 1 to 65535". It must not repeat the value, which may be a secret.
namespace armature::config {

namespace detail {
std::string shown(std::int64_t number);
std::string shown(std::uint64_t number);
std::string shown(double number);
std::string shown(Milliseconds duration);
std::string shown(ByteCount size);

template <class T>
std::string shown_bound(const T& bound) {
    if constexpr (std::floating_point<T>) {
        return shown(static_cast<double>(bound));
    } else if constexpr (std::signed_integral<T>) {
        return shown(static_cast<std::int64_t>(bound));
    } else if constexpr (std::unsigned_integral<T>) {
        return shown(static_cast<std::uint64_t>(bound));
    } else {
        return shown(bound);
    }
}
std::string check_one_of(std::string_view value, const std::vector<std::string>& allowed);
std::string check_http_url(std::string_view value);
} // namespace detail

/// The value lies between the two bounds, both included. Works for numbers, durations and sizes.
template <class Bound>
[[nodiscard]] auto in_range(Bound least, Bound most) {
    return [least, most]<class T>(const T& value) -> std::string {
        bool inside = false;
        if constexpr (std::integral<T>) {
            inside = !std::cmp_less(value, least) && !std::cmp_greater(value, most);
        } else {
            inside = least <= value && value <= most;
        }
        if (inside) return {};
        return "is out of range; use " + detail::shown_bound(least) + " to " +
               detail::shown_bound(most);
    };
}

/// A text or list that has at least one item, or a secret that isn't empty.
[[nodiscard]] inline auto not_empty() {
    return []<class T>(const T& value) -> std::string {
        bool empty = false;
        if constexpr (requires { value.expose(); }) {
            empty = value.expose().empty();
        } else {
            empty = value.empty();
        }
        return empty ? "is empty; give it a value" : "";
    };
}

/// A text that is one of those given, in the same case.
[[nodiscard]] inline auto one_of(std::initializer_list<std::string_view> allowed) {
    return [texts = std::vector<std::string>(allowed.begin(), allowed.end())](
               std::string_view value) { return detail::check_one_of(value, texts); };
}

/// A text that is an absolute `http` or `https` URL with a host and no spaces.
[[nodiscard]] inline auto http_url() {
    return [](std::string_view value) { return detail::check_http_url(value); };
}

} // namespace armature::config
