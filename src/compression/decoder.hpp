#pragma once

#include "compression/coding.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace armature::compression {

/// Decompresses one content, without I/O: bytes in, bytes out, as many as there is room for.
class Decoder {
  public:
    enum class State : std::uint8_t {
        inside,  ///< more has to come
        at_end,  ///< the content may end here
        damaged, ///< it is none of this coding
    };

    Decoder() noexcept = default;
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;
    virtual ~Decoder() = default;

    /// Takes bytes from the front of `input` and gives how many it wrote to `to`. With room left
    /// afterwards it has taken everything.
    [[nodiscard]] virtual std::size_t decode(std::string_view& input, char* to,
                                             std::size_t room) = 0;
    [[nodiscard]] State state() const noexcept { return state_; }

  protected:
    State state_ = State::inside;
};

/// Throws std::bad_alloc.
[[nodiscard]] std::unique_ptr<Decoder> make_decoder(Coding coding);

} // namespace armature::compression
