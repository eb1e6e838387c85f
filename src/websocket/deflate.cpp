#include "websocket/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <new>

namespace armature::ws {

namespace {

// What every flushed piece of deflate data ends with; not sent (RFC 7692 §7.2.1).
constexpr std::string_view flush_end{"\0\0\xFF\xFF", 4};

struct Deflater {
    explicit Deflater(int window_bits) {
        // A small hash table, because it is cleared for each message; messages are short.
        constexpr int memory_level = 6;
        if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -window_bits, memory_level,
                           Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc{};
    }
    ~Deflater() { ::deflateEnd(&stream); }
    z_stream stream{};
};

struct Inflater {
    Inflater() {
        if (::inflateInit2(&stream, -max_window_bits) != Z_OK) throw std::bad_alloc{};
    }
    ~Inflater() { ::inflateEnd(&stream); }
    z_stream stream{};
};

// zlib doesn't write to its input, but says so only when asked to.
Bytef* input_of(std::string_view text) noexcept {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

} // namespace

std::string deflate_message(std::string_view message, int window_bits) {
    thread_local std::unique_ptr<Deflater> deflaters[max_window_bits + 1];
    auto& deflater = deflaters[window_bits];
    if (!deflater) deflater = std::make_unique<Deflater>(window_bits);
    z_stream& stream = deflater->stream;
    ::deflateReset(&stream);

    std::string out;
    out.resize(::deflateBound(&stream, message.size()) + 16);
    stream.next_in = input_of(message);
    stream.avail_in = static_cast<uInt>(message.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream, Z_SYNC_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (out.ends_with(flush_end)) out.resize(out.size() - flush_end.size());
    return out;
}

Inflated inflate_message(std::string_view payload, std::uint64_t limit, std::string& out) {
    thread_local std::unique_ptr<Inflater> inflater;
    if (!inflater) inflater = std::make_unique<Inflater>();
    z_stream& stream = inflater->stream;
    ::inflateReset(&stream);

    std::size_t size = 0;
    for (const std::string_view part : {payload, flush_end}) {
        stream.next_in = input_of(part);
        stream.avail_in = static_cast<uInt>(part.size());
        for (;;) {
            if (out.size() == size) {
                if (size > limit) return Inflated::too_big;
                // One byte more than is allowed tells too much from just enough.
                const std::uint64_t larger =
                    std::max<std::uint64_t>(size * 2, payload.size() * 2 + 256);
                out.resize(static_cast<std::size_t>(std::min(larger, limit + 1)));
            }
            stream.next_out = reinterpret_cast<Bytef*>(out.data()) + size;
            stream.avail_out = static_cast<uInt>(out.size() - size);
            const int result = ::inflate(&stream, Z_SYNC_FLUSH);
            size = out.size() - stream.avail_out;
            if (result == Z_STREAM_END) { // a sender may end its stream and begin another
                ::inflateReset(&stream);
                if (stream.avail_in == 0) break;
                continue;
            }
            if (result != Z_OK && result != Z_BUF_ERROR) return Inflated::broken;
            if (stream.avail_out > 0) break; // all input is used
        }
    }
    if (size > limit) return Inflated::too_big;
    out.resize(size);
    return Inflated::ok;
}

} // namespace armature::ws
