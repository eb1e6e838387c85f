#include "core/characters.hpp"

#include <armature/core/etag.hpp>
#include <armature/core/http_date.hpp>

#include <algorithm>

namespace armature {
namespace {

// etagc: anything visible but the quote, which has no escape; bytes from 0x80 on included.
constexpr bool is_tag_character(char c) noexcept { return !is_control(c) && c != ' ' && c != '"'; }

// Takes the entity tag that `rest` starts with; nullopt and nothing taken if there is none.
std::optional<EntityTag> take_tag(std::string_view& rest) noexcept {
    EntityTag tag;
    tag.weak = rest.starts_with("W/");
    std::string_view text = rest.substr(tag.weak ? 2 : 0);
    if (!text.starts_with('"')) return std::nullopt;
    text.remove_prefix(1);
    std::size_t size = 0;
    while (size < text.size() && is_tag_character(text[size]))
        ++size;
    if (size == text.size() || text[size] != '"') return std::nullopt;
    tag.opaque = text.substr(0, size);
    rest = text.substr(size + 1);
    return tag;
}

using Equal = bool (*)(const EntityTag&, const EntityTag&) noexcept;

// Tags may hold commas, so a list is read tag by tag; what is malformed matches nothing.
bool list_has(std::string_view list, const EntityTag& wanted, Equal equal) noexcept {
    while (!list.empty()) {
        if (is_space(list.front()) || list.front() == ',') {
            list.remove_prefix(1);
        } else if (const auto tag = take_tag(list)) {
            if (equal(*tag, wanted)) return true;
        } else {
            list.remove_prefix(std::min(list.find(','), list.size()));
        }
    }
    return false;
}

// Whether the current representation is one of those that a field names: any at all for "*".
bool is_named(const Headers& request, Field field, const Validators& current,
              Equal equal) noexcept {
    if (!current.exists) return false;
    const auto tag = EntityTag::parse(current.etag);
    bool named = false;
    request.all(field, [&](std::string_view value) {
        named = named || trim(value) == "*" || (tag && list_has(value, *tag, equal));
    });
    return named;
}

std::optional<std::int64_t> date_in(const Headers& request, Field field) noexcept {
    const auto value = request.get(field);
    return value ? parse_http_date(trim(*value)) : std::nullopt;
}

bool selects_representation(Method method) noexcept {
    return method != Method::connect && method != Method::options && method != Method::trace;
}

} // namespace

std::optional<EntityTag> EntityTag::parse(std::string_view text) noexcept {
    const auto tag = take_tag(text);
    return text.empty() ? tag : std::nullopt;
}

bool strong_equal(const EntityTag& a, const EntityTag& b) noexcept {
    return !a.weak && !b.weak && a.opaque == b.opaque;
}

bool weak_equal(const EntityTag& a, const EntityTag& b) noexcept { return a.opaque == b.opaque; }

Precondition evaluate_preconditions(Method method, const Headers& request,
                                    const Validators& current) noexcept {
    if (!selects_representation(method)) return Precondition::proceed;
    if (request.contains(Field::if_match)) {
        if (!is_named(request, Field::if_match, current, strong_equal))
            return Precondition::precondition_failed;
    } else if (const auto date = date_in(request, Field::if_unmodified_since)) {
        if (current.last_modified && *current.last_modified > *date)
            return Precondition::precondition_failed;
    }
    const bool reads = method == Method::get || method == Method::head;
    if (request.contains(Field::if_none_match)) {
        if (!is_named(request, Field::if_none_match, current, weak_equal))
            return Precondition::proceed;
        return reads ? Precondition::not_modified : Precondition::precondition_failed;
    }
    if (!reads) return Precondition::proceed;
    const auto date = date_in(request, Field::if_modified_since);
    const bool unmodified = date && current.last_modified && *current.last_modified <= *date;
    return unmodified ? Precondition::not_modified : Precondition::proceed;
}

bool range_is_current(const Headers& request, const Validators& current) noexcept {
    const auto value = request.get(Field::if_range);
    if (!value) return true;
    if (const auto tag = EntityTag::parse(trim(*value))) {
        const auto current_tag = EntityTag::parse(current.etag);
        return current_tag && strong_equal(*tag, *current_tag);
    }
    const auto date = parse_http_date(trim(*value));
    return date && date == current.last_modified;
}

} // namespace armature
