#pragma once

#include <armature/core/peer_address.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace armature::http3 {

/// An IP address and a port, as the kernel wants them.
struct Address {
    union {
        sockaddr any;
        sockaddr_in ipv4;
        sockaddr_in6 ipv6;
    };
    socklen_t size;

    Address() noexcept : ipv6{}, size(0) {}
    Address(const sockaddr* address, socklen_t bytes) noexcept : ipv6{}, size(bytes) {
        std::memcpy(&any, address, bytes < sizeof ipv6 ? bytes : sizeof ipv6);
    }

    [[nodiscard]] bool is_ipv6() const noexcept { return any.sa_family == AF_INET6; }
    /// An IPv4 address on a socket that serves both families.
    [[nodiscard]] bool is_mapped() const noexcept {
        return is_ipv6() && IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr);
    }
    [[nodiscard]] std::uint16_t port() const noexcept {
        return ntohs(is_ipv6() ? ipv6.sin6_port : ipv4.sin_port);
    }
    /// As an application sees it: a mapped address is an IPv4 one.
    [[nodiscard]] PeerAddress peer() const noexcept {
        if (!is_ipv6())
            return {PeerAddress::Family::ipv4,
                    reinterpret_cast<const unsigned char*>(&ipv4.sin_addr), port()};
        if (is_mapped()) return {PeerAddress::Family::ipv4, ipv6.sin6_addr.s6_addr + 12, port()};
        return {PeerAddress::Family::ipv6, ipv6.sin6_addr.s6_addr, port()};
    }
};

} // namespace armature::http3
