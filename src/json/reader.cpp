#include "json/scan.hpp"

#include <armature/json/read.hpp>

#include <algorithm>
#include <bit>

namespace armature {
namespace {

// What a character is, for people.
std::string describe_character(const char* p, const char* end) {
    if (p == end) return "the end of the text";
    const auto byte = static_cast<unsigned char>(*p);
    if (byte >= 0x20 && byte < 0x7F) return std::string("'") + *p + "'";
    constexpr char digits[] = "0123456789ABCDEF";
    return std::string("byte 0x") + digits[byte >> 4] + digits[byte & 15];
}

const char* kind_of_value(char first) noexcept {
    switch (first) {
    case '{':
        return "an object";
    case '[':
        return "an array";
    case '"':
        return "a string";
    case 't':
    case 'f':
        return "a boolean";
    case 'n':
        return "null";
    default:
        return "a number";
    }
}

} // namespace

JsonReader::JsonReader(std::string_view text, JsonErrors& errors) noexcept
    : position_(text.data()), begin_(text.data()), end_(text.data() + text.size()),
      errors_(errors) {}

std::string_view JsonReader::rest() noexcept {
    skip_space();
    return {position_, static_cast<std::size_t>(end_ - position_)};
}

JsonStatus JsonReader::malformed(const char* position, std::string detail) {
    errors_.set_syntax({begin_, static_cast<std::size_t>(end_ - begin_)},
                       static_cast<std::size_t>(position - begin_), std::move(detail));
    return JsonStatus::malformed;
}

JsonStatus JsonReader::expected(const char* what) {
    return malformed(position_, std::string("expected ") + what + ", found " +
                                    describe_character(position_, end_));
}

JsonStatus JsonReader::invalid(std::string detail) {
    errors_.add(path_, std::move(detail));
    return JsonStatus::invalid;
}

JsonStatus JsonReader::mismatch(const char* wanted) {
    skip_space();
    const char first = position_ == end_ ? ' ' : *position_;
    if (const JsonStatus status = skip_value(); status != JsonStatus::ok) return status;
    return invalid(std::string("must be ") + wanted + ", not " + kind_of_value(first));
}

JsonStatus JsonReader::take_word(std::string_view word) {
    const auto rest_size = static_cast<std::size_t>(end_ - position_);
    const char* const here = position_;
    for (std::size_t i = 0; i != word.size(); ++i, ++position_)
        if (i == rest_size || here[i] != word[i]) {
            const std::string quoted = "'" + std::string(word) + "'";
            return expected(quoted.c_str());
        }
    return JsonStatus::ok;
}

bool JsonReader::take_null() noexcept {
    if (!next_is('n') || end_ - position_ < 4 || std::string_view(position_, 4) != "null")
        return false;
    position_ += 4;
    return true;
}

JsonStatus JsonReader::finish() {
    skip_space();
    return position_ == end_ ? JsonStatus::ok : expected("the end of the text");
}

JsonStatus JsonReader::read_boolean(bool& out) {
    if (next_is('t')) {
        out = true;
        return take_word("true");
    }
    if (next_is('f')) {
        out = false;
        return take_word("false");
    }
    return mismatch("a boolean");
}

// At a bracket that opens an array or an object.
JsonStatus JsonReader::enter() {
    if (++depth_ > max_depth)
        return malformed(position_, "nested deeper than " + std::to_string(max_depth) + " levels");
    ++position_;
    skip_space();
    return JsonStatus::ok;
}

// After the last item.
JsonStatus JsonReader::take_bracket(char bracket) {
    if (!next_is(bracket)) return expected(bracket == '}' ? "',' or '}'" : "',' or ']'");
    ++position_;
    --depth_;
    return JsonStatus::ok;
}

// The name of a member and the colon. The view ends with the next read.
JsonStatus JsonReader::take_key(std::string_view& key) {
    if (!next_is('"')) return expected("a member's name in quotes");
    if (take_string(key, scratch_) != JsonStatus::ok) return JsonStatus::malformed;
    if (!next_is(':')) return expected("':'");
    ++position_;
    return JsonStatus::ok;
}

// `index` comes in as a guess, because members mostly arrive in the order of the description; it
// goes out as the field's, or as the number of fields for a name that isn't one.
JsonStatus JsonReader::take_field(const detail::JsonFields& fields, std::size_t& index) {
    skip_space();
    if (index < fields.size) {
        const std::string_view key = fields.fields[index].key;
        if (static_cast<std::size_t>(end_ - position_) >= key.size() &&
            detail::equal_bytes(position_, key.data(), key.size())) {
            position_ += key.size();
            return JsonStatus::ok;
        }
    }
    std::string_view key;
    if (take_key(key) != JsonStatus::ok) return JsonStatus::malformed;
    for (index = 0; index != fields.size; ++index)
        if (fields.fields[index].name() == key) break;
    return JsonStatus::ok;
}

JsonStatus JsonReader::read_object(void* object, const detail::JsonFields& fields) {
    if (!next_is('{')) return mismatch("an object");
    if (enter() != JsonStatus::ok) return JsonStatus::malformed;
    JsonPath step{path_, {}, 0};
    path_ = &step;
    JsonStatus result = JsonStatus::ok;
    std::uint64_t seen = 0;
    std::size_t index = 0;
    for (bool is_more = !next_is('}'); is_more; is_more = take_comma()) {
        if (take_field(fields, index) != JsonStatus::ok) return JsonStatus::malformed;
        JsonStatus status;
        if (index == fields.size) {
            status = skip_value();
            index = 0;
        } else {
            const detail::JsonField& field = fields.fields[index];
            const std::uint64_t bit = std::uint64_t{1} << index;
            step.key = field.name();
            if (seen & bit) {
                result = invalid("must not be given twice");
                status = skip_value();
            } else {
                status = field.read(*this, object);
            }
            seen |= bit;
            ++index;
        }
        if (status == JsonStatus::malformed) return status;
        result = std::max(result, status);
    }
    if (take_bracket('}') != JsonStatus::ok) return JsonStatus::malformed;
    for (std::uint64_t missing = fields.required & ~seen; missing; missing &= missing - 1) {
        step.key = fields.fields[std::countr_zero(missing)].name();
        result = invalid("is required");
    }
    path_ = step.parent;
    return result;
}

// At the discriminator's value.
JsonStatus JsonReader::read_tag(const detail::JsonAlternative* alternatives, std::size_t count,
                                const detail::JsonAlternative*& found) {
    if (!next_is('"')) return mismatch("a string");
    std::string_view tag;
    if (take_string(tag, scratch_) != JsonStatus::ok) return JsonStatus::malformed;
    for (std::size_t i = 0; i != count; ++i)
        if (alternatives[i].tag == tag) {
            found = &alternatives[i];
            return JsonStatus::ok;
        }
    std::string detail = "must be one of ";
    for (std::size_t i = 0; i != count; ++i)
        (detail += i ? ", " : "") += alternatives[i].tag;
    return invalid(std::move(detail));
}

// Looks ahead: reading is where it was then, unless the text is malformed.
JsonStatus JsonReader::find_alternative(std::string_view discriminator,
                                        const detail::JsonAlternative* alternatives,
                                        std::size_t count, const detail::JsonAlternative*& found) {
    const char* const start = position_;
    if (enter() != JsonStatus::ok) return JsonStatus::malformed;
    JsonPath step{path_, discriminator, 0};
    path_ = &step;
    JsonStatus result = JsonStatus::invalid;
    bool is_found = false;
    for (bool is_more = !next_is('}'); is_more; is_more = !is_found && take_comma()) {
        std::string_view key;
        if (take_key(key) != JsonStatus::ok) return JsonStatus::malformed;
        is_found = key == discriminator;
        const JsonStatus status = is_found ? read_tag(alternatives, count, found) : skip_value();
        if (status == JsonStatus::malformed) return status;
        if (is_found) result = status;
    }
    if (is_found)
        --depth_;
    else if (take_bracket('}') != JsonStatus::ok)
        return JsonStatus::malformed;
    else
        result = invalid("is required");
    position_ = start;
    path_ = step.parent;
    return result;
}

JsonStatus JsonReader::read_variant(void* variant, std::string_view discriminator,
                                    const detail::JsonAlternative* alternatives,
                                    std::size_t count) {
    if (!next_is('{')) return mismatch("an object");
    const detail::JsonAlternative* found = nullptr;
    const JsonStatus status = find_alternative(discriminator, alternatives, count, found);
    if (status == JsonStatus::ok) return read_object(found->emplace(variant), found->fields);
    if (status == JsonStatus::invalid && skip_value() != JsonStatus::ok)
        return JsonStatus::malformed;
    return status;
}

JsonStatus JsonReader::read_map(void* map, bool (*item)(JsonReader&, void* map, JsonPath& step,
                                                        JsonStatus& status)) {
    if (!next_is('{')) return mismatch("an object");
    if (enter() != JsonStatus::ok) return JsonStatus::malformed;
    JsonPath step{path_, {}, 0};
    path_ = &step;
    JsonStatus result = JsonStatus::ok;
    for (bool is_more = !next_is('}'); is_more; is_more = take_comma()) {
        skip_space();
        if (take_key(step.key) != JsonStatus::ok) return JsonStatus::malformed;
        JsonStatus status = JsonStatus::ok;
        if (!item(*this, map, step, status)) {
            result = invalid("must not be given twice");
            status = skip_value();
        }
        if (status == JsonStatus::malformed) return status;
        result = std::max(result, status);
    }
    if (take_bracket('}') != JsonStatus::ok) return JsonStatus::malformed;
    path_ = step.parent;
    return result;
}

JsonStatus JsonReader::read_list(void* list,
                                 JsonStatus (*item)(JsonReader&, void* list, std::size_t index),
                                 std::size_t exact) {
    if (!next_is('[')) return mismatch("an array");
    if (enter() != JsonStatus::ok) return JsonStatus::malformed;
    JsonPath step{path_, {}, 0};
    path_ = &step;
    JsonStatus result = JsonStatus::ok;
    for (bool is_more = !next_is(']'); is_more; is_more = take_comma()) {
        const JsonStatus status = item(*this, list, step.index);
        if (status == JsonStatus::malformed) return status;
        result = std::max(result, status);
        ++step.index;
    }
    if (take_bracket(']') != JsonStatus::ok) return JsonStatus::malformed;
    path_ = step.parent;
    if (exact != any_count && step.index != exact)
        return invalid("must hold exactly " + std::to_string(exact) + " items");
    return result;
}

JsonStatus JsonReader::skip_value() {
    skip_space();
    switch (position_ == end_ ? '\0' : *position_) {
    case '{': {
        constexpr detail::JsonFields none{nullptr, 0, 0};
        return read_object(nullptr, none);
    }
    case '[':
        return read_list(
            nullptr, [](JsonReader& reader, void*, std::size_t) { return reader.skip_value(); });
    case '"': {
        std::string_view view;
        return take_string(view, scratch_);
    }
    case 't':
        return take_word("true");
    case 'f':
        return take_word("false");
    case 'n':
        return take_word("null");
    default:
        return skip_number();
    }
}

JsonStatus check_json(std::string_view text, JsonErrors& errors) {
    JsonReader reader(text, errors);
    const JsonStatus status = reader.skip_value();
    return status == JsonStatus::ok ? reader.finish() : status;
}

} // namespace armature