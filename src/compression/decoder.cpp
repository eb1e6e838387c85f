#include "compression/decoder.hpp"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <new>

namespace armature::compression {

namespace {

class ZlibDecoder final : public Decoder {
  public:
    explicit ZlibDecoder(bool is_gzip) : is_gzip_(is_gzip) {
        if (::inflateInit2(&zlib_, 15 + (is_gzip ? 16 : 0)) != Z_OK) throw std::bad_alloc{};
    }
    ~ZlibDecoder() override { ::inflateEnd(&zlib_); }

    std::size_t decode(std::string_view& input, char* to, std::size_t room) override {
        zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
        zlib_.avail_in = static_cast<uInt>(input.size());
        zlib_.next_out = reinterpret_cast<Bytef*>(to);
        zlib_.avail_out = static_cast<uInt>(room);
        while (zlib_.avail_out > 0 && state_ != State::damaged) {
            if (state_ == State::at_end) {
                if (zlib_.avail_in == 0) break;
                // gzip has members, one after another (RFC 1952 §2.2).
                state_ =
                    is_gzip_ && ::inflateReset(&zlib_) == Z_OK ? State::inside : State::damaged;
                continue;
            }
            const int result = ::inflate(&zlib_, Z_NO_FLUSH);
            if (result == Z_STREAM_END)
                state_ = State::at_end;
            else if (result == Z_BUF_ERROR)
                break;
            else if (result == Z_MEM_ERROR)
                throw std::bad_alloc{};
            else if (result != Z_OK)
                state_ = State::damaged;
        }
        input.remove_prefix(input.size() - zlib_.avail_in);
        return room - zlib_.avail_out;
    }

  private:
    z_stream zlib_{};
    bool is_gzip_;
};

class BrotliDecoder final : public Decoder {
  public:
    BrotliDecoder() : brotli_(::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
        if (brotli_ == nullptr) throw std::bad_alloc{};
    }
    ~BrotliDecoder() override { ::BrotliDecoderDestroyInstance(brotli_); }

    std::size_t decode(std::string_view& input, char* to, std::size_t room) override {
        if (state_ == State::at_end && !input.empty()) state_ = State::damaged;
        if (state_ != State::inside) return 0;
        auto* from = reinterpret_cast<const std::uint8_t*>(input.data());
        auto* at = reinterpret_cast<std::uint8_t*>(to);
        std::size_t left = input.size();
        std::size_t free = room;
        const auto result =
            ::BrotliDecoderDecompressStream(brotli_, &left, &from, &free, &at, nullptr);
        input.remove_prefix(input.size() - left);
        if (result == BROTLI_DECODER_RESULT_SUCCESS)
            state_ = left == 0 ? State::at_end : State::damaged;
        else if (result == BROTLI_DECODER_RESULT_ERROR)
            state_ = State::damaged;
        return room - free;
    }

  private:
    BrotliDecoderState* brotli_;
};

class ZstdDecoder final : public Decoder {
  public:
    ZstdDecoder() : zstd_(::ZSTD_createDCtx()) {
        if (zstd_ == nullptr) throw std::bad_alloc{};
        // 8 MiB, the largest window of the content coding (RFC 9659 §2).
        ::ZSTD_DCtx_setParameter(zstd_, ZSTD_d_windowLogMax, 23);
    }
    ~ZstdDecoder() override { ::ZSTD_freeDCtx(zstd_); }

    std::size_t decode(std::string_view& input, char* to, std::size_t room) override {
        ZSTD_inBuffer from{input.data(), input.size(), 0};
        ZSTD_outBuffer into{to, room, 0};
        // One frame may follow another (RFC 8878 §3).
        while (state_ != State::damaged && into.pos < into.size &&
               (from.pos < from.size || state_ == State::inside)) {
            const std::size_t before = from.pos + into.pos;
            const std::size_t result = ::ZSTD_decompressStream(zstd_, &into, &from);
            if (::ZSTD_isError(result))
                state_ = State::damaged;
            else
                state_ = result == 0 ? State::at_end : State::inside;
            if (from.pos + into.pos == before) break;
        }
        input.remove_prefix(from.pos);
        return into.pos;
    }

  private:
    ZSTD_DCtx* zstd_;
};

} // namespace

std::unique_ptr<Decoder> make_decoder(Coding coding) {
    switch (coding) {
    case Coding::brotli:
        return std::make_unique<BrotliDecoder>();
    case Coding::zstd:
        return std::make_unique<ZstdDecoder>();
    default:
        return std::make_unique<ZlibDecoder>(coding == Coding::gzip);
    }
}

} // namespace armature::compression
