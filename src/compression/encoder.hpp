#pragma once

#include "compression/coding.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace armature::compression {

/// How hard to try, and with how much memory.
struct Effort {
    Coding coding;
    std::int8_t level; ///< as the coding's library counts
    /// A window of 4 to 16 KiB: for responses that live long and say little at a time.
    bool small;
    friend bool operator==(const Effort&, const Effort&) = default;
};

/// Compresses one content after another.
class Encoder {
  public:
    enum class Step : std::uint8_t {
        more,  ///< it may keep what it has, to compress it together with what follows
        flush, ///< whoever decodes the output sees all input so far
        finish,
    };

    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;
    virtual ~Encoder() = default;

    /// Begins new content. `size` is its length where that is known; `padding` bytes that decoders
    /// skip come first.
    virtual void begin(std::optional<std::uint64_t> size, std::size_t padding) = 0;
    /// Takes all of `input` and appends to `out`. Throws std::bad_alloc.
    virtual void encode(std::string_view input, Step step, std::string& out) = 0;

    [[nodiscard]] const Effort& effort() const noexcept { return effort_; }
    /// About what one of these takes, in bytes.
    [[nodiscard]] static std::size_t memory(const Effort& effort) noexcept;

  protected:
    explicit Encoder(const Effort& effort) noexcept : effort_(effort) {}

  private:
    Effort effort_;
};

/// Gives an encoder back to its thread, which keeps a few for what comes next.
struct EncoderReturn {
    void operator()(Encoder* encoder) const noexcept;
};
using EncoderLease = std::unique_ptr<Encoder, EncoderReturn>;

/// An encoder of the calling thread's; null if those in use there would take more than
/// `memory_limit` bytes with it. Throws std::bad_alloc.
[[nodiscard]] EncoderLease borrow_encoder(const Effort& effort, std::size_t memory_limit);

} // namespace armature::compression
