#include "db/mariadb_sql.hpp"

#include <armature/db/sql.hpp>

namespace armature::db::detail {

namespace {

char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

} // namespace

std::size_t after_quoted_in_mariadb(std::string_view sql, std::size_t at, bool backslash) noexcept {
    const char c = sql[at];
    const char next = at + 1 < sql.size() ? sql[at + 1] : '\0';
    if (c == '\'' || c == '"' || c == '`') {
        for (std::size_t i = at + 1; i < sql.size(); ++i) {
            if (backslash && c != '`' && sql[i] == '\\')
                ++i;
            else if (sql[i] == c)
                return i + 1; // a doubled one begins the next quoted text
        }
        return sql.size();
    }
    const bool is_line =
        c == '#' || (c == '-' && next == '-' && (at + 2 == sql.size() || is_space(sql[at + 2])));
    if (is_line) {
        const std::size_t line = sql.find('\n', at);
        return line == std::string_view::npos ? sql.size() : line;
    }
    if (c == '/' && next == '*') {
        const std::string_view more = sql.substr(at + 2, 2);
        if (more.starts_with('!') || more == "M!") return at;
        const std::size_t close = sql.find("*/", at + 2);
        return close == std::string_view::npos ? sql.size() : close + 2;
    }
    return at;
}

MariadbSql::MariadbSql(std::string_view sql) {
    text.reserve(sql.size());
    std::string words; // outside of quotes, in capitals, each behind one space
    std::size_t next_value = 0;
    for (std::size_t at = 0; at < sql.size();) {
        const std::size_t after = after_quoted_in_mariadb(sql, at, false);
        const bool is_name = at > 0 && (is_word(sql[at - 1]) || sql[at - 1] == '$');
        if (after != at) {
            text += sql.substr(at, after - at);
            at = after;
        } else if (is_word(sql[at]) && !is_name) {
            words += ' ';
            for (; at < sql.size() && is_word(sql[at]); ++at) {
                text += sql[at];
                words += upper(sql[at]);
            }
        } else if (sql[at] == '?' ||
                   (sql[at] == '$' && !is_name && at + 1 < sql.size() && is_digit(sql[at + 1]))) {
            const std::size_t begin = at++;
            std::size_t number = ++next_value;
            if (sql[begin] == '$')
                for (number = 0; at < sql.size() && is_digit(sql[at]) && number < 100'000; ++at)
                    number = number * 10 + static_cast<std::size_t>(sql[at] - '0');
            places_.push_back(text.size());
            widths_.push_back(at - begin);
            values.push_back(number - 1); // $0 is none of the values
            text += '?';
        } else {
            text += sql[at++];
        }
    }
    if (!words.empty()) verb = words.substr(1, words.find(' ', 1) - 1);
    is_upsert = words.find(" ON DUPLICATE KEY UPDATE") != std::string::npos;
}

std::size_t MariadbSql::original_position(std::size_t position) const noexcept {
    if (position == 0) return 0;
    std::size_t more = 0;
    for (std::size_t i = 0; i < places_.size() && places_[i] + 1 < position; ++i)
        more += widths_[i] - 1;
    return position + more;
}

} // namespace armature::db::detail
