#include "client/public_address.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

namespace armature::client {

namespace {

struct Ipv4Range {
    std::uint32_t first;
    unsigned bits;
};

constexpr std::uint32_t ipv4(unsigned a, unsigned b, unsigned c, unsigned d) noexcept {
    return a << 24 | b << 16 | c << 8 | d;
}

constexpr Ipv4Range not_public[] = {
    {ipv4(0, 0, 0, 0), 8},       // this network
    {ipv4(10, 0, 0, 0), 8},      // private
    {ipv4(100, 64, 0, 0), 10},   // shared by a provider
    {ipv4(127, 0, 0, 0), 8},     // this machine
    {ipv4(169, 254, 0, 0), 16},  // this link; clouds' metadata services
    {ipv4(172, 16, 0, 0), 12},   // private
    {ipv4(192, 0, 0, 0), 24},    // protocol assignments
    {ipv4(192, 0, 2, 0), 24},    // examples
    {ipv4(192, 88, 99, 0), 24},  // 6to4 relays
    {ipv4(192, 168, 0, 0), 16},  // private
    {ipv4(198, 18, 0, 0), 15},   // benchmarks
    {ipv4(198, 51, 100, 0), 24}, // examples
    {ipv4(203, 0, 113, 0), 24},  // examples
    {ipv4(224, 0, 0, 0), 3},     // multicast, reserved, broadcast
};

bool is_public_ipv4(std::uint32_t address) noexcept {
    return std::none_of(std::begin(not_public), std::end(not_public), [&](const Ipv4Range& range) {
        return (address ^ range.first) >> (32 - range.bits) == 0;
    });
}

bool is_public_ipv6(const unsigned char* bytes) noexcept {
    const auto starts = [&](std::initializer_list<unsigned char> prefix) {
        return std::equal(prefix.begin(), prefix.end(), bytes);
    };
    const std::uint32_t last = ipv4(bytes[12], bytes[13], bytes[14], bytes[15]);
    // IPv4-mapped and NAT64 addresses stand for IPv4 ones.
    if (starts({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}) ||
        starts({0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0}))
        return is_public_ipv4(last);
    if ((bytes[0] & 0xE0) != 0x20) return false;       // all that is assigned is in 2000::/3
    return !(starts({0x20, 0x01}) && bytes[2] < 2) &&  // 2001::/23: protocols, with Teredo
           !starts({0x20, 0x01, 0x0D, 0xB8}) &&        // examples
           !starts({0x20, 0x02}) &&                    // 6to4, which stands for IPv4
           !(starts({0x3F, 0xFF}) && bytes[2] < 0x10); // examples
}

} // namespace

bool is_public(const sockaddr& address) noexcept {
    if (address.sa_family == AF_INET) {
        sockaddr_in ipv4;
        std::memcpy(&ipv4, &address, sizeof ipv4);
        return is_public_ipv4(ntohl(ipv4.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 ipv6;
        std::memcpy(&ipv6, &address, sizeof ipv6);
        return is_public_ipv6(ipv6.sin6_addr.s6_addr);
    }
    return false;
}

} // namespace armature::client
