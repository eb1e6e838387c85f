#pragma once

#include <armature/core/error.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace armature::store {

/// A counter's value after `amount` was added to it. Throws `Error` for a text that is no whole
/// number, and if the result would be none.
inline std::int64_t add_to(std::string_view key, std::string_view text, std::int64_t amount) {
    std::int64_t value = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || rest != text.data() + text.size())
        throw Error::internal("The value of '" + std::string{key} + "' is no whole number");
    if (__builtin_add_overflow(value, amount, &value))
        throw Error::internal("The counter '" + std::string{key} + "' would overflow");
    return value;
}

} // namespace armature::store
