#pragma once

#include <armature/json/write.hpp>
#include <armature/testing/response.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

enum class JsonMatch : std::uint8_t {
    exact,
    /// What `got` has beyond `expected` is of no interest: objects may have more members. Arrays
    /// must have as many items.
    partial,
};

/// How the JSON text `got` differs from `expected`, one line for each difference with its JSON
/// Pointer (RFC 6901), at most ten; empty when it doesn't. The order of members and the spelling of
/// numbers (1.0 and 1) make no difference. A text that isn't JSON is a difference.
///
///     /user/name: expected "Ada", got "Bob"
///     /tags/2: expected "new", got nothing
[[nodiscard]] std::string json_difference(std::string_view expected, std::string_view got,
                                          JsonMatch match = JsonMatch::exact);

/// What a JSON Pointer points at in `text`, as compact JSON; nullopt when there is nothing, or
/// `text` isn't JSON. Throws std::invalid_argument for what is no JSON Pointer.
[[nodiscard]] std::optional<std::string> json_at(std::string_view text, std::string_view pointer);

namespace detail {

// A value to compare with as JSON text: that of a response, a text that is JSON already, or any
// value that can be written.
inline const std::string& json_text(const TestResponse& response) { return response.text(); }
inline std::string json_text(std::string_view text) { return std::string{text}; }
inline std::string json_text(const std::string& text) { return text; }
inline std::string json_text(const char* text) { return text; }
template <class T>
    requires(!std::convertible_to<const T&, std::string_view>)
std::string json_text(const T& value) {
    return to_json(value);
}

// A value as JSON; unlike above, text is a value too.
template <class T>
std::string json_value(const T& value) {
    if constexpr (std::convertible_to<const T&, std::string_view>)
        return to_json(std::string_view{value});
    else
        return to_json(value);
}

// Why a response isn't that problem (RFC 9457), or "". `pointers` are those of its `errors`, in any
// order; none: they are of no interest.
std::string explain_problem(const TestResponse& response, int status,
                            const std::vector<std::string>& pointers);

} // namespace detail

} // namespace armature
