#pragma once

namespace armature {

/// How a type is written as text, wherever it goes: JSON, paths, query strings, forms. Specialise
/// it for a type of your own that is one value with a text of its own form:
///
///     template <>
///     struct armature::TextForm<Isbn> {
///         static constexpr std::string_view format = "isbn";   // JSON Schema's `format`
///         static constexpr std::string_view pattern = "";      // its `pattern`; "": none
///         static constexpr std::string_view wanted = "an ISBN"; // of an error: "must be …"
///         static constexpr std::size_t max_size = 17;          // bytes that `write` may need
///         static bool parse(std::string_view text, Isbn& out) noexcept; // all of it, or false
///         static char* write(char* to, const Isbn& value) noexcept; // returns the end
///     };
///
/// `write` gives ASCII without quotes, backslashes and control characters, at most 256 bytes, and
/// text that `parse` takes back as the same value.
template <class T>
struct TextForm {};

} // namespace armature
