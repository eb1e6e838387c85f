#include "compression/decoder.hpp"
#include "compression/encoder.hpp"

#include <armature/app/app.hpp>
#include <armature/compression/decompression.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// The first byte chooses a coding and how its bytes are cut. The others, as content of that coding:
// however they are cut and however much room there is, the same comes of them, and a request with
// them is answered. As text: compressed in pieces, it is the same again.

namespace {

using namespace armature;
using namespace armature::compression;

constexpr std::size_t most = 1024 * 1024;

void require(bool condition) {
    if (!condition) std::abort();
}

// What it decodes to, up to `most`, ending in "!" where it was refused and in "?" where it isn't
// whole.
std::string decode(Coding coding, std::string_view bytes, std::size_t step, std::size_t room) {
    const auto decoder = make_decoder(coding);
    std::string out;
    std::string piece(room, '\0');
    while (!bytes.empty() && decoder->state() != Decoder::State::damaged && out.size() < most) {
        std::string_view part = bytes.substr(0, step);
        bytes.remove_prefix(part.size());
        for (std::size_t size = room; size == room && out.size() < most;) {
            size = decoder->decode(part, piece.data(), room);
            require(size <= room);
            if (decoder->state() == Decoder::State::damaged) return out + '!'; // with or without it
            out.append(piece, 0, size);
            require(size == room || part.empty());
        }
    }
    if (out.size() >= most) return out.substr(0, most);
    return decoder->state() == Decoder::State::at_end ? out : out + '?';
}

std::string encode(const Effort& effort, std::string_view text, std::size_t step) {
    const EncoderLease encoder = borrow_encoder(effort, std::size_t{1} << 30);
    encoder->begin(std::nullopt, step % 200);
    std::string out;
    for (; !text.empty(); text.remove_prefix(std::min(step, text.size())))
        encoder->encode(text.substr(0, step),
                        text.size() % 3 == 0 ? Encoder::Step::flush : Encoder::Step::more, out);
    encoder->encode({}, Encoder::Step::finish, out);
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto coding = static_cast<Coding>(data[0] % coding_count);
    const std::size_t step = data[0] / coding_count + 1;
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};

    const std::string whole = decode(coding, bytes, bytes.size(), 64 * 1024);
    const std::string pieces = decode(coding, bytes, step, 1000);
    if (!whole.ends_with('!')) require(pieces == whole);

    const bool small = data[0] >= 128;
    require(decode(coding, encode({coding, 1, small}, bytes, step), 7, 100) == bytes);

    static const Application app =
        App::create()
            .wrap(Decompression{})
            .route("/", post([](Bytes content) { return std::string{content.view()}; }))
            .build();
    Request request = Request::post("/", std::string{bytes}, "text/plain");
    request.set_header("content-encoding", name_of(coding));
    const Response response = app.handle(std::move(request));
    require(response.status() == Status::ok || response.status() == Status::no_content ||
            response.status() == Status::bad_request ||
            response.status() == Status::content_too_large);
    return 0;
}
