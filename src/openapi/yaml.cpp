#include "openapi/yaml.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace armature::detail {

namespace {

// Only text that no version of YAML reads as anything else goes without quotes.
bool is_plain(std::string_view text) {
    constexpr std::array<std::string_view, 10> taken{"true", "false", "null", "yes", "no",
                                                     "on",   "off",   "y",    "n",   "nan"};
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (text.empty() || !(is_letter(text.front()) || text.front() == '/')) return false;
    std::string lower;
    for (const char c : text) {
        const bool fits = is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                          c == '/' || c == '.' || c == ' ' || c == '+';
        if (!fits) return false;
        lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (text.back() == ' ') return false;
    return std::find(taken.begin(), taken.end(), lower) == taken.end();
}

// A JSON string is a double-quoted YAML scalar.
std::string scalar(const Node& node) {
    if (node.is_string() && is_plain(node.get_ref<const std::string&>()))
        return node.get<std::string>();
    return node.dump(-1, ' ', true);
}

bool is_block(const Node& node) { return node.is_structured() && !node.empty(); }

void write(std::string& out, const Node& node, std::size_t depth) {
    const std::string margin(2 * depth, ' ');
    bool is_first = true;
    if (node.is_object()) {
        for (const auto& [key, value] : node.items()) {
            // The first member of a list's item stands behind its dash.
            if (!is_first || out.empty() || out.back() == '\n') out += margin;
            is_first = false;
            out.append(is_plain(key) ? key : Node(key).dump(-1, ' ', true)).append(":");
            if (is_block(value)) {
                out += '\n';
                write(out, value, depth + 1);
            } else {
                out.append(" ").append(scalar(value)).append("\n");
            }
        }
        return;
    }
    for (const Node& item : node) {
        if (!is_first || out.empty() || out.back() == '\n') out += margin;
        is_first = false;
        out += "- ";
        if (is_block(item))
            write(out, item, depth + 1);
        else
            out.append(scalar(item)).append("\n");
    }
}

} // namespace

std::string to_yaml(const Node& node) {
    std::string out;
    if (is_block(node))
        write(out, node, 0);
    else
        out = scalar(node) + "\n";
    return out;
}

} // namespace armature::detail
