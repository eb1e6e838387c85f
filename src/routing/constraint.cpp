#include "routing/constraint.hpp"

#include <re2/re2.h>

#include <algorithm>

namespace armature {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_alnum(char c) { return is_digit(c) || is_alpha(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool all(std::string_view text, bool (*predicate)(char)) {
    return !text.empty() && std::all_of(text.begin(), text.end(), predicate);
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
}

} // namespace

bool Constraint::accepts_constrained(std::string_view segment) const noexcept {
    switch (kind) {
    case ParamKind::uuid:
        return is_uuid(segment);
    case ParamKind::uint:
        return all(segment, is_digit);
    case ParamKind::int_:
        return all(segment.substr(segment.starts_with('-') ? 1 : 0), is_digit);
    case ParamKind::hex:
        return all(segment, is_hex);
    case ParamKind::alpha:
        return all(segment, is_alpha);
    case ParamKind::alnum:
        return all(segment, is_alnum);
    case ParamKind::regex:
        return !segment.empty() &&
               RE2::FullMatch(re2::StringPiece{segment.data(), segment.size()}, *regex);
    case ParamKind::any:
        return !segment.empty();
    case ParamKind::wildcard:
        return true;
    }
    return false;
}

} // namespace armature
