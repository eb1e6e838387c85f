#include <armature/core/uuid.hpp>

#include <sys/random.h>

#include <cerrno>
#include <ctime>
#include <system_error>

namespace armature {
namespace {

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

constexpr bool has_hyphen_before(std::size_t byte) noexcept {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

std::array<std::uint8_t, 16> random_bytes() {
    std::array<std::uint8_t, 16> bytes;
    // Up to 256 bytes come whole, without an interruption, once the system has started.
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw std::system_error(errno, std::generic_category(), "armature: no randomness");
    return bytes;
}

void set_version(std::array<std::uint8_t, 16>& bytes, unsigned version) noexcept {
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | version << 4);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
}

std::uint64_t milliseconds_now() noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

} // namespace

Uuid Uuid::v4() {
    auto bytes = random_bytes();
    set_version(bytes, 4);
    return Uuid{bytes};
}

Uuid Uuid::v7() {
    // 48 bits of time and 12 that count, as one number that only rises (RFC 9562 §6.2, method 1).
    // A new millisecond starts the count at a random value with room above it; a full count goes
    // on in the next millisecond.
    thread_local std::uint64_t last = 0;
    auto bytes = random_bytes();
    const std::uint64_t start = (bytes[6] & 0x07u) << 8 | bytes[7];
    const std::uint64_t fresh = milliseconds_now() << 12 | start;
    last = last >> 12 < fresh >> 12 ? fresh : last + 1;

    for (std::size_t i = 0; i != 6; ++i)
        bytes[i] = static_cast<std::uint8_t>(last >> (52 - 8 * i));
    bytes[6] = static_cast<std::uint8_t>(last >> 8 & 0x0F);
    bytes[7] = static_cast<std::uint8_t>(last);
    set_version(bytes, 7);
    return Uuid{bytes};
}

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
    Uuid uuid;
    if (!TextForm<Uuid>::parse(text, uuid)) return std::nullopt;
    return uuid;
}

std::string Uuid::to_string() const {
    char text[TextForm<Uuid>::max_size];
    return {text, TextForm<Uuid>::write(text, *this)};
}

bool TextForm<Uuid>::parse(std::string_view text, Uuid& out) noexcept {
    if (text.size() != max_size) return false;
    std::array<std::uint8_t, 16> bytes;
    const char* at = text.data();
    for (std::size_t i = 0; i != 16; ++i) {
        if (has_hyphen_before(i) && *at++ != '-') return false;
        const int high = hex_value(at[0]), low = hex_value(at[1]);
        if (high < 0 || low < 0) return false;
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
        at += 2;
    }
    out = Uuid{bytes};
    return true;
}

char* TextForm<Uuid>::write(char* to, const Uuid& value) noexcept {
    constexpr char digits[] = "0123456789abcdef";
    for (std::size_t i = 0; i != 16; ++i) {
        if (has_hyphen_before(i)) *to++ = '-';
        *to++ = digits[value.bytes()[i] >> 4];
        *to++ = digits[value.bytes()[i] & 15];
    }
    return to;
}

} // namespace armature
