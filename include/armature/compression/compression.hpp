#pragma once

#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

struct CompressionOptions {
    /// Of "zstd", "br", "gzip" and "deflate" those on offer, the server's favourite first: it
    /// decides among those that the client likes equally.
    std::vector<std::string> codings = {"zstd", "br", "gzip", "deflate"};
    /// Content below that isn't worth it. Bytes; content of unknown length is always compressed.
    std::uint64_t min_size = 1024;
    /// From 1 to 9, 0 to 11 and 1 to 19: the higher, the smaller and slower.
    int gzip_level = 6;
    int brotli_quality = 4;
    int zstd_level = 3;
    /// Media types besides text, JSON, XML, scripts and the like: "application/x-shop".
    std::vector<std::string> types = {};
    /// At most that many bytes that mean nothing are added, a random number of them, when the
    /// request has a Cookie or Authorization field: against attacks that learn a page's secrets
    /// from its compressed size (BREACH). 0 adds none; at most 255.
    std::uint32_t padding = 100;
    /// Compressors of one event loop take that many bytes together; a response for which there is
    /// nothing left goes out as it is.
    std::size_t memory_per_loop = 64 * 1024 * 1024;
};

/// Metadata of a route or scope whose responses are never compressed: `.metadata(Uncompressed{})`,
/// for pages that show a secret beside what the request said.
struct Uncompressed {};

/// Middleware that compresses responses in the coding that the client likes best (Accept-Encoding,
/// RFC 9110 §12.5.3). Put it outside of what sets fields that depend on the content.
///
/// Left as they are: what has a Content-Encoding or a Content-Range already, `Cache-Control:
/// no-transform`, a digest of the content, types that are compressed themselves, short content, and
/// a response whose content is the request's own. What might have been compressed says `Vary:
/// Accept-Encoding`; what was has no Accept-Ranges, and its ETag is weak (RFC 9110 §8.8.1).
///
/// Content up to 64 KiB in memory is compressed at once. Larger content and streams are compressed
/// while the client takes them, in turns of 64 KiB between which the event loop serves others; what
/// a stream has written is sent when it pauses. A response that is too short costs a comparison.
class Compression {
  public:
    static constexpr std::string_view name = "compression";

    Compression() : Compression(CompressionOptions{}) {}
    /// Throws std::invalid_argument for codings it doesn't know, none, or levels out of range.
    explicit Compression(CompressionOptions options);

    void before(Request& request) const {
        // What a response may consist of again.
        if (request.body().kind() == Body::Kind::stream) note_content(request);
    }
    void after(Request& request, Response& response) const {
        const Body& body = response.body();
        if (body.in_memory() && body.text().size() < min_size_ &&
            response.status() != Status::not_modified) [[likely]]
            return;
        consider(request, response);
    }

  private:
    static void note_content(Request& request);
    void consider(Request& request, Response& response) const;
    [[nodiscard]] bool is_eligible(Request& request, Response& response) const;
    [[nodiscard]] bool has_type(std::string_view type) const noexcept;

    struct Choice {
        std::uint8_t coding;
        std::int8_t level;
    };
    static constexpr std::size_t most_codings = 4;
    std::array<Choice, most_codings> choices_{};
    std::size_t choice_count_ = 0;
    std::uint64_t min_size_;
    std::vector<std::string> types_;
    std::uint32_t padding_;
    std::size_t memory_;
};

} // namespace armature
