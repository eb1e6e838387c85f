#include <armature/app/text_value.hpp>

#include <charconv>

namespace armature::detail {

namespace {

template <class T>
bool parse_all(std::string_view text, T& out) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

} // namespace

bool parse_text(std::string_view text, bool& out) noexcept {
    out = text == "true";
    return out || text == "false";
}

bool parse_text(std::string_view text, std::int64_t& out, std::int64_t least,
                std::int64_t greatest) noexcept {
    return parse_all(text, out) && out >= least && out <= greatest;
}

bool parse_text(std::string_view text, std::uint64_t& out, std::uint64_t greatest) noexcept {
    return parse_all(text, out) && out <= greatest;
}

bool parse_text(std::string_view text, double& out, double greatest) noexcept {
    return parse_all(text, out) && out >= -greatest && out <= greatest; // not a number isn't either
}

bool parse_text(std::string_view text, std::int64_t& out, const EnumName* names,
                std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i)
        if (names[i].name == text) {
            out = names[i].value;
            return true;
        }
    return false;
}

std::string wanted_integer(std::int64_t least, std::uint64_t greatest) {
    return "an integer between " + std::to_string(least) + " and " + std::to_string(greatest);
}

std::string wanted_name(const EnumName* names, std::size_t count) {
    std::string text = "one of ";
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0) text += ", ";
        text += names[i].name;
    }
    return text;
}

} // namespace armature::detail
