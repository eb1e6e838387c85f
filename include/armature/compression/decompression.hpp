#pragma once

#include <armature/core/request.hpp>

#include <cstdint>
#include <string_view>

namespace armature {

struct DecompressionOptions {
    /// What content may grow to, as a multiple of the bytes received. The first 64 KiB are free.
    std::uint32_t max_ratio = 200;
    /// How often content may have been compressed: `Content-Encoding: gzip, br` is twice.
    std::uint32_t max_codings = 1;
};

/// Middleware that decompresses requests' content (Content-Encoding of gzip, br, zstd and deflate),
/// so that handlers see it as if it had been sent plainly: the fields Content-Encoding and
/// Content-Length are gone.
///
/// The route's `body_limit` counts twice: for what is received, and for what that is decompressed.
/// Content beyond it, or that grows more than `max_ratio` times, is 413; damaged or incomplete
/// content 400; a coding it doesn't know, or more than `max_codings`, 415 with an Accept-Encoding
/// field (RFC 9110 §15.5.16). It goes on while content is read, 16 KiB at a time, and stops at a
/// limit; what came together with its head, 64 KiB at the most, is decompressed at once.
class Decompression {
  public:
    static constexpr std::string_view name = "decompression";

    Decompression() : Decompression(DecompressionOptions{}) {}
    /// Throws std::invalid_argument for a ratio or number of codings below 1, or more than 4 of
    /// these.
    explicit Decompression(DecompressionOptions options);

    void before(Request& request) const {
        if (request.headers().contains(Field::content_encoding)) decode(request);
    }

  private:
    void decode(Request& request) const;

    DecompressionOptions options_;
};

} // namespace armature
