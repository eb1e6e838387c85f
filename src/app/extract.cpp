#include <armature/app/extract.hpp>
#include <armature/routing/pattern.hpp>

#include <charconv>

namespace armature {

namespace {

std::string_view value_of(const ExtractInput& input) {
    return input.request.params()[input.path_index];
}

// Digits, a minus sign at most; no plus, no spaces.
template <class T>
T parse(const ExtractInput& input, T min, T max, std::string_view expected) {
    const std::string_view text = value_of(input);
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // Not a number isn't in range either.
    const bool is_in_range = value >= min && value <= max;
    if (error != std::errc{} || end != text.data() + text.size() || !is_in_range) {
        const std::string_view route = input.request.route();
        throw Error::bad_request(std::string{"The path parameter \""}
                                     .append(pattern_param_name(route, input.path_index))
                                     .append("\" of ")
                                     .append(route)
                                     .append(" must be ")
                                     .append(expected));
    }
    return value;
}

} // namespace

namespace detail {

std::string_view path_text(const ExtractInput& input) {
    std::string_view text = value_of(input);
    if (text.find('\0') == std::string_view::npos) return text;
    // An encoded slash travels as a NUL byte; here it becomes what the client meant.
    char* copy = const_cast<char*>(input.request.arena().copy(text).data());
    for (std::size_t i = 0; i < text.size(); ++i)
        if (copy[i] == '\0') copy[i] = '/';
    return {copy, text.size()};
}

std::uint64_t path_unsigned(const ExtractInput& input, std::uint64_t max) {
    return parse<std::uint64_t>(input, 0, max, "an unsigned integer in range");
}

std::int64_t path_signed(const ExtractInput& input, std::int64_t min, std::int64_t max) {
    return parse<std::int64_t>(input, min, max, "an integer in range");
}

double path_double(const ExtractInput& input, double max) {
    return parse<double>(input, -max, max, "a number in range");
}

} // namespace detail

std::string_view content_media_type(const Request& request) noexcept {
    std::string_view type = request.header(Field::content_type).value_or("");
    type = type.substr(0, type.find(';'));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t'))
        type.remove_suffix(1);
    return type;
}

} // namespace armature
