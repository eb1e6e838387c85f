#pragma once

#include <armature/core/headers.hpp>
#include <armature/core/status.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace armature::http1 {

/// Writing is done in two steps: add up what the parts need at most, then write them one after the
/// other without looking at the room again. Each `write_` function returns the end of what it
/// wrote, and may leave rubbish after it, up to the size its `_bound` tells.

/// What `write_status_line` may touch.
inline constexpr std::size_t status_line_bound = 48;
/// What `write_decimal` may touch: 2^64 - 1 has 20 digits.
inline constexpr std::size_t decimal_bound = 20;
/// What `write_chunk_size` may touch: 16 digits and CR LF.
inline constexpr std::size_t chunk_size_bound = 18;

/// What ends a chunked body that has no trailer section.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";
/// What follows the content of each chunk.
inline constexpr std::string_view chunk_end = "\r\n";

/// Copies text of any size; quick for short text.
[[gnu::always_inline]] inline char* write_text(char* out, std::string_view text) noexcept {
    const std::size_t size = text.size();
    const char* const from = text.data();
    if (size >= 8 && size <= 32) {
        // Two copies that overlap reach every size from 8 to 16, four up to 32.
        const char* const last = from + size - 8;
        char* const out_last = out + size - 8;
        if (size > 16) {
            std::memcpy(out + 8, from + 8, 8);
            std::memcpy(out_last - 8, last - 8, 8);
        }
        std::memcpy(out, from, 8);
        std::memcpy(out_last, last, 8);
    } else if (size != 0) {
        std::memcpy(out, from, size);
    }
    return out + size;
}

/// `HTTP/1.1 404 Not Found` and CR LF. The version is 1.1 also towards HTTP/1.0 clients: it tells
/// what the server can do (RFC 9110 §6.2). A code that isn't registered has no reason phrase.
[[nodiscard]] char* write_status_line(char* out, Status status) noexcept;

/// The number without sign or leading zeros.
[[nodiscard]] char* write_decimal(char* out, std::uint64_t number) noexcept;

/// The size of a chunk in hexadecimal, and CR LF (RFC 9112 §7.1). `size` 0 would end the body.
[[nodiscard]] char* write_chunk_size(char* out, std::uint64_t size) noexcept;

/// What `write_fields` may touch.
[[nodiscard]] std::size_t fields_bound(const Headers& fields) noexcept;

/// The field lines, each with CR LF, without the blank line.
[[nodiscard]] char* write_fields(char* out, const Headers& fields) noexcept;

/// How a response's content is delimited (RFC 9112 §6.3).
enum class Framing : std::uint8_t {
    none,    ///< No field says: 1xx, 204, or content that ends with the connection.
    length,  ///< Content-Length.
    chunked, ///< Transfer-Encoding: chunked; for HTTP/1.1 clients only.
};

/// What the Connection field of a response says (RFC 9112 §9.3 and §9.6).
enum class Persistence : std::uint8_t {
    implied,    ///< No field: the connection stays open for an HTTP/1.1 client.
    keep_alive, ///< `connection: keep-alive`, which HTTP/1.0 clients need.
    close,      ///< `connection: close`.
};

/// A response head.
struct ResponseHead {
    Status status = Status::ok;
    Framing framing = Framing::length;
    Persistence persistence = Persistence::implied;
    std::uint64_t content_length = 0;
    /// Field lines that were rendered before, each with CR LF: those that every response has.
    std::string_view common_fields;
    /// The response's own fields. They must not include what `framing` and `persistence` say.
    const Headers* fields = nullptr;
};

/// How much room `write_head` needs at most.
[[nodiscard]] std::size_t head_bound(const ResponseHead& head) noexcept;

/// Status line, fields and blank line.
[[nodiscard]] char* write_head(char* out, const ResponseHead& head) noexcept;

} // namespace armature::http1
