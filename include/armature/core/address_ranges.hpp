#pragma once

#include <armature/core/peer_address.hpp>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// Reads an IPv4 address, or an IPv6 address without brackets and zone, and gives it that port;
/// nullopt for anything else.
[[nodiscard]] std::optional<PeerAddress> parse_address(std::string_view text,
                                                       std::uint16_t port = 0) noexcept;

/// A set of addresses: {"10.0.0.0/8", "192.0.2.7", "fd00::/8", "unix"}. Besides CIDR blocks
/// (RFC 4632) and single addresses there are
/// - "loopback": 127.0.0.0/8 and ::1,
/// - "private": 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918) and fc00::/7 (RFC 4193),
/// - "unix": whoever connects by a Unix-domain socket.
///
/// An IPv4 address that was mapped into IPv6 (::ffff:192.0.2.7), as sockets for both families give
/// it, is the IPv4 address.
class AddressRanges {
  public:
    AddressRanges() noexcept;
    /// Throws std::invalid_argument as `add` does.
    AddressRanges(std::initializer_list<std::string_view> texts); // NOLINT
    explicit AddressRanges(const std::vector<std::string>& texts);
    AddressRanges(const AddressRanges&);
    AddressRanges(AddressRanges&&) noexcept;
    AddressRanges& operator=(const AddressRanges&);
    AddressRanges& operator=(AddressRanges&&) noexcept;
    ~AddressRanges();

    /// Throws std::invalid_argument, which says what to write instead, for what is no range, and
    /// for a block with bits behind its prefix, such as "10.1.2.3/8".
    void add(std::string_view text);
    [[nodiscard]] bool empty() const noexcept;
    /// Cost: a comparison for each range.
    [[nodiscard]] bool contains(const PeerAddress& address) const noexcept;

  private:
    struct Block {
        std::array<unsigned char, 16> bytes; ///< IPv4 as ::ffff:0:0/96
        std::uint8_t bits;
    };
    std::vector<Block> blocks_;
    bool unix_ = false;
};

} // namespace armature
