#pragma once

#include <armature/core/text_form.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace armature {

/// A universally unique identifier: 128 bits, ordered as its bytes are.
///
/// Spec: RFC 9562
class Uuid {
  public:
    /// The nil UUID, all zeros.
    constexpr Uuid() noexcept = default;
    constexpr explicit Uuid(const std::array<std::uint8_t, 16>& bytes) noexcept : bytes_(bytes) {}

    /// 122 bits of the system's randomness: for what must not be guessed or say when it was made.
    ///
    /// Errors: std::system_error if the system gives no randomness.
    [[nodiscard]] static Uuid v4();
    /// The time in milliseconds, then randomness: for keys of databases, which stay dense when new
    /// ones sort last. Those made by one thread ascend strictly, also within a millisecond and when
    /// the clock is set back.
    ///
    /// Errors: std::system_error if the system gives no randomness.
    [[nodiscard]] static Uuid v7();

    /// The whole text in the form 8-4-4-4-12, hexadecimal in either case.
    [[nodiscard]] static std::optional<Uuid> parse(std::string_view text) noexcept;
    /// 36 characters, lower case.
    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] constexpr const std::array<std::uint8_t, 16>& bytes() const noexcept {
        return bytes_;
    }
    /// 4 and 7 for those made here; 0 for the nil UUID.
    [[nodiscard]] constexpr unsigned version() const noexcept { return bytes_[6] >> 4; }

    friend constexpr auto operator<=>(const Uuid&, const Uuid&) noexcept = default;

  private:
    std::array<std::uint8_t, 16> bytes_{};
};

template <>
struct TextForm<Uuid> {
    static constexpr std::string_view format = "uuid";
    static constexpr std::string_view pattern = "";
    static constexpr std::string_view wanted = "a UUID";
    static constexpr std::size_t max_size = 36;
    static bool parse(std::string_view text, Uuid& out) noexcept;
    static char* write(char* to, const Uuid& value) noexcept;
};

} // namespace armature
