#pragma once

#include "core/digits.hpp"

#include <armature/http1/head_writer.hpp>

#include <cstdint>
#include <cstring>

// The parts of a response's head, inlined into whoever writes one: a call costs as much as most of
// them do.

namespace armature::http1::detail {

inline constexpr std::string_view content_length_name = "content-length: ";

// Lines that are in one piece, with the room behind them that such lines have.
[[gnu::always_inline]] inline char* put_joined(char* out, const char* from,
                                               std::size_t size) noexcept {
    if (size > 128) {
        std::memcpy(out, from, size);
        return out + size;
    }
    std::memcpy(out, from, 16);
    if (size > 16) {
        std::memcpy(out + 16, from + 16, 16);
        if (size > 32) {
            std::memcpy(out + 32, from + 32, 32);
            if (size > 64) {
                std::memcpy(out + 64, from + 64, 32);
                if (size > 96) std::memcpy(out + 96, from + 96, 32);
            }
        }
    }
    return out + size;
}

[[gnu::always_inline]] inline char* put_fields(char* out, const Headers& fields) noexcept {
    // What is written could be anything for all the compiler knows, the end of the fields as well.
    const Headers::Entry* const end = fields.end();
    for (const Headers::Entry* entry = fields.begin(); entry != end; ++entry) {
        if (entry->joined() != 0) [[unlikely]] {
            const char* const first = entry->name().data();
            entry += entry->joined() - 1;
            const char* const last = entry->value().data() + entry->value().size() + 2;
            out = put_joined(out, first, static_cast<std::size_t>(last - first));
            continue;
        }
        out = write_text(out, entry->name());
        std::memcpy(out, ": ", 2);
        out = write_text(out + 2, entry->value());
        std::memcpy(out, "\r\n", 2);
        out += 2;
    }
    return out;
}

[[gnu::always_inline]] inline char* put_length(char* out, std::uint64_t number) noexcept {
    if (number >= 100) return write_decimal(out, number);
    if (number < 10) {
        *out = static_cast<char>('0' + number);
        return out + 1;
    }
    return write_two_digits(out, number);
}

/// How much room a status line, `common_fields` and `put_usual_fields` need at most.
inline std::size_t usual_head_bound(std::string_view common_fields,
                                    const Headers& fields) noexcept {
    return status_line_bound + content_length_name.size() + decimal_bound + 4 +
           common_fields.size() + fields.text_bound();
}

/// The rest of a head for content of a known length on a connection that stays open: what is left
/// of `write_head` when nothing has to be decided.
[[gnu::always_inline]] inline char* put_usual_fields(char* out, const Headers& fields,
                                                     std::uint64_t content_length) noexcept {
    out = put_fields(out, fields);
    out = write_text(out, content_length_name);
    out = put_length(out, content_length);
    std::memcpy(out, "\r\n\r\n", 4);
    return out + 4;
}

} // namespace armature::http1::detail
