#pragma once

#include <armature/core/headers.hpp>
#include <armature/core/method.hpp>
#include <armature/core/request.hpp>
#include <armature/http1/limits.hpp>
#include <armature/http1/parse_error.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace armature::http1 {

/// The forms of a request-target (RFC 9112 §3.2).
enum class TargetForm : std::uint8_t {
    origin,    ///< `/path?query`
    absolute,  ///< `http://authority/path?query`
    authority, ///< `host:port`, with CONNECT only
    asterisk,  ///< `*`, with OPTIONS only; also `OPTIONS http://authority` (RFC 9112 §3.2.4)
};

/// A request head as `HeadParser` found it. Every view points into the parsed bytes and is good
/// for as long as they stay where they are; only the path "/" of an absolute target without one is
/// a literal.
struct ParsedHead : RequestHead {
    TargetForm form = TargetForm::origin;
    /// 0 or 1: the request was HTTP/1.0 or HTTP/1.1.
    std::uint8_t minor_version = 1;
    /// The connection may serve another request after this one (RFC 9112 §9.3).
    bool keep_alive = true;
    /// An HTTP/1.1 client waits for 100 (Continue) before it sends the content (RFC 9110 §10.1.1).
    bool expect_continue = false;
    /// `Connection: upgrade` in an HTTP/1.1 request (RFC 9110 §7.8); what to is in `Upgrade`.
    bool upgrade = false;
    /// The content is chunked: `BodyDecoder::start_chunked`.
    bool chunked = false;
    bool has_content_length = false;
    bool has_query = false;
    std::uint64_t content_length = 0;
    // What is inherited: `path` is that of the origin or absolute form, otherwise empty;
    // `authority` is of the target if that has one, else of the Host field (RFC 9112 §3.2.2 and
    // §3.3), and empty if the client named none.
    /// Bytes of the head, the blank line included: what follows is content or the next request.
    std::size_t size = 0;
};

enum class ParseStatus : std::uint8_t { complete, incomplete, error };

namespace detail {

// What the parser remembers between calls. Offsets, because the bytes may move.
struct HeadState {
    /// The last Host value that was found valid: nearly every request has the same one.
    struct KnownHost {
        char text[32] = {};
        std::uint8_t size = 0;
    };
    enum class Stage : std::uint8_t { start, method, target, version, line, name, value, failed };
    const char* data = nullptr;
    std::size_t size = 0;
    std::uint32_t scan = 0;
    std::uint32_t method = 0;
    std::uint32_t line = 0;
    std::uint32_t target = 0;
    std::uint32_t target_size = 0;
    std::uint32_t name_size = 0;
    std::uint32_t host = 0;
    std::uint32_t host_size = 0;
    Stage stage = Stage::start;
    ParseError error = ParseError::none;
    bool has_host = false;
    bool has_transfer_encoding = false;
    bool says_close = false;
    bool says_keep_alive = false;
    bool plain_path = false;
    KnownHost known_host;
};

} // namespace detail

/// Parses HTTP/1.1 request heads (RFC 9112), strictly: what the RFC leaves to the recipient's
/// tolerance is refused where tolerance has let requests be smuggled. docs/http1-strictness.md
/// lists the differences from two well-known parsers, with reasons.
///
/// Every call gets all bytes of the head so far, from its first byte, which may have moved since
/// the last call; only bytes that were not seen before are looked at, so that a head costs the
/// same however it is cut. The result doesn't depend on the cuts either. What follows the blank
/// line is not looked at.
///
/// After `complete` the parser is ready for the next head; after `error` it needs `reset`.
///
/// Threads: one at a time. Cost: no allocation but that of `Headers` for more than
/// `Headers::inline_capacity` fields, once for as long as `out` lives.
class HeadParser {
  public:
    /// How many bytes after `data + size` must be readable. Their values don't matter; they are
    /// read because vector registers are filled whole.
    static constexpr std::size_t slack = 64;

    /// Looks at `size` bytes at `data`. `out` must be the same object from the first call for a
    /// head to the last, and is only meaningful after `complete`; `limits` must not change either.
    [[nodiscard]] ParseStatus parse(const char* data, std::size_t size, const HeadLimits& limits,
                                    ParsedHead& out, Headers& fields) noexcept;

    /// Why `parse` returned `error`.
    [[nodiscard]] ParseError error() const noexcept { return state_.error; }

    /// Forgets the head that was begun.
    void reset() noexcept {
        state_.stage = detail::HeadState::Stage::start;
        state_.scan = 0;
        state_.error = ParseError::none;
    }

  private:
    detail::HeadState state_;
};

} // namespace armature::http1
