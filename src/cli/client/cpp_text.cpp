#include "cli/client/cpp_text.hpp"

namespace armature::client_gen::cpp_text {

namespace {

const std::set<std::string> all_keywords{"alignas",       "alignof",     "and",
                                         "and_eq",        "asm",         "auto",
                                         "bitand",        "bitor",       "bool",
                                         "break",         "case",        "catch",
                                         "char",          "char8_t",     "char16_t",
                                         "char32_t",      "class",       "compl",
                                         "concept",       "const",       "consteval",
                                         "constexpr",     "constinit",   "const_cast",
                                         "continue",      "co_await",    "co_return",
                                         "co_yield",      "decltype",    "default",
                                         "delete",        "do",          "double",
                                         "dynamic_cast",  "else",        "enum",
                                         "explicit",      "export",      "extern",
                                         "false",         "float",       "for",
                                         "friend",        "goto",        "if",
                                         "inline",        "int",         "long",
                                         "mutable",       "namespace",   "new",
                                         "noexcept",      "not",         "not_eq",
                                         "nullptr",       "operator",    "or",
                                         "or_eq",         "private",     "protected",
                                         "public",        "register",    "reinterpret_cast",
                                         "requires",      "return",      "short",
                                         "signed",        "sizeof",      "static",
                                         "static_assert", "static_cast", "struct",
                                         "switch",        "template",    "this",
                                         "thread_local",  "throw",       "true",
                                         "try",           "typedef",     "typeid",
                                         "typename",      "union",       "unsigned",
                                         "using",         "virtual",     "void",
                                         "volatile",      "wchar_t",     "while",
                                         "xor",           "xor_eq",      "linux",
                                         "unix",          "errno",       "stdin",
                                         "stdout",        "stderr",      "assert",
                                         "major",         "minor",       "std",
                                         "armature",      "NULL",        "EOF"};

} // namespace

const std::set<std::string>& keywords() { return all_keywords; }

// "\ooo": a hexadecimal escape would go on into digits behind it.
std::string literal(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out.append(1, '\\').append(1, c);
        else if (byte < 0x20 || byte == 0x7f)
            out.append(1, '\\')
                .append(1, static_cast<char>('0' + (byte >> 6)))
                .append(1, static_cast<char>('0' + ((byte >> 3) & 7)))
                .append(1, static_cast<char>('0' + (byte & 7)));
        else
            out += c;
    }
    return out += '"';
}

std::string comment(const std::vector<std::string>& lines, std::string_view margin) {
    std::string out;
    for (const std::string& given : lines) {
        std::string line = comment_line(given);
        // g++ goes on with the next line after a backslash, even one with spaces behind it.
        line.erase(line.find_last_not_of(" \\") + 1);
        out.append(margin).append("///").append(line.empty() ? "" : " ").append(line).append("\n");
    }
    return out;
}

std::string single_line(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += static_cast<unsigned char>(c) < 0x20 || c == '\\' ? ' ' : c;
    return out;
}

} // namespace armature::client_gen::cpp_text
