#include "http1/authority.hpp"

#include "core/characters.hpp"

#include <arpa/inet.h>

#include <cstring>

namespace armature::http1 {
namespace {

bool is_ipv6(std::string_view text) noexcept {
    char copy[INET6_ADDRSTRLEN];
    if (text.size() >= sizeof copy) return false;
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
    in6_addr address;
    return std::strlen(copy) == text.size() && inet_pton(AF_INET6, copy, &address) == 1;
}

// The host at the start of `text`: its size, or npos if there is no valid one.
std::size_t host_size(std::string_view text) noexcept {
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos || !is_ipv6(text.substr(1, close - 1)))
            return std::string_view::npos;
        return close + 1;
    }
    std::size_t i = 0;
    while (i < text.size()) {
        if (reg_name_characters.contains(text[i])) {
            ++i;
        } else if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                   hex_value(text[i + 2]) >= 0) {
            i += 3;
        } else {
            break;
        }
    }
    return i;
}

} // namespace

bool is_authority(std::string_view text) noexcept {
    const std::size_t host = host_size(text);
    if (host == std::string_view::npos) return false;
    if (host == text.size()) return true;
    return text[host] == ':' && is_port(text.substr(host + 1));
}

bool is_connect_authority(std::string_view text) noexcept {
    const std::size_t host = host_size(text);
    return host != std::string_view::npos && host != 0 && host + 1 < text.size() &&
           text[host] == ':' && is_port(text.substr(host + 1));
}

} // namespace armature::http1
