#include <armature/json/errors.hpp>

#include <algorithm>
#include <utility>

namespace armature {
namespace {

void append_pointer(std::string& out, const JsonPath* path) {
    if (!path) return;
    append_pointer(out, path->parent);
    out += '/';
    if (!path->key.data()) {
        out += std::to_string(path->index);
        return;
    }
    for (const char c : path->key) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
}

} // namespace

JsonErrors::JsonErrors() noexcept = default;
JsonErrors::JsonErrors(JsonErrors&&) noexcept = default;
JsonErrors& JsonErrors::operator=(JsonErrors&&) noexcept = default;
JsonErrors::~JsonErrors() = default;

bool JsonErrors::empty() const noexcept { return values_.empty() && !has_syntax_; }

void JsonErrors::add(std::string pointer, std::string detail) {
    if (values_.size() < capacity) values_.push_back({std::move(pointer), std::move(detail)});
}

void JsonErrors::add(const JsonPath* path, std::string detail) {
    if (values_.size() == capacity) return;
    std::string pointer;
    append_pointer(pointer, path);
    values_.push_back({std::move(pointer), std::move(detail)});
}

void JsonErrors::set_syntax(std::string_view text, std::size_t offset, std::string detail) {
    values_.clear();
    const std::string_view before = text.substr(0, offset);
    const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const std::string_view in_line = before.substr(before.rfind('\n') + 1);
    const auto column = static_cast<std::size_t>(
        std::count_if(in_line.begin(), in_line.end(), // continuation bytes of UTF-8 don't count
                      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    syntax_ = {offset, line + 1, column + 1, std::move(detail)};
    has_syntax_ = true;
}

} // namespace armature
