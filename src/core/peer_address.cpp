#include <armature/core/peer_address.hpp>

#include <arpa/inet.h>

#include <algorithm>

namespace armature {

PeerAddress::PeerAddress(Family family, const unsigned char* bytes, std::uint16_t port) noexcept
    : port_(port), family_(family) {
    const std::size_t size = family == Family::ipv4 ? 4 : family == Family::ipv6 ? 16 : 0;
    std::copy_n(bytes, size, bytes_.begin());
}

std::string PeerAddress::address() const {
    if (family_ == Family::unix_socket) return "unix";
    if (family_ == Family::none) return {};
    char text[INET6_ADDRSTRLEN];
    const int family = family_ == Family::ipv4 ? AF_INET : AF_INET6;
    return inet_ntop(family, bytes_.data(), text, sizeof text);
}

std::string PeerAddress::to_string() const {
    switch (family_) {
    case Family::ipv4:
        return address() + ':' + std::to_string(port_);
    case Family::ipv6:
        return '[' + address() + "]:" + std::to_string(port_);
    default:
        return address();
    }
}

} // namespace armature
