#include "websocket/decoder.hpp"
#include "websocket/handshake.hpp"

#include <armature/core/error.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// The first byte says what the rest is and how it is cut: what a client sends after the handshake,
// or the text of its Sec-WebSocket-Extensions. However bytes are cut, the same events must come of
// them, in bounded memory, and every text must be UTF-8.

namespace {

using namespace armature::ws;

constexpr std::uint64_t max_message = 5000;

void require(bool condition) {
    if (!condition) std::abort();
}

// The slow way, by decoding.
bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const std::size_t size = first < 0x80   ? 1
                                 : first < 0xC0 ? 0
                                 : first < 0xE0 ? 2
                                 : first < 0xF0 ? 3
                                 : first < 0xF8 ? 4
                                                : 0;
        if (size == 0 || size > text.size() - i) return false;
        std::uint32_t character = size == 1 ? first : first & (0xFFU >> (size + 1));
        for (std::size_t j = 1; j < size; ++j) {
            const auto next = static_cast<unsigned char>(text[i + j]);
            if ((next & 0xC0) != 0x80) return false;
            character = character << 6 | (next & 0x3F);
        }
        constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (character < least[size] || character > 0x10FFFF) return false;
        if (character >= 0xD800 && character < 0xE000) return false;
        i += size;
    }
    return true;
}

std::string events_of(std::string_view bytes, bool compression, std::size_t step) {
    Decoder decoder{max_message, compression};
    std::string events;
    while (!bytes.empty()) {
        std::string_view piece = bytes.substr(0, step);
        bytes.remove_prefix(piece.size());
        for (bool starved = false; !starved;) {
            const Decoder::Event event = decoder.next(piece);
            events += static_cast<char>('0' + static_cast<int>(event));
            switch (event) {
            case Decoder::Event::starved:
                events.pop_back();
                require(piece.empty());
                starved = true;
                break;
            case Decoder::Event::message:
                require(decoder.message().size() <= max_message);
                require(!decoder.is_text() || is_utf8(decoder.message()));
                events += decoder.message();
                decoder.message().clear();
                break;
            case Decoder::Event::ping:
            case Decoder::Event::pong:
                require(decoder.control().size() <= max_control_bytes);
                events += decoder.control();
                break;
            case Decoder::Event::close:
                require(is_utf8(decoder.control()));
                events += std::to_string(decoder.close_code());
                events += decoder.control();
                break;
            case Decoder::Event::failed:
                require(is_valid_close_code(decoder.close_code()));
                return events += std::to_string(decoder.close_code());
            }
            require(decoder.message().size() <= max_message);
        }
    }
    return events;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
    if (data[0] == 0xFF) {
        try {
            const int bits = accept_compression(rest);
            require(bits == 0 || (bits >= 9 && bits <= 15));
        } catch (const armature::Error&) { // wrong syntax
        }
        static_cast<void>(accept_key(rest));
        return 0;
    }
    const bool compression = (data[0] & 1) != 0;
    const std::string whole = events_of(rest, compression, rest.size());
    require(whole == events_of(rest, compression, 1 + data[0] / 2 % 61));
    return 0;
}
