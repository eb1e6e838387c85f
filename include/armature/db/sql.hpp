#pragma once

#include <armature/db/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::db {

namespace detail {

constexpr bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Where the dollar-quote that begins at `at` ends, or `at` if none begins there.
constexpr std::size_t after_dollar_quote(std::string_view sql, std::size_t at) noexcept {
    std::size_t end = at + 1;
    while (end < sql.size() && is_word(sql[end]) && !(end == at + 1 && is_digit(sql[end])))
        ++end;
    if (end >= sql.size() || sql[end] != '$') return at;
    const std::string_view tag = sql.substr(at, end + 1 - at);
    const std::size_t close = sql.find(tag, end + 1);
    return close == std::string_view::npos ? sql.size() : close + tag.size();
}

/// Where what is quoted or commented ends that begins at `at`, or `at` if nothing does. What has no
/// end goes to the end of the text.
constexpr std::size_t after_quoted(std::string_view sql, std::size_t at) noexcept {
    const char c = sql[at];
    const char next = at + 1 < sql.size() ? sql[at + 1] : '\0';
    const char before = at > 0 ? sql[at - 1] : '\0';
    if (c == '\'' || c == '"' || c == '`') {
        const bool escapes =
            c == '\'' && (before == 'e' || before == 'E') && (at < 2 || !is_word(sql[at - 2]));
        for (std::size_t i = at + 1; i < sql.size(); ++i) {
            if (escapes && sql[i] == '\\')
                ++i;
            else if (sql[i] == c)
                return i + 1; // a doubled one begins the next quoted text
        }
        return sql.size();
    }
    if (c == '-' && next == '-') {
        const std::size_t line = sql.find('\n', at);
        return line == std::string_view::npos ? sql.size() : line;
    }
    if (c == '/' && next == '*') {
        unsigned depth = 1;
        for (std::size_t i = at + 2; i < sql.size(); ++i) {
            if (sql.substr(i, 2) == "*/") {
                ++i;
                if (--depth == 0) return i + 1;
            } else if (sql.substr(i, 2) == "/*") {
                ++i;
                ++depth;
            }
        }
        return sql.size();
    }
    if (c == '$' && !is_word(before) && before != '$') return after_dollar_quote(sql, at);
    return at;
}

/// The greatest n of the placeholders `$n`, or how many `?` there are.
constexpr std::size_t count_placeholders(std::string_view sql) noexcept {
    std::size_t greatest = 0;
    for (std::size_t at = 0; at < sql.size();) {
        const std::size_t after = after_quoted(sql, at);
        if (after != at) {
            at = after;
            continue;
        }
        if (sql[at] == '$' && (at == 0 || !is_word(sql[at - 1]))) {
            std::size_t number = 0;
            for (++at; at < sql.size() && is_digit(sql[at]) && number < 100'000; ++at)
                number = number * 10 + static_cast<std::size_t>(sql[at] - '0');
            if (number > greatest) greatest = number;
            continue;
        }
        ++at;
    }
    return greatest;
}

// Not constexpr, so that calling it in a constant ends the compilation.
void statement_has_another_number_of_placeholders_than_values();

} // namespace detail

/// SQL that isn't a literal of the program: read from a file that you trust, or put together from
/// parts that are. Never from a request: values are bound, in place of $1, $2 …
class Sql {
  public:
    /// Says what it is: whoever reviews the program searches for this word.
    [[nodiscard]] static Sql trusted(std::string text) { return Sql{std::move(text)}; }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    explicit Sql(std::string text) noexcept : text_(std::move(text)) {}
    std::string text_;
};

/// The text of a statement with `Count` values: a literal, which the compiler checks to have the
/// placeholders $1 to $Count, or an `Sql`. A std::string isn't taken: text that a program puts
/// together at run time is how SQL is injected.
template <std::size_t Count>
class SqlText {
  public:
    template <std::size_t Size>
    consteval SqlText(const char (&literal)[Size]) // NOLINT: a literal is meant to convert
        : text_(literal, Size - 1) {
        if (detail::count_placeholders(text_) != Count)
            detail::statement_has_another_number_of_placeholders_than_values();
    }
    SqlText(const Sql& sql) : text_(sql.text()), is_literal_(false) {} // NOLINT

    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }
    [[nodiscard]] constexpr bool is_literal() const noexcept { return is_literal_; }

  private:
    std::string_view text_;
    bool is_literal_ = true;
};

/// A statement and the values of its placeholders.
class Statement {
  public:
    /// `Statement::of("SELECT * FROM users WHERE id = $1", id)`
    template <class... Values>
    [[nodiscard]] static Statement of(std::type_identity_t<SqlText<sizeof...(Values)>> sql,
                                      const Values&... values) {
        Statement made;
        if (sql.is_literal())
            made.literal_ = sql.text();
        else
            made.owned_ = sql.text();
        if constexpr (sizeof...(Values) != 0) {
            made.values_.reserve(sizeof...(Values));
            (made.values_.emplace_back(values), ...);
        }
        return made;
    }
    Statement(const Sql& sql, std::vector<Value> values)
        : owned_(sql.text()), values_(std::move(values)) {}
    /// One that MariaDB wants in other words, with the same placeholders.
    Statement(const Sql& sql, std::vector<Value> values, const Sql& for_mariadb)
        : owned_(sql.text()), for_mariadb_(for_mariadb.text()), values_(std::move(values)) {}

    [[nodiscard]] std::string_view sql() const noexcept {
        return owned_.empty() ? literal_ : std::string_view{owned_};
    }
    [[nodiscard]] std::string_view sql_for_mariadb() const noexcept {
        return for_mariadb_.empty() ? sql() : std::string_view{for_mariadb_};
    }
    [[nodiscard]] const std::vector<Value>& values() const noexcept { return values_; }
    /// A text of the program itself: there are only so many of them.
    [[nodiscard]] bool is_literal() const noexcept { return owned_.empty(); }

  private:
    Statement() = default;

    std::string_view literal_;
    std::string owned_;
    std::string for_mariadb_;
    std::vector<Value> values_;
};

} // namespace armature::db
