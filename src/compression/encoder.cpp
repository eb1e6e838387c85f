#include "compression/encoder.hpp"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

namespace armature::compression {

namespace {

constexpr std::size_t output_step = 16 * 1024;

// Windows in bits. Decoders keep a window too, and text hardly gets smaller with a larger one.
constexpr int zlib_window = 15;
constexpr int zlib_small_window = 12;
constexpr int zlib_small_memory = 5;
constexpr int brotli_window = 18;
constexpr int zstd_window = 17;
constexpr int zstd_small_window = 14;
constexpr int zstd_table = 15;
constexpr int zstd_small_table = 12;

// Lets `write(char* to, std::size_t room) -> std::size_t written` append to `out` once.
template <class Write>
void append(std::string& out, Write&& write) {
    const std::size_t before = out.size();
    out.resize(before + output_step);
    out.resize(before + write(out.data() + before, output_step));
}

class ZlibEncoder final : public Encoder {
  public:
    explicit ZlibEncoder(const Effort& effort) : Encoder(effort) {
        const int bits = effort.small ? zlib_small_window : zlib_window;
        const int wrapper = effort.coding == Coding::gzip ? 16 : 0; // as zlib.h has it
        if (::deflateInit2(&zlib_, effort.level, Z_DEFLATED, bits + wrapper,
                           effort.small ? zlib_small_memory : 8, Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc{};
    }
    ~ZlibEncoder() override { ::deflateEnd(&zlib_); }

    void begin(std::optional<std::uint64_t>, std::size_t padding) override {
        ::deflateReset(&zlib_);
        if (effort().coding != Coding::gzip) return; // zlib's own format has no place for it
        if (padding == 0) {
            ::deflateSetHeader(&zlib_, nullptr);
            return;
        }
        comment_.assign(padding, 'a'); // ends with a byte 0, which std::string has behind it
        header_ = {};
        header_.os = 255; // unknown, as RFC 1952 calls it
        header_.comment = reinterpret_cast<Bytef*>(comment_.data());
        ::deflateSetHeader(&zlib_, &header_);
    }

    void encode(std::string_view input, Step step, std::string& out) override {
        zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
        zlib_.avail_in = static_cast<uInt>(input.size());
        const int flush = step == Step::more    ? Z_NO_FLUSH
                          : step == Step::flush ? Z_SYNC_FLUSH
                                                : Z_FINISH;
        do
            append(out, [&](char* to, std::size_t room) {
                zlib_.next_out = reinterpret_cast<Bytef*>(to);
                zlib_.avail_out = static_cast<uInt>(room);
                ::deflate(&zlib_, flush);
                return room - zlib_.avail_out;
            });
        while (zlib_.avail_out == 0);
    }

  private:
    z_stream zlib_{};
    gz_header header_{};
    std::string comment_;
};

// Brotli's encoder can't begin anew, so a new one is made for each content; the memory of the last
// one is what it is made of.
class BlockCache {
  public:
    BlockCache() noexcept = default;
    BlockCache(const BlockCache&) = delete;
    BlockCache& operator=(const BlockCache&) = delete;
    ~BlockCache() {
        for (void* block : blocks_)
            std::free(block);
    }

    static void* allocate(void* self, std::size_t size) noexcept {
        auto& cache = *static_cast<BlockCache*>(self);
        for (void*& block : cache.blocks_)
            if (block != nullptr && size_of(block) >= size && size_of(block) / 2 <= size)
                return static_cast<char*>(std::exchange(block, nullptr)) + header;
        void* block = std::malloc(size + header);
        if (block == nullptr) return nullptr;
        *static_cast<std::size_t*>(block) = size;
        return static_cast<char*>(block) + header;
    }
    static void release(void* self, void* memory) noexcept {
        if (memory == nullptr) return;
        auto& cache = *static_cast<BlockCache*>(self);
        void* const block = static_cast<char*>(memory) - header;
        for (void*& kept : cache.blocks_)
            if (kept == nullptr) {
                kept = block;
                return;
            }
        // The oldest goes, so that the sizes which are asked for now stay.
        std::free(std::exchange(cache.blocks_[cache.next_++ % cache.blocks_.size()], block));
    }

  private:
    static constexpr std::size_t header = alignof(std::max_align_t);
    static std::size_t size_of(void* block) noexcept { return *static_cast<std::size_t*>(block); }

    std::array<void*, 12> blocks_{};
    std::size_t next_ = 0;
};

class BrotliEncoder final : public Encoder {
  public:
    explicit BrotliEncoder(const Effort& effort) : Encoder(effort) {}
    ~BrotliEncoder() override { end(); }

    void begin(std::optional<std::uint64_t> size, std::size_t padding) override {
        end();
        brotli_ =
            ::BrotliEncoderCreateInstance(&BlockCache::allocate, &BlockCache::release, &blocks_);
        if (brotli_ == nullptr) throw std::bad_alloc{};
        ::BrotliEncoderSetParameter(brotli_, BROTLI_PARAM_QUALITY,
                                    static_cast<std::uint32_t>(effort().level));
        ::BrotliEncoderSetParameter(brotli_, BROTLI_PARAM_LGWIN, brotli_window);
        ::BrotliEncoderSetParameter(brotli_, BROTLI_PARAM_MODE, BROTLI_MODE_TEXT);
        // More than that chooses a table of 4 MiB.
        constexpr std::uint64_t most = (1u << 20) - 1;
        if (size)
            ::BrotliEncoderSetParameter(brotli_, BROTLI_PARAM_SIZE_HINT,
                                        static_cast<std::uint32_t>(std::min(*size, most)));
        // Of one byte brotli 1.0.9 makes metadata that its own decoder refuses.
        padding_.assign(padding == 1 ? 2 : padding, 'a');
    }

    void encode(std::string_view input, Step step, std::string& out) override {
        if (!padding_.empty()) {
            run(padding_, BROTLI_OPERATION_EMIT_METADATA, out);
            padding_.clear();
        }
        run(input,
            step == Step::more    ? BROTLI_OPERATION_PROCESS
            : step == Step::flush ? BROTLI_OPERATION_FLUSH
                                  : BROTLI_OPERATION_FINISH,
            out);
        if (step == Step::finish) end();
    }

  private:
    void run(std::string_view input, BrotliEncoderOperation operation, std::string& out) {
        auto* from = reinterpret_cast<const std::uint8_t*>(input.data());
        std::size_t left = input.size();
        bool more = true;
        while (more) {
            append(out, [&](char* to, std::size_t room) {
                auto* at = reinterpret_cast<std::uint8_t*>(to);
                std::size_t free = room;
                if (!::BrotliEncoderCompressStream(brotli_, operation, &left, &from, &free, &at,
                                                   nullptr))
                    throw std::bad_alloc{};
                return room - free;
            });
            more = left > 0 || ::BrotliEncoderHasMoreOutput(brotli_);
        }
    }
    void end() noexcept {
        if (brotli_ != nullptr) ::BrotliEncoderDestroyInstance(std::exchange(brotli_, nullptr));
    }

    BlockCache blocks_;
    BrotliEncoderState* brotli_ = nullptr;
    std::string padding_;
};

class ZstdEncoder final : public Encoder {
  public:
    explicit ZstdEncoder(const Effort& effort) : Encoder(effort), zstd_(::ZSTD_createCCtx()) {
        if (zstd_ == nullptr) throw std::bad_alloc{};
        set(ZSTD_c_compressionLevel, effort.level);
        set(ZSTD_c_windowLog, effort.small ? zstd_small_window : zstd_window);
        const int table = effort.small ? zstd_small_table : zstd_table;
        set(ZSTD_c_hashLog, table);
        set(ZSTD_c_chainLog, table);
    }
    ~ZstdEncoder() override { ::ZSTD_freeCCtx(zstd_); }

    void begin(std::optional<std::uint64_t> size, std::size_t padding) override {
        ::ZSTD_CCtx_reset(zstd_, ZSTD_reset_session_only);
        if (size) ::ZSTD_CCtx_setPledgedSrcSize(zstd_, *size);
        padding_ = padding;
    }

    void encode(std::string_view input, Step step, std::string& out) override {
        if (padding_ > 0) skippable_frame(out);
        ZSTD_inBuffer from{input.data(), input.size(), 0};
        const ZSTD_EndDirective directive = step == Step::more    ? ZSTD_e_continue
                                            : step == Step::flush ? ZSTD_e_flush
                                                                  : ZSTD_e_end;
        std::size_t left = 0;
        do
            append(out, [&](char* to, std::size_t room) {
                ZSTD_outBuffer into{to, room, 0};
                left = ::ZSTD_compressStream2(zstd_, &into, &from, directive);
                if (::ZSTD_isError(left)) throw std::bad_alloc{};
                return into.pos;
            });
        while (step == Step::more ? from.pos < from.size : left > 0);
    }

  private:
    void set(ZSTD_cParameter parameter, int value) {
        if (::ZSTD_isError(::ZSTD_CCtx_setParameter(zstd_, parameter, value))) {
            ::ZSTD_freeCCtx(zstd_);
            throw std::bad_alloc{};
        }
    }
    // RFC 8878 §3.1.2.
    void skippable_frame(std::string& out) {
        out += {'\x50', '\x2A', '\x4D', '\x18', static_cast<char>(padding_), '\0', '\0', '\0'};
        out.append(std::exchange(padding_, 0), 'a');
    }

    ZSTD_CCtx* zstd_;
    std::size_t padding_ = 0;
};

std::unique_ptr<Encoder> make_encoder(const Effort& effort) {
    switch (effort.coding) {
    case Coding::brotli:
        return std::make_unique<BrotliEncoder>(effort);
    case Coding::zstd:
        return std::make_unique<ZstdEncoder>(effort);
    default:
        return std::make_unique<ZlibEncoder>(effort);
    }
}

// What a thread keeps. Trivially destructible parts outlive it: an encoder may come back late.
constexpr std::size_t kept_per_thread = 8;
thread_local constinit std::size_t memory_in_use = 0;
thread_local constinit bool pool_is_gone = false;

struct Pool {
    ~Pool() { pool_is_gone = true; }
    std::vector<std::unique_ptr<Encoder>> free;
};

Pool& pool() {
    thread_local Pool own;
    return own;
}

} // namespace

std::size_t Encoder::memory(const Effort& effort) noexcept {
    switch (effort.coding) {
    case Coding::brotli:
        return 1400 * 1024;
    case Coding::zstd:
        return (effort.small ? 136 : 680) * 1024;
    default:
        return (effort.small ? 40 : 264) * 1024;
    }
}

void EncoderReturn::operator()(Encoder* encoder) const noexcept {
    memory_in_use -= std::min(memory_in_use, Encoder::memory(encoder->effort()));
    std::unique_ptr<Encoder> owned{encoder};
    if (pool_is_gone) return;
    auto& free = pool().free;
    if (free.capacity() < kept_per_thread) return; // never lent anything: no memory for it either
    if (free.size() == kept_per_thread) free.erase(free.begin());
    free.push_back(std::move(owned));
}

EncoderLease borrow_encoder(const Effort& effort, std::size_t memory_limit) {
    const std::size_t memory = Encoder::memory(effort);
    if (memory > memory_limit || memory_in_use > memory_limit - memory) return nullptr;
    auto& free = pool().free;
    free.reserve(kept_per_thread);
    EncoderLease lease;
    for (auto kept = free.rbegin(); kept != free.rend() && !lease; ++kept)
        if ((*kept)->effort() == effort) {
            lease.reset(kept->release());
            free.erase(std::next(kept).base());
            break;
        }
    if (!lease) lease.reset(make_encoder(effort).release());
    memory_in_use += memory;
    return lease;
}

} // namespace armature::compression
