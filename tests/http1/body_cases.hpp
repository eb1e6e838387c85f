#pragma once

#include <armature/http1/parse_error.hpp>

#include <string_view>
#include <vector>

namespace armature::http1::testing {

/// A chunked body and what must come of it; `none` means that it is accepted.
struct BodyCase {
    std::string_view section; // of RFC 9112 unless another is named
    std::string_view bytes;
    ParseError expected;
    std::string_view content;
    std::string_view trailers = "";
};

using enum ParseError;
using namespace std::string_view_literals;

inline const std::vector<BodyCase> body_cases = {
    // 7.1 Chunks
    {"7.1", "0\r\n\r\n"sv, none, ""},
    {"7.1", "5\r\nhello\r\n0\r\n\r\n"sv, none, "hello"},
    {"7.1", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"sv, none, "hello world"},
    {"7.1", "a\r\n0123456789\r\nA\r\n0123456789\r\n000\r\n\r\n"sv, none, "01234567890123456789"},
    {"7.1", "0000000000000005\r\nhello\r\n0\r\n\r\n"sv, none, "hello"},
    {"7.1", "2\r\n\r\n\r\n0\r\n\r\n"sv, none, "\r\n"},
    {"7.1", "00000000000000005\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_size, ""},
    {"7.1", "10000000000000000\r\n"sv, bad_chunk_size, ""},
    {"7.1", "\r\n5\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_size, ""},
    {"7.1", "g\r\n"sv, bad_chunk_size, ""},
    {"7.1", "0x5\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_size, ""},
    {"7.1", "+5\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_size, ""},
    {"7.1", "-5\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_size, ""},
    {"7.1", " 5\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_size, ""},
    {"7.1", "5,\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_size, ""},
    {"7.1", "5\0\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_size, ""},
    {"7.1", "5\nhello\r\n0\r\n\r\n"sv, bad_line_end, ""},
    {"7.1", "5\r\rhello\r\n0\r\n\r\n"sv, bad_line_end, ""},
    {"7.1", "5\rhello\r\n0\r\n\r\n"sv, bad_line_end, ""},
    {"7.1", "5\r\nhelloo\r\n0\r\n\r\n"sv, bad_chunk_end, "hello"},
    {"7.1", "5\r\nhello\n0\r\n\r\n"sv, bad_chunk_end, "hello"},
    {"7.1", "5\r\nhello\rX0\r\n\r\n"sv, bad_chunk_end, "hello"},
    {"7.1", "5\r\nhello0\r\n\r\n"sv, bad_chunk_end, "hello"},

    // 7.1.1 Chunk extensions
    {"7.1.1", "5;a\r\nhello\r\n0\r\n\r\n"sv, none, "hello"},
    {"7.1.1", "5;a=b\r\nhello\r\n0;c\r\n\r\n"sv, none, "hello"},
    {"7.1.1", "5;a=b;c;d=\"e\"\r\nhello\r\n0\r\n\r\n"sv, none, "hello"},
    {"7.1.1", "5 ; a\t=\tb ;c\t= \"d\\\"\\\\;\r\\\t\" ;e\r\nhello\r\n0\r\n\r\n"sv,
     bad_chunk_extension, ""},
    {"7.1.1", "5 ; a\t=\tb ;c\t= \"d\\\"\\\\; \xff\" ;e\r\nhello\r\n0\r\n\r\n"sv, none, "hello"},
    {"7.1.1", "5 \r\nhello\r\n0\r\n\r\n"sv, bad_chunk_extension, ""},
    {"7.1.1", "5;\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_extension, ""},
    {"7.1.1", "5;;a\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_extension, ""},
    {"7.1.1", "5;a=\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_extension, ""},
    {"7.1.1", "5;a=b=c\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_extension, ""},
    {"7.1.1", "5;a b\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_extension, ""},
    {"7.1.1", "5;a=b \r\nhello\r\n0\r\n\r\n"sv, bad_chunk_extension, ""},
    {"7.1.1", "5;a=\"b\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_extension, ""},
    {"7.1.1", "5;a=\"b\"c\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_extension, ""},
    {"7.1.1", "5;a\nhello\r\n0\r\n\r\n"sv, bad_line_end, ""},
    {"7.1.1", "5;a\r\rhello\r\n0\r\n\r\n"sv, bad_line_end, ""},
    {"7.1.1", "5;\0\r\nhello\r\n0\r\n\r\n"sv, bad_chunk_extension, ""},

    // 7.1.2 Trailer section
    {"7.1.2", "5\r\nhello\r\n0\r\nX: y\r\n\r\n"sv, none, "hello", "X=y;"},
    {"7.1.2", "0\r\nX:y \r\nEtag: \t\"z\"\r\nY:\r\n\r\n"sv, none, "", "X=y;Etag=\"z\";Y=;"},
    {"RFC 9110 6.5.1", "0\r\nX: y\r\nContent-Length: 5\r\n\r\n"sv, forbidden_trailer, "", "X=y;"},
    {"RFC 9110 6.5.1", "0\r\nTransfer-Encoding: chunked\r\n\r\n"sv, forbidden_trailer, ""},
    {"RFC 9110 6.5.1", "0\r\nHost: b\r\n\r\n"sv, forbidden_trailer, ""},
    {"RFC 9110 6.5.1",
     "0\r\nAuthorization: a\r\nCookie: b\r\nContent-Type: c\r\nX-Forwarded-For: d\r\n\r\n"sv, none,
     "", ""},
    {"7.1.2", "0\r\nX : y\r\n\r\n"sv, bad_field_name, ""},
    {"7.1.2", "0\r\nX\r\n\r\n"sv, bad_field_name, ""},
    {"7.1.2", "0\r\n: y\r\n\r\n"sv, bad_field_name, ""},
    {"7.1.2", "0\r\nX: \x01\r\n\r\n"sv, bad_field_value, ""},
    {"7.1.2", "0\r\nX: y\rz\r\n\r\n"sv, bad_line_end, ""},
    {"7.1.2", "0\r\nX: y\n\r\n"sv, bad_line_end, ""},
    {"7.1.2", "0\r\n\n"sv, bad_line_end, ""},
    {"7.1.2", "0\r\nX: y\r\n z\r\n\r\n"sv, folded_field, "", "X=y;"},
};

} // namespace armature::http1::testing
