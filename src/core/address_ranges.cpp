#include <armature/core/address_ranges.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace armature {

namespace {

using Bytes16 = std::array<unsigned char, 16>;

constexpr std::uint8_t mapped_bits = 96;

std::optional<Bytes16> as_ipv6(const PeerAddress& address) noexcept {
    Bytes16 bytes{};
    switch (address.family()) {
    case PeerAddress::Family::ipv4:
        bytes[10] = bytes[11] = 0xff;
        std::memcpy(bytes.data() + 12, address.bytes().data(), 4);
        return bytes;
    case PeerAddress::Family::ipv6:
        std::memcpy(bytes.data(), address.bytes().data(), 16);
        return bytes;
    default:
        return std::nullopt;
    }
}

bool starts_alike(const Bytes16& a, const Bytes16& b, std::uint8_t bits) noexcept {
    const std::size_t whole = bits / 8;
    if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
    const unsigned rest = bits % 8;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw std::invalid_argument("armature: \"" + std::string{text} +
                                "\" is no range of addresses: " + std::string{why});
}

} // namespace

std::optional<PeerAddress> parse_address(std::string_view text, std::uint16_t port) noexcept {
    char copy[INET6_ADDRSTRLEN] = {};
    if (text.empty() || text.size() >= sizeof copy) return std::nullopt;
    std::memcpy(copy, text.data(), text.size());
    // A byte 0 in the middle would hide what follows.
    if (std::strlen(copy) != text.size()) return std::nullopt;
    unsigned char bytes[16];
    if (::inet_pton(AF_INET, copy, bytes) == 1)
        return PeerAddress{PeerAddress::Family::ipv4, bytes, port};
    if (::inet_pton(AF_INET6, copy, bytes) == 1)
        return PeerAddress{PeerAddress::Family::ipv6, bytes, port};
    return std::nullopt;
}

AddressRanges::AddressRanges() noexcept = default;
AddressRanges::AddressRanges(std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts)
        add(text);
}
AddressRanges::AddressRanges(const std::vector<std::string>& texts) {
    for (const std::string& text : texts)
        add(text);
}
AddressRanges::AddressRanges(const AddressRanges&) = default;
AddressRanges::AddressRanges(AddressRanges&&) noexcept = default;
AddressRanges& AddressRanges::operator=(const AddressRanges&) = default;
AddressRanges& AddressRanges::operator=(AddressRanges&&) noexcept = default;
AddressRanges::~AddressRanges() = default;
bool AddressRanges::empty() const noexcept { return blocks_.empty() && !unix_; }

void AddressRanges::add(std::string_view text) {
    if (text == "unix") {
        unix_ = true;
        return;
    }
    if (text == "loopback") {
        for (const char* range : {"127.0.0.0/8", "::1"})
            add(range);
        return;
    }
    if (text == "private") {
        for (const char* range : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"})
            add(range);
        return;
    }
    const std::size_t slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address)
        refuse(text, "write an address, a block such as 10.0.0.0/8 or fd00::/8, loopback, private "
                     "or unix");
    const bool is_ipv4 = address->family() == PeerAddress::Family::ipv4;
    const unsigned most = is_ipv4 ? 32 : 128;
    unsigned bits = most;
    if (slash != text.npos) {
        const std::string_view prefix = text.substr(slash + 1);
        const auto [end, error] =
            std::from_chars(prefix.data(), prefix.data() + prefix.size(), bits);
        if (error != std::errc{} || end != prefix.data() + prefix.size() || bits > most)
            refuse(text, is_ipv4 ? "the prefix has 0 to 32 bits" : "the prefix has 0 to 128 bits");
    }
    Block block{*as_ipv6(*address), static_cast<std::uint8_t>(bits + (is_ipv4 ? mapped_bits : 0))};
    Bytes16 rest = block.bytes;
    for (unsigned bit = 0; bit < block.bits; ++bit)
        rest[bit / 8] = static_cast<unsigned char>(rest[bit / 8] & ~(0x80u >> bit % 8));
    if (std::any_of(rest.begin(), rest.end(), [](unsigned char byte) { return byte != 0; }))
        refuse(text, "it has bits behind its prefix; write the first address of the block");
    blocks_.push_back(block);
}

bool AddressRanges::contains(const PeerAddress& address) const noexcept {
    if (address.family() == PeerAddress::Family::unix_socket) return unix_;
    const auto bytes = as_ipv6(address);
    return bytes && std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
               return starts_alike(*bytes, block.bytes, block.bits);
           });
}

} // namespace armature
