#include <armature/core/decimal.hpp>

#include <algorithm>
#include <stdexcept>

namespace armature {
namespace {

constexpr std::int64_t power_of_ten(unsigned exponent) noexcept {
    std::int64_t result = 1;
    while (exponent-- != 0)
        result *= 10;
    return result;
}

void require_places(unsigned places) {
    if (places > Decimal::max_places)
        throw std::invalid_argument("armature: a Decimal has at most 18 places");
}

} // namespace

// |value| is below 10^38: 20 digits before the point and 18 after it.
Decimal Decimal::checked(Wide value, unsigned places) {
    constexpr Wide end = one * one * 100;
    if (value <= -end || value >= end)
        throw std::overflow_error("armature: a Decimal has at most 20 digits before the point");
    Decimal result;
    result.value_ = value;
    result.places_ = static_cast<std::uint8_t>(places);
    return result;
}

Decimal Decimal::scaled(std::int64_t units, unsigned places) {
    require_places(places);
    return checked(Wide{units} * power_of_ten(max_places - places), places);
}

std::optional<Decimal> Decimal::parse(std::string_view text) noexcept {
    Decimal result;
    if (!TextForm<Decimal>::parse(text, result)) return std::nullopt;
    return result;
}

std::string Decimal::to_string() const {
    char text[TextForm<Decimal>::max_size];
    return {text, TextForm<Decimal>::write(text, *this)};
}

Decimal Decimal::rounded(unsigned places) const {
    require_places(places);
    const Wide unit = power_of_ten(max_places - places);
    Wide quotient = value_ / unit;
    const Wide rest = value_ % unit;
    const Wide twice = rest < 0 ? -rest * 2 : rest * 2;
    if (twice > unit || (twice == unit && quotient % 2 != 0)) quotient += value_ < 0 ? -1 : 1;
    return checked(quotient * unit, places);
}

double Decimal::to_double() const noexcept {
    return static_cast<double>(value_) / static_cast<double>(one);
}

Decimal operator+(const Decimal& a, const Decimal& b) {
    return Decimal::checked(a.value_ + b.value_, std::max(a.places_, b.places_));
}
Decimal operator-(const Decimal& a, const Decimal& b) { return a + -b; }

Decimal operator*(const Decimal& a, std::int64_t factor) {
    Decimal::Wide product;
    if (__builtin_mul_overflow(a.value_, Decimal::Wide{factor}, &product))
        throw std::overflow_error("armature: a Decimal has at most 20 digits before the point");
    return Decimal::checked(product, a.places_);
}

bool TextForm<Decimal>::parse(std::string_view text, Decimal& out) noexcept {
    const bool is_negative = text.starts_with('-');
    if (is_negative) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const std::string_view fraction =
        point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    if (whole.empty() || whole.size() > 20 || (whole.size() > 1 && whole[0] == '0') ||
        fraction.size() > Decimal::max_places ||
        (fraction.empty() && point != std::string_view::npos))
        return false;
    Decimal::Wide value = 0;
    for (const std::string_view part : {whole, fraction})
        for (const char c : part) {
            if (c < '0' || c > '9') return false;
            value = value * 10 + (c - '0');
        }
    const auto places = static_cast<unsigned>(fraction.size());
    value *= power_of_ten(Decimal::max_places - places);
    out.value_ = is_negative ? -value : value;
    out.places_ = static_cast<std::uint8_t>(places);
    return true;
}

char* TextForm<Decimal>::write(char* to, const Decimal& value) noexcept {
    Decimal::Wide rest = value.value_ < 0 ? -value.value_ : value.value_;
    rest /= power_of_ten(Decimal::max_places - value.places_);
    char reversed[max_size];
    unsigned count = 0;
    for (; rest != 0 || count <= value.places_; rest /= 10)
        reversed[count++] = static_cast<char>('0' + static_cast<int>(rest % 10));
    if (value.value_ < 0) *to++ = '-';
    for (unsigned i = count; i-- != 0;) {
        *to++ = reversed[i];
        if (i == value.places_ && i != 0) *to++ = '.';
    }
    return to;
}

} // namespace armature
