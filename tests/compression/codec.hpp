#pragma once

#include "compression/decoder.hpp"
#include "compression/encoder.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace armature::compression {

inline constexpr Coding all_codings[] = {Coding::gzip, Coding::deflate, Coding::brotli,
                                         Coding::zstd};

inline constexpr Effort usual(Coding coding, bool small = false) {
    return {coding, static_cast<std::int8_t>(coding == Coding::brotli ? 4 : 5), small};
}

/// What decodes to `text`.
inline std::string encoded(Coding coding, std::string_view text) {
    const EncoderLease encoder = borrow_encoder(usual(coding), 1u << 30);
    encoder->begin(text.size(), 0);
    std::string out;
    encoder->encode(text, Encoder::Step::finish, out);
    return out;
}

/// What it decodes to, `room` bytes at a time; null unless it is whole.
inline std::optional<std::string> decoded(Coding coding, std::string_view bytes,
                                          std::size_t room = 1000, bool whole = true) {
    const auto decoder = make_decoder(coding);
    std::string out;
    std::string piece(room, '\0');
    for (std::size_t size = room; size == room;) {
        size = decoder->decode(bytes, piece.data(), room);
        out.append(piece, 0, size);
        if (decoder->state() == Decoder::State::damaged) return std::nullopt;
    }
    if (whole && decoder->state() != Decoder::State::at_end) return std::nullopt;
    return out;
}

/// Text that looks like JSON of an API.
inline std::string some_text(std::size_t size) {
    std::string text;
    for (unsigned i = 0; text.size() < size; ++i)
        text += "{\"id\":" + std::to_string(i) + ",\"name\":\"User " + std::to_string(i * 7919) +
                "\",\"email\":\"user" + std::to_string(i) + "@example.com\"},\n";
    text.resize(size);
    return text;
}

} // namespace armature::compression
