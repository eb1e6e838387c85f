#include "cli/openapi/node.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace armature::spec {

namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.append(1, '\\').append(1, c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (byte < 0x20) {
            constexpr std::string_view digits = "0123456789abcdef";
            out.append("\\u00").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        } else {
            out += c;
        }
    }
    return out += '"';
}

void break_line(std::string& out, unsigned indent, unsigned depth) {
    if (indent != 0) out.append(1, '\n').append(std::size_t{indent} * depth, ' ');
}

void write(std::string& out, const Node& node, unsigned indent, unsigned depth) {
    switch (node.kind) {
    case Node::Kind::null:
        out += "null";
        return;
    case Node::Kind::boolean:
    case Node::Kind::number:
        out += node.text;
        return;
    case Node::Kind::text:
        out += quoted(node.text);
        return;
    case Node::Kind::list:
        out += '[';
        for (const Node& item : node.items) {
            if (&item != node.items.data()) out += ',';
            break_line(out, indent, depth + 1);
            write(out, item, indent, depth + 1);
        }
        if (!node.items.empty()) break_line(out, indent, depth);
        out += ']';
        return;
    case Node::Kind::map:
        out += '{';
        for (const Node::Member& member : node.members) {
            if (&member != node.members.data()) out += ',';
            break_line(out, indent, depth + 1);
            out.append(quoted(member.name)).append(indent == 0 ? ":" : ": ");
            write(out, member.value, indent, depth + 1);
        }
        if (!node.members.empty()) break_line(out, indent, depth);
        out += '}';
        return;
    }
}

} // namespace

const Node* Node::find(std::string_view name) const noexcept {
    for (const Member& member : members)
        if (member.name == name) return &member.value;
    return nullptr;
}

std::string_view Node::text_of(std::string_view name) const noexcept {
    const Node* value = find(name);
    return value != nullptr && value->is_text() ? std::string_view(value->text)
                                                : std::string_view();
}

double Node::number() const noexcept {
    double value = 0;
    if (is_number() && std::from_chars(text.data(), text.data() + text.size(), value).ec ==
                           std::errc::result_out_of_range)
        value = text.starts_with('-') ? -HUGE_VAL : HUGE_VAL;
    return value;
}

bool Node::is_integer() const noexcept {
    if (!is_number()) return false;
    if (text.find_first_of(".eE") == text.npos) return true;
    const double value = number();
    return std::isfinite(value) && value == std::trunc(value);
}

std::string Node::place() const { return *file + ":" + std::to_string(line); }

bool operator==(const Node& a, const Node& b) {
    if (a.kind != b.kind) return false;
    switch (a.kind) {
    case Node::Kind::null:
        return true;
    case Node::Kind::number:
        return a.text == b.text || a.number() == b.number();
    case Node::Kind::boolean:
    case Node::Kind::text:
        return a.text == b.text;
    case Node::Kind::list:
        return a.items == b.items;
    case Node::Kind::map:
        return a.members.size() == b.members.size() &&
               std::all_of(a.members.begin(), a.members.end(), [&](const Node::Member& member) {
                   const Node* other = b.find(member.name);
                   return other != nullptr && member.value == *other;
               });
    }
    return false;
}

std::string to_json(const Node& node, unsigned indent) {
    std::string out;
    write(out, node, indent, 0);
    return out;
}

} // namespace armature::spec
