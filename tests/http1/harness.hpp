#pragma once

#include "http1/parse_head.hpp"

#include <armature/http1/body_decoder.hpp>
#include <armature/http1/parser.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

// Runs the wire layer over bytes in every way that must not matter. Shared by the tests and the
// fuzz target.
namespace armature::http1::testing {

/// The instruction sets that can be tested here.
inline std::vector<Isa> isas() {
    std::vector<Isa> result;
    for (const Isa isa : {Isa::scalar, Isa::sse42, Isa::avx2})
        if (has(isa)) result.push_back(isa);
    return result;
}

/// What came of a head, by value, so that two runs can be compared.
struct HeadOutcome {
    ParseStatus status = ParseStatus::incomplete;
    ParseError error = ParseError::none;
    std::string text;
    std::size_t size = 0;

    bool operator==(const HeadOutcome&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const HeadOutcome& outcome) {
    constexpr const char* names[] = {"complete", "incomplete", "error"};
    return out << names[static_cast<int>(outcome.status)] << " " << describe(outcome.error) << " "
               << outcome.size << "\n"
               << outcome.text;
}

// A head together with its fields, which the parser keeps apart.
struct FullHead : armature::http1::ParsedHead {
    armature::Headers headers;
};

inline HeadOutcome outcome_of(ParseStatus status, ParseError error, const FullHead& head) {
    HeadOutcome outcome{status, error, {}, 0};
    if (status != ParseStatus::complete) return outcome;
    outcome.size = head.size;
    const auto line = [&](std::string_view name, std::string_view value) {
        outcome.text.append(name).append("=").append(value).append("\n");
    };
    const auto number = [&](std::string_view name, std::uint64_t value) {
        line(name, std::to_string(value));
    };
    number("method", static_cast<std::uint64_t>(head.method));
    number("form", static_cast<std::uint64_t>(head.form));
    number("minor_version", head.minor_version);
    number("keep_alive", head.keep_alive);
    number("expect_continue", head.expect_continue);
    number("upgrade", head.upgrade);
    number("chunked", head.chunked);
    number("has_content_length", head.has_content_length);
    number("content_length", head.content_length);
    number("path_has_percent", head.path_has_percent);
    number("has_query", head.has_query);
    line("method_text", head.method_text);
    line("target", head.target);
    line("path", head.path);
    line("query", head.query);
    line("authority", head.authority);
    for (const Headers::Entry& entry : head.headers) {
        number("field", static_cast<std::uint64_t>(entry.field()));
        line(entry.name(), entry.value());
    }
    return outcome;
}

/// A copy of bytes in memory that ends where the promised slack ends, so that the address
/// sanitizer sees any read beyond. The slack holds whatever could mislead most.
class Buffer {
  public:
    explicit Buffer(std::string_view bytes, char filler = '\n')
        : memory_(new char[bytes.size() + HeadParser::slack]) {
        if (!bytes.empty()) std::memcpy(memory_.get(), bytes.data(), bytes.size());
        std::memset(memory_.get() + bytes.size(), filler, HeadParser::slack);
    }
    const char* data() const { return memory_.get(); }

  private:
    std::unique_ptr<char[]> memory_;
};

/// Parses a head that arrives in pieces: after the first `cuts[0]` bytes, then after `cuts[1]`
/// and so on, and at last all. The bytes move between any two calls.
inline HeadOutcome parse_cut(Isa isa, std::string_view bytes, const std::vector<std::size_t>& cuts,
                             const HeadLimits& limits = {}) {
    detail::HeadState state;
    FullHead head;
    Buffer last("");
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const std::size_t size = i < cuts.size() ? cuts[i] : bytes.size();
        // Alternates between what a name, a value and a line could go on with.
        Buffer buffer(bytes.substr(0, size), "a:\r\n "[i % 5]);
        const ParseStatus status =
            parse_head(isa, state, buffer.data(), size, limits, head, head.headers);
        std::swap(last, buffer);
        if (status != ParseStatus::incomplete) return outcome_of(status, state.error, head);
    }
    return {};
}

inline HeadOutcome parse_whole(Isa isa, std::string_view bytes, const HeadLimits& limits = {}) {
    return parse_cut(isa, bytes, {}, limits);
}

inline HeadOutcome parse_byte_by_byte(Isa isa, std::string_view bytes,
                                      const HeadLimits& limits = {}) {
    std::vector<std::size_t> cuts;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        cuts.push_back(i);
    return parse_cut(isa, bytes, cuts, limits);
}

/// What came of a body.
struct BodyOutcome {
    BodyDecoder::Status status = BodyDecoder::Status::more;
    ParseError error = ParseError::none;
    std::string content;
    std::string trailers;
    std::size_t size = 0;

    bool operator==(const BodyOutcome&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const BodyOutcome& outcome) {
    constexpr const char* names[] = {"more", "done", "error"};
    return out << names[static_cast<int>(outcome.status)] << " " << describe(outcome.error)
               << " content=" << outcome.content << " trailers=" << outcome.trailers << " "
               << outcome.size;
}

/// Decodes a body that arrives in pieces of `piece` bytes; 0 is all at once.
inline BodyOutcome decode_in_pieces(BodyDecoder& decoder, std::string_view bytes,
                                    std::size_t piece) {
    BodyOutcome outcome;
    std::size_t arrived = piece == 0 ? bytes.size() : std::min(piece, bytes.size());
    for (;;) {
        // Exactly sized, for the address sanitizer.
        const std::string_view rest = bytes.substr(outcome.size, arrived - outcome.size);
        const std::vector<char> copy(rest.begin(), rest.end());
        const BodyDecoder::Result result = decoder.decode(copy.data(), copy.size());
        outcome.content.append(result.payload);
        outcome.size += result.consumed;
        outcome.status = result.status;
        if (result.status != BodyDecoder::Status::more) break;
        if (outcome.size < arrived) continue;
        if (arrived == bytes.size()) break;
        arrived = std::min(arrived + piece, bytes.size());
    }
    outcome.error = decoder.error();
    for (const Headers::Entry& entry : decoder.trailers())
        outcome.trailers.append(entry.name()).append("=").append(entry.value()).append(";");
    return outcome;
}

inline BodyOutcome decode_chunked(std::string_view bytes, std::size_t piece = 0,
                                  const ChunkLimits& limits = {}) {
    BodyDecoder decoder;
    decoder.start_chunked(limits);
    return decode_in_pieces(decoder, bytes, piece);
}

} // namespace armature::http1::testing
