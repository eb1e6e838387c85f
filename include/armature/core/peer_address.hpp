#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace armature {

/// An address of the connection's other end: as the kernel saw it, or as a trusted proxy said it
/// (the middleware `TrustedProxies`, `ServerOptions::proxy_protocol`); never from anybody else.
class PeerAddress {
  public:
    enum class Family : std::uint8_t { none, ipv4, ipv6, unix_socket };

    PeerAddress() noexcept = default;
    /// `bytes` in network order: 4 of them for IPv4, 16 for IPv6.
    PeerAddress(Family family, const unsigned char* bytes, std::uint16_t port) noexcept;

    [[nodiscard]] Family family() const noexcept { return family_; }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// The address in network order: the first 4 bytes for IPv4, all for IPv6.
    [[nodiscard]] const std::array<unsigned char, 16>& bytes() const noexcept { return bytes_; }
    /// The address without the port, for example "127.0.0.1", "::1" or "unix".
    [[nodiscard]] std::string address() const;
    /// "127.0.0.1:4711", "[::1]:4711" or "unix".
    [[nodiscard]] std::string to_string() const;

  private:
    std::array<unsigned char, 16> bytes_{};
    std::uint16_t port_ = 0;
    Family family_ = Family::none;
};

} // namespace armature
