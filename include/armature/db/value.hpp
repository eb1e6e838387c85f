#pragma once

#include <armature/describe/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature::db {

/// Bytes as they are: BYTEA in PostgreSQL, BLOB in SQLite and MariaDB.
using Bytes = std::vector<std::byte>;

namespace detail {

template <class T>
constexpr bool is_bindable() {
    if constexpr (armature::detail::is_optional<T>) {
        return is_bindable<typename T::value_type>();
    } else {
        constexpr ValueKind kind = value_kind<T>;
        return std::is_same_v<T, Bytes> || kind == ValueKind::boolean ||
               kind == ValueKind::integer || kind == ValueKind::real || kind == ValueKind::text ||
               kind == ValueKind::formatted || kind == ValueKind::enumeration;
    }
}

[[noreturn]] void throw_too_large();
[[noreturn]] void throw_undescribed_enumerator();

} // namespace detail

/// A value for a placeholder: nothing of it is ever read as SQL. Made from truth values, numbers,
/// texts, what has a text form (`Uuid`, `Decimal`, times), described enumerations (by name),
/// `Bytes`, and a std::optional of these, which is NULL without a value; so is nullptr.
///
/// A time point is written in UTC. A text with a NUL byte is refused by PostgreSQL: `ErrorKind::
/// data`.
class Value {
  public:
    enum class Kind : std::uint8_t { null, boolean, integer, real, text, bytes };

    Value() noexcept = default;
    Value(std::nullptr_t) noexcept {}                           // NOLINT
    Value(const char* text) : text_(text), kind_(Kind::text) {} // NOLINT
    template <class T>
    Value(const T& value) { // NOLINT: every value is meant to convert
        static_assert(detail::is_bindable<T>(),
                      "armature: a value of a statement is a truth value, a number, a text, bytes, "
                      "a described enumeration, a type with a TextForm (for those of <chrono> "
                      "include armature/describe/chrono.hpp), or a std::optional of one of these; "
                      "write others as JSON: to_json(value)");
        if constexpr (detail::is_bindable<T>()) assign(value);
    }

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] bool is_null() const noexcept { return kind_ == Kind::null; }
    /// A text that is a point in time in UTC, as RFC 3339 writes it.
    [[nodiscard]] bool is_date_time() const noexcept { return is_date_time_; }
    /// A text that is an exact number.
    [[nodiscard]] bool is_decimal() const noexcept { return is_decimal_; }
    // Each for its own kind only.
    [[nodiscard]] bool boolean() const noexcept { return integer_ != 0; }
    [[nodiscard]] std::int64_t integer() const noexcept { return integer_; }
    [[nodiscard]] double real() const noexcept { return real_; }
    [[nodiscard]] const std::string& text() const noexcept { return text_; } ///< bytes too

    /// What PostgreSQL reads as text; of bytes the bytes. Empty for NULL.
    [[nodiscard]] std::string to_text() const;

    friend bool operator==(const Value& a, const Value& b) noexcept {
        return a.kind_ == b.kind_ && a.text_ == b.text_ &&
               (a.kind_ == Kind::real ? a.real_ == b.real_ : a.integer_ == b.integer_);
    }

  private:
    template <class T>
    void assign(const T& value) {
        if constexpr (std::is_same_v<T, Bytes>) {
            kind_ = Kind::bytes;
            text_.assign(reinterpret_cast<const char*>(value.data()), value.size());
        } else if constexpr (armature::detail::is_optional<T>) {
            if (value) assign(*value);
        } else if constexpr (value_kind<T> == ValueKind::boolean) {
            kind_ = Kind::boolean;
            integer_ = value ? 1 : 0;
        } else if constexpr (value_kind<T> == ValueKind::integer) {
            if (!std::in_range<std::int64_t>(value)) detail::throw_too_large();
            kind_ = Kind::integer;
            integer_ = static_cast<std::int64_t>(value);
        } else if constexpr (value_kind<T> == ValueKind::real) {
            kind_ = Kind::real;
            real_ = static_cast<double>(value);
        } else if constexpr (value_kind<T> == ValueKind::text) {
            kind_ = Kind::text;
            text_ = std::string_view{value};
        } else if constexpr (value_kind<T> == ValueKind::formatted) {
            kind_ = Kind::text;
            char text[TextForm<T>::max_size];
            const char* const end = TextForm<T>::write(text, value);
            text_.assign(text, static_cast<std::size_t>(end - text));
            is_date_time_ = TextForm<T>::format == "date-time";
            is_decimal_ = TextForm<T>::format == "decimal";
        } else {
            kind_ = Kind::text;
            text_ = enum_name(value);
            if (text_.empty()) detail::throw_undescribed_enumerator();
        }
    }

    union {
        std::int64_t integer_ = 0;
        double real_;
    };
    std::string text_;
    Kind kind_ = Kind::null;
    bool is_date_time_ = false;
    bool is_decimal_ = false;
};

} // namespace armature::db
