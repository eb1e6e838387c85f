#pragma once

#include <armature/core/status.hpp>

#include <cstdint>
#include <string_view>

namespace armature::http1 {

/// Why bytes are not an HTTP/1.1 request that may be answered as one. After any of them the end of
/// the request is not known for certain, so the connection must be closed (RFC 9112 §9.6).
enum class ParseError : std::uint8_t {
    none,
    bad_line_end,
    bad_method,
    bad_target,
    bad_version,
    unsupported_version,
    bad_field_name,
    bad_field_value,
    folded_field,
    missing_host,
    multiple_hosts,
    bad_host,
    bad_connection,
    bad_content_length,
    multiple_content_lengths,
    bad_transfer_encoding,
    unsupported_transfer_encoding,
    conflicting_framing,
    unsupported_expectation,
    target_too_long,
    head_too_large,
    too_many_fields,
    bad_chunk_size,
    bad_chunk_extension,
    bad_chunk_end,
    chunk_extensions_too_large,
    trailers_too_large,
    too_many_trailers,
    forbidden_trailer,
};

/// The status to answer with; 400 unless the RFC names a better one.
[[nodiscard]] Status status_of(ParseError error) noexcept;

/// One sentence that tells the client what was wrong. It repeats nothing that the client sent.
[[nodiscard]] std::string_view describe(ParseError error) noexcept;

} // namespace armature::http1
