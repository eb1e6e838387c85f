#include "http1/harness.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

// The first byte says how the rest is cut. The rest is a request: a head, and what its fields make
// of the bytes after it. However they are cut and whatever instructions read them, the outcome must
// be the same.

namespace {

using namespace armature::http1;
using namespace armature::http1::testing;

void require(bool condition) {
    if (!condition) std::abort();
}

std::vector<std::size_t> cuts_of(unsigned seed, std::size_t size) {
    std::vector<std::size_t> cuts;
    for (std::size_t at = seed % 7; at < size; at += 1 + seed % 61, seed = seed * 5 + 1)
        cuts.push_back(at);
    return cuts;
}

BodyOutcome decode(const FullHead& head, std::string_view bytes, std::size_t piece) {
    BodyDecoder decoder;
    if (head.chunked)
        decoder.start_chunked({.extension_bytes = 64, .trailer_bytes = 128, .trailer_count = 3});
    else
        decoder.start(head.content_length);
    return decode_in_pieces(decoder, bytes, piece);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const unsigned seed = data[0];
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    const HeadLimits limits{.target_bytes = 256, .head_bytes = 1024, .field_count = 12};

    const HeadOutcome whole = parse_whole(Isa::scalar, bytes, limits);
    const std::vector<std::size_t> cuts = cuts_of(seed, bytes.size());
    for (const Isa isa : isas()) {
        require(parse_whole(isa, bytes, limits) == whole);
        require(parse_cut(isa, bytes, cuts, limits) == whole);
    }
    if (whole.status != ParseStatus::complete) return 0;

    // What follows the head must not matter to it.
    require(parse_whole(Isa::scalar, bytes.substr(0, whole.size), limits) == whole);

    const Buffer buffer(bytes);
    HeadParser parser;
    FullHead head;
    require(parser.parse(buffer.data(), bytes.size(), limits, head, head.headers) ==
            ParseStatus::complete);
    const std::string_view rest = bytes.substr(head.size);
    const BodyOutcome body = decode(head, rest, 0);
    require(decode(head, rest, 1 + seed % 13) == body);
    require(decode(head, rest, 1) == body);
    if (body.status == BodyDecoder::Status::done)
        require(decode(head, rest.substr(0, body.size), 0) == body);
    return 0;
}
