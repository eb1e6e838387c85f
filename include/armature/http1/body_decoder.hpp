#pragma once

#include <armature/core/headers.hpp>
#include <armature/http1/limits.hpp>
#include <armature/http1/parse_error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace armature::http1 {

/// Finds a request's content in the bytes after its head (RFC 9112 §6 and §7), without copying it.
///
/// Which bytes are content, and whether they are well-formed, doesn't depend on how they are cut.
/// A chunked body is read by the letter of the grammar: CR LF only, no space around a chunk size,
/// extensions checked though ignored.
///
/// Threads: one at a time. Cost: no allocation but for a trailer section, of
/// `ChunkLimits::trailer_bytes`, kept for the next one.
class BodyDecoder {
  public:
    enum class Status : std::uint8_t {
        more,  ///< The content goes on: in the bytes after `consumed`, or in later ones.
        done,  ///< The content ended; what follows is the next request.
        error, ///< See `error()`. The connection can't be used further.
    };

    struct Result {
        /// How many of the bytes are dealt with, whatever the status.
        std::size_t consumed;
        /// Content among those bytes, a view into them; empty if they were only framing. Each call
        /// gives at most one piece, also before an error.
        std::string_view payload;
        Status status;
    };

    BodyDecoder() noexcept = default;
    // The trailers point into the object.
    BodyDecoder(const BodyDecoder&) = delete;
    BodyDecoder& operator=(const BodyDecoder&) = delete;

    /// Begins content of `length` bytes, 0 included.
    void start(std::uint64_t length) noexcept;
    /// Begins chunked content.
    void start_chunked(const ChunkLimits& limits = {}) noexcept;

    /// Looks at the bytes after those that were consumed so far. Call it until the status isn't
    /// `more`, each time with at least one byte unless the content is known to be empty.
    [[nodiscard]] Result decode(const char* data, std::size_t size) noexcept;

    /// All content was given.
    [[nodiscard]] bool is_done() const noexcept { return stage_ == Stage::done; }

    /// Why `decode` gave `Status::error`.
    [[nodiscard]] ParseError error() const noexcept { return error_; }

    /// The fields of the trailer section, complete when the content is done. Those that a trailer
    /// must not have because they control, authenticate or describe the message
    /// (RFC 9110 §6.5.1) are left out; Content-Length, Transfer-Encoding and Host are an error.
    /// Lifetime: until the next `start` or `start_chunked`.
    [[nodiscard]] const Headers& trailers() const noexcept { return trailers_; }

  private:
    enum class Stage : std::uint8_t {
        done,
        failed,
        content,
        size_first,
        size,
        extension_space,
        extension_name_first,
        extension_name,
        extension_name_space,
        extension_value_first,
        extension_token,
        extension_quoted,
        extension_escaped,
        extension_end,
        size_line_feed,
        chunk,
        chunk_return,
        chunk_line_feed,
        trailer,
    };

    Result fail(ParseError error, std::size_t consumed, std::string_view payload) noexcept;
    ParseError framing_byte(char byte) noexcept;
    ParseError extension_byte(char byte) noexcept;
    ParseError trailer_byte(char byte) noexcept;
    ParseError trailer_line(std::string_view line) noexcept;

    std::uint64_t remaining_ = 0;
    ChunkLimits limits_;
    std::uint32_t extension_bytes_ = 0;
    std::uint16_t trailer_count_ = 0;
    std::uint8_t size_digits_ = 0;
    Stage stage_ = Stage::done;
    ParseError error_ = ParseError::none;
    std::size_t trailer_line_ = 0;
    std::string trailer_text_;
    Headers trailers_;
};

} // namespace armature::http1
