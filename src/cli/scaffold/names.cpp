#include "cli/scaffold/names.hpp"

#include "terminal/command.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace armature::cli {

namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char to_upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }
char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

// What C++ or its library keeps for itself where a project's or class's name would stand.
constexpr std::string_view taken[] = {
    "alignas",   "alignof",   "and",       "armature", "asm",      "auto",      "bool",
    "break",     "case",      "catch",     "char",     "class",    "concept",   "const",
    "consteval", "constexpr", "constinit", "continue", "co_await", "co_return", "co_yield",
    "decltype",  "default",   "delete",    "do",       "double",   "else",      "enum",
    "explicit",  "export",    "extern",    "false",    "float",    "for",       "friend",
    "goto",      "if",        "inline",    "int",      "long",     "main",      "mutable",
    "namespace", "new",       "noexcept",  "not",      "nullptr",  "operator",  "or",
    "private",   "protected", "public",    "register", "requires", "return",    "short",
    "signed",    "sizeof",    "static",    "std",      "struct",   "switch",    "template",
    "test",      "testing",   "this",      "throw",    "true",     "try",       "typedef",
    "typename",  "union",     "unsigned",  "using",    "virtual",  "void",      "volatile",
    "while",     "xor"};

Names joined(const std::vector<std::string>& words) {
    Names names;
    for (const std::string& word : words) {
        const bool first = names.snake.empty();
        names.snake += (first ? "" : "_") + word;
        names.kebab += (first ? "" : "-") + word;
        names.title += (first ? "" : " ") + word;
        names.pascal += to_upper(word[0]) + word.substr(1);
    }
    names.title[0] = to_upper(names.title[0]);
    names.upper = names.snake;
    std::transform(names.upper.begin(), names.upper.end(), names.upper.begin(), to_upper);
    return names;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    bool begins = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '_' || c == '-' || c == ' ') {
            begins = true;
            continue;
        }
        // "OrderItem", and "HTTPServer" as "http_server"
        begins =
            begins || (is_upper(c) && i > 0 &&
                       (!is_upper(text[i - 1]) || (i + 1 < text.size() && is_lower(text[i + 1]))));
        if (begins) words.emplace_back();
        begins = false;
        words.back() += to_lower(c);
    }
    return words;
}

std::string plural_word(const std::string& word) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> irregular{
        {{"person", "people"},
         {"child", "children"},
         {"man", "men"},
         {"woman", "women"},
         {"mouse", "mice"},
         {"foot", "feet"},
         {"tooth", "teeth"}}};
    for (const auto& [one, many] : irregular)
        if (word == one) return std::string{many};
    const auto ends = [&](std::string_view end) { return word.ends_with(end); };
    constexpr std::string_view vowels = "aeiou";
    if (ends("y") && word.size() > 1 && vowels.find(word[word.size() - 2]) == vowels.npos)
        return word.substr(0, word.size() - 1) + "ies";
    if (ends("s") || ends("x") || ends("z") || ends("ch") || ends("sh")) return word + "es";
    return word + 's';
}

} // namespace

Names names_of(std::string_view text, std::string_view what) {
    const bool fits = !text.empty() && !is_digit(text[0]) && text[0] != '_' && text[0] != '-' &&
                      std::all_of(text.begin(), text.end(), [](char c) {
                          return is_upper(c) || is_lower(c) || is_digit(c) || c == '_' || c == '-';
                      });
    const std::string shown = std::string{what} + ", not '" + std::string{text} + '\'';
    if (!fits)
        throw terminal::UsageError{"letters, digits, '_' and '-' make " + shown +
                                   "; it begins with a letter"};
    const Names names = joined(words_of(text));
    if (std::find(std::begin(taken), std::end(taken), names.snake) != std::end(taken))
        throw terminal::UsageError{"'" + std::string{text} +
                                   "' means something in C++ already; choose another " +
                                   std::string{what.substr(what.find(' ') + 1)}};
    return names;
}

Names plural_of(const Names& names) {
    std::vector<std::string> words = words_of(names.snake);
    words.back() = plural_word(words.back());
    return joined(words);
}

std::string render(std::string_view text, const Values& values, std::string_view file) {
    std::string out;
    std::size_t line = 1;
    for (std::size_t i = 0; i < text.size();) {
        const auto is_name = [](char c) {
            return is_upper(c) || is_lower(c) || is_digit(c) || c == '_' || c == '.';
        };
        std::size_t end = i + 2;
        if (text.substr(i, 2) == "{{")
            while (end < text.size() && is_name(text[end]))
                ++end;
        if (end == i + 2 || text.substr(end, 2) != "}}") {
            line += text[i] == '\n';
            out += text[i++];
            continue;
        }
        const std::string_view name = text.substr(i + 2, end - i - 2);
        i = end + 2;
        const auto value = values.find(name);
        if (value == values.end())
            throw terminal::CommandError{std::string{file} + ':' + std::to_string(line) + ": {{" +
                                         std::string{name} +
                                         "}} is nothing that this template is given"};
        const std::size_t begin = out.rfind('\n') + 1;
        const std::string indent = out.substr(begin);
        const bool alone = indent.find_first_not_of(' ') == std::string::npos &&
                           (i == text.size() || text[i] == '\n');
        if (!alone) {
            out += value->second;
            continue;
        }
        if (value->second.empty()) {
            out.resize(begin);
            if (i < text.size()) ++i;
            ++line;
            continue;
        }
        for (std::size_t j = 0; j < value->second.size(); ++j) {
            out += value->second[j];
            const bool begins = value->second[j] == '\n' && value->second.substr(j + 1, 1) != "\n";
            if (begins) out += indent;
        }
    }
    return out;
}

} // namespace armature::cli
