#include "cli/client/names.hpp"

#include <algorithm>

namespace armature::client_gen {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }

} // namespace

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty()) out.push_back(std::move(word));
        word.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (!is_lower(c) && !is_upper(c) && !is_digit(c)) {
            // What makes +1 another name than -1.
            if (c == '+' && word.empty() && i + 1 < text.size() && is_digit(text[i + 1]))
                out.emplace_back("plus");
            if (c == '-' && out.empty() && word.empty() && i + 1 < text.size() &&
                is_digit(text[i + 1]))
                out.emplace_back("minus");
            end_word();
            continue;
        }
        const bool follows_lower = i > 0 && (is_lower(text[i - 1]) || is_digit(text[i - 1]));
        const bool ends_acronym =
            i > 0 && is_upper(text[i - 1]) && i + 1 < text.size() && is_lower(text[i + 1]);
        if (is_upper(c) && (follows_lower || ends_acronym)) end_word();
        word += c;
    }
    end_word();
    return out;
}

std::string pascal_case(std::string_view text) {
    std::string out;
    for (const std::string& word : words_of(text)) {
        // "1" and "0" of 1_0 are not 10.
        if (!out.empty() && is_digit(out.back()) && is_digit(word.front())) out += '_';
        out += upper(word.front());
        const bool shouts = std::none_of(word.begin(), word.end(), is_lower);
        for (const char c : word.substr(1))
            out += shouts ? lower(c) : c;
    }
    return out;
}

std::string camel_case(std::string_view text) {
    std::string out = pascal_case(text);
    if (!out.empty()) out[0] = lower(out[0]);
    return out;
}

std::string snake_case(std::string_view text) {
    std::string out;
    for (const std::string& word : words_of(text)) {
        if (!out.empty()) out += '_';
        for (const char c : word)
            out += lower(c);
    }
    return out;
}

std::string Names::take(std::string name) {
    if (name.empty()) name = "_";
    if (is_digit(name.front())) name.insert(0, "_");
    if (reserved_.contains(name)) name += '_';
    std::string candidate = name;
    for (unsigned i = 2; !taken_.insert(candidate).second; ++i)
        candidate = name + (is_digit(name.back()) ? "_" : "") + std::to_string(i);
    return candidate;
}

std::string quoted(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out.append(1, '\\').append(1, c);
        else if (c == '\n')
            out += "\\n";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\t')
            out += "\\t";
        else if (static_cast<unsigned char>(c) < 0x20)
            out.append("\\x")
                .append(1, digits[static_cast<unsigned char>(c) >> 4])
                .append(1, digits[static_cast<unsigned char>(c) & 15]);
        else
            out += c;
    }
    return out += '"';
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> out;
    while (true) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string line(text.substr(0, end));
        while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
            line.pop_back();
        if (!line.empty() || !out.empty()) out.push_back(std::move(line));
        if (end == text.size()) break;
        text.remove_prefix(end + 1);
    }
    while (!out.empty() && out.back().empty())
        out.pop_back();
    return out;
}

std::string comment_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    for (const std::string_view mark :
         {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"})
        for (std::size_t at; (at = text.find(mark)) != text.npos;)
            text.erase(at, mark.size());
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

std::string with_margin(std::string_view text, std::string_view margin) {
    std::string out;
    for (const std::string& line : lines_of(text)) {
        out.append(margin).append(line);
        while (!out.empty() && out.back() == ' ')
            out.pop_back();
        out += '\n';
    }
    return out;
}

} // namespace armature::client_gen
