#include "client/public_address.hpp"

#include <armature/core/address_ranges.hpp>

#include <netinet/in.h>

#include <cstring>

namespace armature::client {

namespace {

const AddressRanges assigned{"0.0.0.0/0", "2000::/3"};

const AddressRanges not_public{
    "0.0.0.0/8",       // this network
    "10.0.0.0/8",      // private
    "100.64.0.0/10",   // shared by a provider
    "127.0.0.0/8",     // this machine
    "169.254.0.0/16",  // this link; clouds' metadata services
    "172.16.0.0/12",   // private
    "192.0.0.0/24",    // protocol assignments
    "192.0.2.0/24",    // examples
    "192.88.99.0/24",  // 6to4 relays
    "192.168.0.0/16",  // private
    "198.18.0.0/15",   // benchmarks
    "198.51.100.0/24", // examples
    "203.0.113.0/24",  // examples
    "224.0.0.0/3",     // multicast, reserved, broadcast
    "2001::/23",       // protocols, with Teredo
    "2001:db8::/32",   // examples
    "2002::/16",       // 6to4, which stands for IPv4
    "3fff::/20",       // examples
};

const AddressRanges nat64{"64:ff9b::/96"}; // stands for the IPv4 address in its last bytes

bool is_public(const PeerAddress& address) noexcept {
    if (nat64.contains(address))
        return is_public(
            PeerAddress{PeerAddress::Family::ipv4, address.bytes().data() + 12, address.port()});
    return assigned.contains(address) && !not_public.contains(address);
}

} // namespace

bool is_public(const sockaddr& address) noexcept {
    if (address.sa_family == AF_INET) {
        sockaddr_in ipv4;
        std::memcpy(&ipv4, &address, sizeof ipv4);
        unsigned char bytes[4];
        std::memcpy(bytes, &ipv4.sin_addr, sizeof bytes);
        return is_public(PeerAddress{PeerAddress::Family::ipv4, bytes, 0});
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 ipv6;
        std::memcpy(&ipv6, &address, sizeof ipv6);
        return is_public(PeerAddress{PeerAddress::Family::ipv6, ipv6.sin6_addr.s6_addr, 0});
    }
    return false;
}

} // namespace armature::client
