#pragma once

#include <cstdint>
#include <string_view>

namespace armature::ws {

/// Checks text for being UTF-8 (RFC 3629) piece by piece, however characters are cut. Says no at
/// the first byte that no continuation could repair.
class Utf8Checker {
  public:
    /// False once the text can't be UTF-8; call `reset` before the next text then.
    [[nodiscard]] bool feed(std::string_view piece) noexcept;
    /// True when the last character is complete.
    [[nodiscard]] bool at_end_of_character() const noexcept { return missing_ == 0; }
    void reset() noexcept { *this = {}; }

  private:
    [[nodiscard]] bool begin(std::uint8_t byte) noexcept;

    std::uint8_t missing_ = 0; ///< continuation bytes of the current character
    // What the next continuation byte may be; narrower than 80..BF after E0, ED, F0 and F4, which
    // is what keeps out overlong forms, surrogates and what is beyond U+10FFFF.
    std::uint8_t lowest_ = 0x80;
    std::uint8_t highest_ = 0xBF;
};

} // namespace armature::ws
