#pragma once

#include <armature/http1/parse_error.hpp>

#include <cctype>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace armature::http1::testing {

using enum ParseError;
using namespace std::string_view_literals;

/// A request that we refuse and another parser takes, and why. docs/http1-strictness.md is
/// rendered from these rows.
struct Stricter {
    std::string_view request;
    ParseError ours;
    bool http_parser_accepts;
    bool beast_accepts;
    std::string_view why;
};

inline const std::vector<Stricter> stricter = {
    {"GET / HTTP/1.1\r\n\r\n"sv, missing_host, true, true,
     "RFC 9112 §3.2: must be answered with 400"},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"sv, multiple_hosts, true, true,
     "RFC 9112 §3.2: must be answered with 400; proxies differ in which one they route by"},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n"sv, bad_host, true, true,
     "RFC 9112 §3.2: must be answered with 400; a host ends up in links and cache keys"},
    {"GET / HTTP/1.1\nHost: a\n\n"sv, bad_line_end, true, false,
     "RFC 9112 §2.2 lets a recipient take a bare LF; who does and who does not see different "
     "lines"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"sv, folded_field, true, true,
     "RFC 9112 §5.2: refuse or unfold; those who do neither see another field"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX y: z\r\n\r\n"sv, bad_field_name, true, false,
     "RFC 9112 §5.1: a field name is a token"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n"sv, bad_field_value, true, false,
     "RFC 9110 §5.5: control characters are invalid in a value"},
    {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"sv, bad_method, true, false,
     "RFC 9112 §2.2 asks to skip one empty line; an endless run of them is no request"},
    {"GET a HTTP/1.1\r\nHost: a\r\n\r\n"sv, bad_target, false, true,
     "RFC 9112 §3.2: none of the four forms"},
    {"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"sv, bad_target, true, true,
     "RFC 9110 §7.1: a fragment is never sent; where it is cut off differs"},
    {"GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"sv, bad_target, true, true,
     "RFC 3986 §2: a URI is ASCII; programs differ in the encoding they guess. Browsers send "
     "%C3%A4"},
    {"GET * HTTP/1.1\r\nHost: a\r\n\r\n"sv, bad_target, true, true,
     "RFC 9112 §3.2.4: for OPTIONS only"},
    {"GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n"sv, bad_target, true, true,
     "RFC 9110 §4.2.4: userinfo is to be treated as an error, it hides which host is meant"},
    {"GET / HTTP/1.2\r\nHost: a\r\n\r\n"sv, unsupported_version, true, false,
     "There is no such version: RFC 9110 §2.5 would have it treated as 1.1, but only attackers and "
     "mistakes send it"},
    {"GET /  HTTP/1.1\r\nHost: a\r\n\r\n"sv, bad_version, true, false,
     "RFC 9112 §3: one space; with more, programs differ in where the target ends"},
    {"GET /\r\nHost: a\r\n\r\n"sv, bad_version, true, false,
     "HTTP/0.9: RFC 9112 has no such request"},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close close\r\n\r\n"sv, bad_connection, true, false,
     "RFC 9110 §7.6.1: a list of tokens; who finds a close in it and who does not keep different "
     "connections"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"sv,
     multiple_content_lengths, false, true,
     "RFC 9112 §6.3 lets a recipient take equal ones; honest clients send one"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello"sv, bad_content_length, false,
     true, "RFC 9112 §6.3: as above"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"sv, bad_transfer_encoding,
     false, true,
     "RFC 9112 §6.3: must be answered with 400, the end of the content can not be told"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"sv,
     bad_transfer_encoding, false, true, "RFC 9112 §6.3: as above"},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv, bad_transfer_encoding,
     true, true, "RFC 9112 §6.1: to be treated as faulty framing"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"sv,
     unsupported_transfer_encoding, true, true,
     "RFC 9112 §6.1: 501, the content would be handed on without its coding undone"},
    {"POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n"sv, unsupported_expectation, true, true,
     "RFC 9110 §10.1.1: 417"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n"sv,
     bad_chunk_extension, true, false,
     "RFC 9112 §7.1: no space after a size but before an extension"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;\r\nhello\r\n0\r\n\r\n"sv,
     bad_chunk_extension, true, false, "RFC 9112 §7.1.1: an extension has a name"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000005\r\nhello\r\n0\r\n\r\n"sv,
     bad_chunk_size, true, true,
     "RFC 9112 §7.1 asks for protection from large sizes: 16 digits are all that 64 bits need"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n"sv,
     forbidden_trailer, true, true,
     "RFC 9110 §6.5.1: never sent in a trailer section; who merges it sees another request"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX y: z\r\n\r\n"sv,
     bad_field_name, true, false, "RFC 9112 §7.1.2: trailers follow the rules of fields"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n"sv,
     bad_chunk_end, true, false, "RFC 9112 §7.1: CR LF; otherwise the size was wrong"},
};

inline std::string escaped(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        char hex[8];
        if (c == '\r')
            text += "\\r";
        else if (c == '\n')
            text += "\\n";
        else if (c == '|')
            text += "\\|";
        else if (byte >= 0x20 && byte < 0x7f)
            text += c;
        else
            text.append(hex,
                        static_cast<std::size_t>(std::snprintf(hex, sizeof hex, "\\x%02x", byte)));
    }
    return text;
}

inline std::string render_strictness() {
    std::string text =
        "# Where our HTTP/1.1 parser is stricter than others\n\n"
        "Two programs that find different ends in the same bytes can be made to see different\n"
        "requests. That is how requests are smuggled past a proxy, so whatever RFC 9112 leaves to\n"
        "a recipient's tolerance, and some of what it merely discourages, is refused here. The\n"
        "table holds what Armature refuses although http_parser 2.9.4 (used by Node.js before "
        "llhttp)\n"
        "or Boost.Beast 1.81 takes it. `tests/http1/differential_test.cpp` checks every row, and\n"
        "holds the three parsers against each other over mutated requests: what Armature accepts,\n"
        "the others understand in the same way.\n\n"
        "| Request | Armature | http_parser | Beast | Why |\n|---|---|---|---|---|\n";
    for (const Stricter& row : stricter) {
        text += "| `" + escaped(row.request) + "` | ";
        text += std::to_string(status_code(status_of(row.ours)));
        text += row.http_parser_accepts ? " | accepts" : " | refuses";
        text += row.beast_accepts ? " | accepts | " : " | refuses | ";
        text.append(row.why) += " |\n";
    }
    text +=
        "\nAccepted although RFC 3986 has no such characters in a URI: `` \" < > \\ ^ ` { | } `` "
        "in a\n"
        "target, because browsers send some of them as they are (WHATWG URL). Accepted although\n"
        "not useful: an empty `Host` (RFC 9112 §3.3 leaves it to the server).\n";
    return text;
}

} // namespace armature::http1::testing
