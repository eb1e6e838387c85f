#include "tenancy/host_name.hpp"

#include <algorithm>
#include <stdexcept>

namespace armature::tenancy {

namespace {

constexpr bool is_letter_or_digit(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

bool is_label(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

std::string checked_name(std::string_view text, const char* of_what) {
    std::string name{text};
    std::transform(name.begin(), name.end(), name.begin(), lower);
    bool is_right = name.size() <= longest_name;
    for (std::size_t from = 0; is_right;) {
        const std::size_t dot = std::min(name.find('.', from), name.size());
        is_right = is_label(std::string_view{name}.substr(from, dot - from));
        if (dot == name.size()) break;
        from = dot + 1;
    }
    if (!is_right)
        throw std::invalid_argument("armature: '" + std::string{text} + "' is no " + of_what +
                                    ": give a name such as \"shop.example.com\", in ASCII "
                                    "(\"xn--…\" for others) and without a port");
    return name;
}

std::string_view name_of(std::string_view authority, char (&buffer)[longest_name + 1]) noexcept {
    std::string_view host = authority;
    if (!host.starts_with('[')) host = host.substr(0, host.find(':')); // an IPv6 address stays
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.size() > longest_name) return {};
    std::transform(host.begin(), host.end(), buffer, lower);
    return {buffer, host.size()};
}

} // namespace armature::tenancy
