#include "json/scan.hpp"

#include <armature/json/read.hpp>

#include <algorithm>
#include <charconv>

namespace armature {

// A number as it was written: `mantissa` * 10^`exponent`.
struct JsonReader::Number {
    const char* begin;
    const char* end;
    std::uint64_t mantissa;  // exact while there are at most 19 digits
    std::ptrdiff_t digits;   // from the first that isn't 0
    std::ptrdiff_t exponent; // the written one is capped at 10^12
    bool is_negative;
    bool is_plain; // neither fraction nor exponent

    // The value without its sign, if it is whole; nothing is rounded. Returns whether it is;
    // `fits` says whether it is below 2^64.
    bool whole(std::uint64_t& magnitude, bool& fits) const noexcept {
        fits = true;
        if (is_plain && digits <= 19) {
            magnitude = mantissa;
            return true;
        }
        // Zeros wait until another digit shows that they are not the last.
        magnitude = 0;
        std::ptrdiff_t zeros = 0;
        const auto append = [&](std::uint64_t digit) {
            fits = fits && magnitude <= (UINT64_MAX - digit) / 10;
            magnitude = magnitude * 10 + digit;
        };
        for (const char* p = begin; p != end && *p != 'e' && *p != 'E'; ++p) {
            if (!detail::is_digit(*p)) continue;
            if (*p == '0') {
                ++zeros;
                continue;
            }
            for (; zeros != 0 && magnitude != 0 && fits; --zeros)
                append(0);
            zeros = 0;
            append(static_cast<std::uint64_t>(*p - '0'));
        }
        if (magnitude == 0 && fits) return true;
        std::ptrdiff_t scale = exponent + zeros;
        if (scale < 0) return false;
        for (; scale != 0 && fits; --scale)
            append(0);
        return true;
    }
};

// RFC 8259 §6: [ minus ] int [ frac ] [ exp ]
JsonStatus JsonReader::take_number(Number& number) {
    const char* p = position_;
    number = {p, p, 0, 0, 0, *p == '-', true};
    p += number.is_negative;
    const auto missing_digit = [&] {
        position_ = p;
        return expected("a digit");
    };
    const auto take_digits = [&] {
        const char* const from = p;
        for (; p != end_ && detail::is_digit(*p); ++p) {
            number.mantissa = number.mantissa * 10 + static_cast<unsigned char>(*p - '0');
            number.digits += number.mantissa != 0 || number.digits != 0;
        }
        return p - from;
    };
    if (p == end_ || !detail::is_digit(*p)) return missing_digit();
    if (*p == '0') {
        ++p;
        if (p != end_ && detail::is_digit(*p))
            return malformed(p, "a number must not start with 0");
    } else {
        take_digits();
    }
    if (p != end_ && *p == '.') {
        ++p;
        number.is_plain = false;
        const std::ptrdiff_t places = take_digits();
        if (places == 0) return missing_digit();
        number.exponent = -places;
    }
    if (p != end_ && (*p == 'e' || *p == 'E')) {
        ++p;
        number.is_plain = false;
        const bool is_below = p != end_ && *p == '-';
        if (p != end_ && (*p == '-' || *p == '+')) ++p;
        if (p == end_ || !detail::is_digit(*p)) return missing_digit();
        std::ptrdiff_t exponent = 0;
        for (; p != end_ && detail::is_digit(*p); ++p)
            exponent = std::min<std::ptrdiff_t>(exponent * 10 + (*p - '0'), 1'000'000'000'000);
        number.exponent += is_below ? -exponent : exponent;
    }
    number.end = position_ = p;
    return JsonStatus::ok;
}

JsonStatus JsonReader::read_magnitude(Number& number, std::uint64_t& magnitude, bool& fits) {
    skip_space();
    if (position_ == end_ || (*position_ != '-' && !detail::is_digit(*position_)))
        return mismatch("an integer");
    if (const JsonStatus status = take_number(number); status != JsonStatus::ok) return status;
    if (!number.whole(magnitude, fits)) return invalid("must be an integer, not a fraction");
    return JsonStatus::ok;
}

JsonStatus JsonReader::invalid_range(std::int64_t least, std::uint64_t greatest) {
    return invalid("must be between " + std::to_string(least) + " and " + std::to_string(greatest));
}

JsonStatus JsonReader::read_integer(std::int64_t& out, std::int64_t least, std::int64_t greatest) {
    Number number;
    std::uint64_t magnitude;
    bool fits;
    const JsonStatus status = read_magnitude(number, magnitude, fits);
    if (status != JsonStatus::ok) return status;
    const std::uint64_t limit = number.is_negative ? 0 - static_cast<std::uint64_t>(least)
                                                   : static_cast<std::uint64_t>(greatest);
    if (!fits || magnitude > limit)
        return invalid_range(least, static_cast<std::uint64_t>(greatest));
    out = static_cast<std::int64_t>(number.is_negative ? 0 - magnitude : magnitude);
    return JsonStatus::ok;
}

JsonStatus JsonReader::read_integer(std::uint64_t& out, std::uint64_t greatest) {
    Number number;
    std::uint64_t magnitude;
    bool fits;
    const JsonStatus status = read_magnitude(number, magnitude, fits);
    if (status != JsonStatus::ok) return status;
    if (!fits || magnitude > (number.is_negative ? 0 : greatest)) return invalid_range(0, greatest);
    out = magnitude;
    return JsonStatus::ok;
}

template <class Real>
JsonStatus JsonReader::read_floating(Real& out) {
    skip_space();
    if (position_ == end_ || (*position_ != '-' && !detail::is_digit(*position_)))
        return mismatch("a number");
    Number number;
    if (const JsonStatus status = take_number(number); status != JsonStatus::ok) return status;
    if constexpr (sizeof(Real) == 8) {
        // Both factors are exact doubles here, so one operation rounds correctly (Clinger).
        static constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
        if (number.digits <= 19 && number.mantissa <= std::uint64_t{1} << 53 &&
            number.exponent >= -22 && number.exponent <= 22) {
            const auto mantissa = static_cast<double>(number.mantissa);
            const double value = number.exponent < 0 ? mantissa / powers[-number.exponent]
                                                     : mantissa * powers[number.exponent];
            out = number.is_negative ? -value : value;
            return JsonStatus::ok;
        }
    }
    const auto [end, error] = std::from_chars(number.begin, number.end, out);
    if (error == std::errc::result_out_of_range) {
        // Too large or too small: the place of the first digit tells which.
        if (number.digits + number.exponent > 0)
            return invalid("must be a number of smaller magnitude");
        out = number.is_negative ? -Real{0} : Real{0};
    }
    return JsonStatus::ok;
}

JsonStatus JsonReader::read_real(double& out) { return read_floating(out); }
JsonStatus JsonReader::read_real(float& out) { return read_floating(out); }

JsonStatus JsonReader::skip_number() {
    if (position_ == end_ || (*position_ != '-' && !detail::is_digit(*position_)))
        return expected("a value");
    Number number;
    return take_number(number);
}

} // namespace armature
