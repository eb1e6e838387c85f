#pragma once

#include <armature/core/text_form.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace armature {

/// An exact decimal number, for money: up to 20 digits before the point and 18 after it.
///
/// It keeps the places it was written with (12.50 stays 12.50), and compares by value
/// (12.5 == 12.50). In JSON it is a string, because most programs read JSON's numbers as binary
/// fractions, in which 0.1 does not exist.
class Decimal {
  public:
    static constexpr unsigned max_places = 18;

    constexpr Decimal() noexcept = default;
    constexpr explicit Decimal(std::int64_t value) noexcept : value_(Wide{value} * one) {}
    /// `units` / 10^`places`: scaled(1250, 2) is 12.50. At most 18 places.
    ///
    /// Errors: std::invalid_argument for more places.
    [[nodiscard]] static Decimal scaled(std::int64_t units, unsigned places);
    /// [-]digits[.digits], without an exponent or useless leading zeros; all of the text.
    [[nodiscard]] static std::optional<Decimal> parse(std::string_view text) noexcept;

    [[nodiscard]] std::string to_string() const;
    /// How many digits are written after the point.
    [[nodiscard]] constexpr unsigned places() const noexcept { return places_; }
    /// With that many places; halves go to the even neighbour, as banks round.
    ///
    /// Errors: std::invalid_argument for more than 18 places; std::overflow_error.
    [[nodiscard]] Decimal rounded(unsigned places) const;
    [[nodiscard]] double to_double() const noexcept;

    // Exact. Errors: std::overflow_error beyond 20 digits before the point.
    friend Decimal operator+(const Decimal& a, const Decimal& b);
    friend Decimal operator-(const Decimal& a, const Decimal& b);
    friend Decimal operator*(const Decimal& a, std::int64_t factor);
    constexpr Decimal operator-() const noexcept {
        Decimal result = *this;
        result.value_ = -value_;
        return result;
    }
    friend constexpr bool operator==(const Decimal& a, const Decimal& b) noexcept {
        return a.value_ == b.value_;
    }
    friend constexpr std::weak_ordering operator<=>(const Decimal& a, const Decimal& b) noexcept {
        if (a.value_ == b.value_) return std::weak_ordering::equivalent;
        return a.value_ < b.value_ ? std::weak_ordering::less : std::weak_ordering::greater;
    }

  private:
    friend struct TextForm<Decimal>;
    __extension__ typedef __int128 Wide; // ISO C++ has no name for it
    static constexpr Wide one = 1'000'000'000'000'000'000;

    [[nodiscard]] static Decimal checked(Wide value, unsigned places);

    Wide value_ = 0; // in units of 10^-18
    std::uint8_t places_ = 0;
};

template <>
struct TextForm<Decimal> {
    static constexpr std::string_view format = "decimal";
    static constexpr std::string_view pattern = "^-?(0|[1-9][0-9]{0,19})(\\.[0-9]{1,18})?$";
    static constexpr std::string_view wanted = "a decimal number in quotes, such as \"12.50\"";
    static constexpr std::size_t max_size = 40;
    static bool parse(std::string_view text, Decimal& out) noexcept;
    static char* write(char* to, const Decimal& value) noexcept;
};

} // namespace armature
