#include "server/proxy_protocol.hpp"

#include <armature/core/address_ranges.hpp>

#include <algorithm>
#include <charconv>

namespace armature::server {

namespace {

using namespace std::string_view_literals;
using State = ProxyHeader::State;
using Family = PeerAddress::Family;

constexpr std::string_view version_1 = "PROXY "sv;
constexpr std::size_t version_1_max = 107; // with its line break
constexpr std::string_view version_2 = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t version_2_fixed = 16;

ProxyHeader malformed() noexcept { return {State::malformed, 0, std::nullopt}; }

bool may_become(std::string_view bytes, std::string_view start) noexcept {
    const std::size_t size = std::min(bytes.size(), start.size());
    return bytes.substr(0, size) == start.substr(0, size);
}

// The next word of a line, whose words one space separates.
std::string_view take_word(std::string_view& line) noexcept {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, space);
    line.remove_prefix(std::min(space + 1, line.size()));
    return word;
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool is_plain = !text.empty() && (text.size() == 1 || text[0] != '0');
    if (error != std::errc{} || end != text.data() + text.size() || !is_plain) return std::nullopt;
    return port;
}

ProxyHeader parse_version_1(std::string_view bytes) noexcept {
    const std::size_t end = bytes.substr(0, version_1_max).find("\r\n");
    if (end == bytes.npos) return bytes.size() < version_1_max ? ProxyHeader{} : malformed();
    ProxyHeader header{State::complete, end + 2, std::nullopt};
    std::string_view line = bytes.substr(version_1.size(), end - version_1.size());
    const std::string_view protocol = take_word(line);
    if (protocol == "UNKNOWN") return header; // whatever follows means nothing
    const Family family = protocol == "TCP4" ? Family::ipv4 : Family::ipv6;
    if (family == Family::ipv6 && protocol != "TCP6") return malformed();
    // The line ends with its last word: no space, and nothing more.
    if (std::count(line.begin(), line.end(), ' ') != 3) return malformed();
    const std::string_view from = take_word(line);
    const std::string_view to = take_word(line);
    const auto from_port = parse_port(take_word(line));
    const auto to_port = parse_port(line);
    if (!from_port || !to_port) return malformed();
    const auto client = parse_address(from, *from_port);
    const auto server = parse_address(to, *to_port);
    if (!client || !server || client->family() != family || server->family() != family)
        return malformed();
    header.client = client;
    return header;
}

ProxyHeader parse_version_2(std::string_view bytes) noexcept {
    if (bytes.size() < version_2_fixed) return {};
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
    const unsigned version = byte(12) >> 4;
    const unsigned command = byte(12) & 15;
    const unsigned family = byte(13) >> 4;
    const unsigned transport = byte(13) & 15;
    const std::size_t length = static_cast<std::size_t>(byte(14)) << 8 | byte(15);
    if (version != 2 || command > 1 || family > 3 || transport > 2) return malformed();
    ProxyHeader header{State::complete, version_2_fixed + length, std::nullopt};
    if (header.size > proxy_header_max) return malformed();
    if (bytes.size() < header.size) return {};
    if (command == 0) return header; // LOCAL: a connection of the proxy's own, a health check
    const auto* const addresses =
        reinterpret_cast<const unsigned char*>(bytes.data()) + version_2_fixed;
    const auto port_at = [&](std::size_t at) {
        return static_cast<std::uint16_t>(addresses[at] << 8 | addresses[at + 1]);
    };
    constexpr std::size_t sizes[] = {0, 12, 36, 216}; // by family: unspecified, IPv4, IPv6, Unix
    if (length < sizes[family]) return malformed();
    if (transport == 0) return header;
    if (family == 1)
        header.client = PeerAddress{Family::ipv4, addresses, port_at(8)};
    else if (family == 2)
        header.client = PeerAddress{Family::ipv6, addresses, port_at(32)};
    else if (family == 3)
        header.client = PeerAddress{Family::unix_socket, nullptr, 0};
    return header;
}

} // namespace

ProxyHeader parse_proxy_header(std::string_view bytes) noexcept {
    if (may_become(bytes, version_1))
        return bytes.size() < version_1.size() ? ProxyHeader{} : parse_version_1(bytes);
    if (may_become(bytes, version_2)) return parse_version_2(bytes);
    return malformed();
}

} // namespace armature::server
