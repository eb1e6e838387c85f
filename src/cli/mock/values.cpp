#include "cli/mock/values.hpp"

#include "describe/formats.hpp"

#include <armature/core/base64.hpp>

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <unordered_map>
#include <utility>

namespace armature::cli::mock {

using spec::Node;
using spec::Schema;
using spec::Types;

json json_of(const Node& node) {
    switch (node.kind) {
    case Node::Kind::null:
        return nullptr;
    case Node::Kind::boolean:
        return node.is_true();
    case Node::Kind::number:
        return json::parse(node.text, nullptr, false);
    case Node::Kind::text:
        return node.text;
    case Node::Kind::list: {
        json list = json::array();
        for (const Node& item : node.items)
            list.push_back(json_of(item));
        return list;
    }
    case Node::Kind::map: {
        json map = json::object();
        for (const Node::Member& member : node.members)
            map[member.name] = json_of(member.value);
        return map;
    }
    }
    return nullptr;
}

bool matches(const std::string& pattern, std::string_view text) {
    // A document has few; each loop keeps its own, so that nobody waits.
    thread_local std::unordered_map<std::string, std::unique_ptr<const re2::RE2>> known;
    auto& compiled = known[pattern];
    if (!compiled) {
        re2::RE2::Options options;
        options.set_log_errors(false);
        compiled = std::make_unique<const re2::RE2>(pattern, options);
    }
    return !compiled->ok() || re2::RE2::PartialMatch({text.data(), text.size()}, *compiled);
}

namespace {

// What a document can nest by references to itself without any value to end it.
constexpr unsigned most_depth = 200;

bool is_whole(const json& value) {
    return value.is_number_integer() ||
           (value.is_number_float() && std::floor(value.get<double>()) == value.get<double>());
}

bool has_type(Types types, const json& value) {
    if (types.is_any()) return true;
    switch (value.type()) {
    case json::value_t::null:
        return types.has(Types::null);
    case json::value_t::boolean:
        return types.has(Types::boolean);
    case json::value_t::string:
        return types.has(Types::text);
    case json::value_t::array:
        return types.has(Types::list);
    case json::value_t::object:
        return types.has(Types::map);
    default:
        return types.has(Types::number) || (types.has(Types::integer) && is_whole(value));
    }
}

bool equals(const json& value, const Node& node) {
    switch (node.kind) {
    case Node::Kind::text:
        return value.is_string() && value.get_ref<const std::string&>() == node.text;
    case Node::Kind::null:
        return value.is_null();
    case Node::Kind::boolean:
        return value.is_boolean() && value.get<bool>() == node.is_true();
    case Node::Kind::number:
        return value.is_number() && value.get<double>() == node.number();
    default:
        return value == json_of(node);
    }
}

std::string text_of(double number) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    return {text, end};
}

// As an element of a JSON pointer (RFC 6901).
std::string escaped(std::string_view name) {
    std::string text;
    for (const char c : name) {
        if (c == '~')
            text += "~0";
        else if (c == '/')
            text += "~1";
        else
            text += c;
    }
    return text;
}

class Checker {
  public:
    Checker(Direction direction, std::vector<Fault>& faults)
        : direction_(direction), faults_(faults) {}

    void check(const Schema& schema, const json& value, const std::string& at) {
        if (is_full() || depth_ >= most_depth) return;
        ++depth_;
        check_all(schema, value, at);
        --depth_;
    }

  private:
    [[nodiscard]] bool is_full() const { return faults_.size() >= most_faults; }
    void add(const std::string& at, const char* keyword, std::string message) {
        if (!is_full()) faults_.push_back({at, keyword, std::move(message)});
    }
    [[nodiscard]] bool fits(const Schema& schema, const json& value) const {
        if (depth_ >= most_depth) return true;
        std::vector<Fault> found;
        Checker inner{direction_, found};
        inner.depth_ = depth_;
        inner.check(schema, value, "");
        return found.empty();
    }

    void check_all(const Schema& schema, const json& value, const std::string& at) {
        if (schema.is_never) return add(at, "false schema", "must not be there");
        if (value.is_null() && schema.allows_null()) return;
        if (!has_type(schema.types, value)) {
            std::string names;
            for (const std::string_view name : schema.types.names())
                names.append(names.empty() ? "" : ",").append(name);
            return add(at, "type", "must be " + names);
        }
        if (!schema.enumeration.empty() &&
            std::none_of(schema.enumeration.begin(), schema.enumeration.end(),
                         [&](const Node* node) { return equals(value, *node); })) {
            std::string names;
            for (const Node* node : schema.enumeration)
                names.append(names.empty() ? "" : ", ").append(to_json(*node));
            add(at, "enum", "must be equal to one of the allowed values: " + names);
        }
        if (value.is_string())
            check_text(schema, value.get_ref<const std::string&>(), at);
        else if (value.is_number())
            check_number(schema, value.get<double>(), at);
        else if (value.is_array())
            check_list(schema, value, at);
        else if (value.is_object())
            check_map(schema, value, at);
        check_choices(schema, value, at);
    }

    void check_text(const Schema& schema, const std::string& text, const std::string& at) {
        if (schema.min_length || schema.max_length) {
            const auto size = static_cast<std::uint64_t>(
                std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
            if (schema.min_length && size < *schema.min_length)
                add(at, "minLength",
                    "must NOT have fewer than " + std::to_string(*schema.min_length) +
                        " characters");
            if (schema.max_length && size > *schema.max_length)
                add(at, "maxLength",
                    "must NOT have more than " + std::to_string(*schema.max_length) +
                        " characters");
        }
        if (!schema.pattern.empty() && !matches(schema.pattern, text))
            add(at, "pattern", "must match pattern \"" + schema.pattern + '"');
        if (schema.format.empty()) return;
        if (schema.format == "byte") {
            if (!from_base64(text)) add(at, "format", "must match format \"byte\"");
            return;
        }
        const auto* const format = armature::detail::find_format(schema.format);
        if (format != nullptr && !format->has(text))
            add(at, "format", "must match format \"" + schema.format + '"');
    }

    void check_number(const Schema& schema, double number, const std::string& at) {
        const auto bound = [&](const std::optional<double>& limit, const char* keyword,
                               const char* sign, auto holds) {
            if (limit && !holds(number, *limit))
                add(at, keyword, std::string{"must be "} + sign + ' ' + text_of(*limit));
        };
        bound(schema.minimum, "minimum", ">=", std::greater_equal<>{});
        bound(schema.maximum, "maximum", "<=", std::less_equal<>{});
        bound(schema.exclusive_minimum, "exclusiveMinimum", ">", std::greater<>{});
        bound(schema.exclusive_maximum, "exclusiveMaximum", "<", std::less<>{});
        if (schema.multiple_of && *schema.multiple_of > 0) {
            const double times = number / *schema.multiple_of;
            if (std::abs(times - std::round(times)) > 1e-9 * std::max(1.0, std::abs(times)))
                add(at, "multipleOf", "must be multiple of " + text_of(*schema.multiple_of));
        }
        if (schema.format == "int32" && (number < -2147483648.0 || number > 2147483647.0))
            add(at, "format", "must match format \"int32\"");
    }

    void check_list(const Schema& schema, const json& list, const std::string& at) {
        if (schema.min_items && list.size() < *schema.min_items)
            add(at, "minItems",
                "must NOT have fewer than " + std::to_string(*schema.min_items) + " items");
        if (schema.max_items && list.size() > *schema.max_items)
            add(at, "maxItems",
                "must NOT have more than " + std::to_string(*schema.max_items) + " items");
        if (schema.unique_items) {
            std::vector<const json*> items;
            for (const json& item : list)
                items.push_back(&item);
            const auto less = [](const json* a, const json* b) { return *a < *b; };
            std::sort(items.begin(), items.end(), less);
            if (std::adjacent_find(items.begin(), items.end(), [](const json* a, const json* b) {
                    return *a == *b;
                }) != items.end())
                add(at, "uniqueItems", "must NOT have duplicate items");
        }
        for (std::size_t i = 0; i < list.size(); ++i) {
            const Schema* const item =
                i < schema.prefix_items.size() ? schema.prefix_items[i] : schema.items;
            if (item != nullptr) check(*item, list[i], at + '/' + std::to_string(i));
        }
    }

    void check_map(const Schema& schema, const json& map, const std::string& at) {
        for (const std::string& name : schema.required) {
            if (map.contains(name)) continue;
            const spec::Property* const property = schema.find(name);
            if (property != nullptr && property->schema != nullptr &&
                (direction_ == Direction::request ? property->schema->read_only
                                                  : property->schema->write_only))
                continue;
            add(at, "required", "must have required property '" + name + "'");
        }
        if (schema.min_properties && map.size() < *schema.min_properties)
            add(at, "minProperties",
                "must NOT have fewer than " + std::to_string(*schema.min_properties) +
                    " properties");
        if (schema.max_properties && map.size() > *schema.max_properties)
            add(at, "maxProperties",
                "must NOT have more than " + std::to_string(*schema.max_properties) +
                    " properties");
        for (const auto& [name, value] : map.items()) {
            const std::string inside = at + '/' + escaped(name);
            bool is_known = false;
            if (const spec::Property* const property = schema.find(name)) {
                is_known = true;
                if (property->schema != nullptr) check(*property->schema, value, inside);
            }
            for (const auto& [pattern, of_pattern] : schema.pattern_properties) {
                if (!matches(pattern, name)) continue;
                is_known = true;
                if (of_pattern != nullptr) check(*of_pattern, value, inside);
            }
            if (is_known) continue;
            if (!schema.allows_additional)
                add(at, "additionalProperties",
                    "must NOT have additional properties: '" + name + "'");
            else if (schema.additional != nullptr)
                check(*schema.additional, value, inside);
        }
    }

    void check_choices(const Schema& schema, const json& value, const std::string& at) {
        for (const Schema* part : schema.all_of)
            check(*part, value, at);
        if (!schema.any_of.empty()) check_choice(schema, schema.any_of, false, value, at);
        if (!schema.one_of.empty()) check_choice(schema, schema.one_of, true, value, at);
        if (schema.not_ != nullptr && fits(*schema.not_, value))
            add(at, "not", "must NOT be valid");
    }

    void check_choice(const Schema& schema, const std::vector<const Schema*>& choices, bool only,
                      const json& value, const std::string& at) {
        if (schema.discriminator && value.is_object()) {
            const auto tag = value.find(schema.discriminator->property);
            if (tag == value.end() || !tag->is_string())
                return add(at, "required",
                           "must have required property '" + schema.discriminator->property + "'");
            for (const Schema* choice : choices) {
                const auto tags = schema.discriminator->tags_of(*choice);
                if (std::find(tags.begin(), tags.end(), tag->get<std::string>()) != tags.end())
                    return check(*choice, value, at);
            }
            return add(at + '/' + escaped(schema.discriminator->property), "discriminator",
                       "value must be one of the tags of the alternatives");
        }
        const auto fitting = std::count_if(choices.begin(), choices.end(),
                                           [&](const Schema* one) { return fits(*one, value); });
        if (fitting == 1 || (fitting > 1 && !only)) return;
        if (fitting > 1) return add(at, "oneOf", "must match exactly one schema in oneOf");
        // What is wrong with the only alternative of the value's type says more.
        const Schema* likely = nullptr;
        std::size_t candidates = 0;
        for (const Schema* choice : choices)
            if (has_type(choice->types, value)) {
                likely = choice;
                ++candidates;
            }
        if (candidates == 1) return check(*likely, value, at);
        add(at, only ? "oneOf" : "anyOf",
            only ? "must match exactly one schema in oneOf" : "must match a schema in anyOf");
    }

    Direction direction_;
    std::vector<Fault>& faults_;
    unsigned depth_ = 0;
};

} // namespace

void check(const Schema& schema, const json& value, Direction direction,
           std::vector<Fault>& faults) {
    Checker{direction, faults}.check(schema, value, "");
}

bool fits(const Schema& schema, const json& value, Direction direction) {
    std::vector<Fault> faults;
    check(schema, value, direction, faults);
    return faults.empty();
}

json value_of_text(const Schema& schema, std::string_view text) {
    json plain = std::string{text};
    if (fits(schema, plain, Direction::request)) return plain;
    // Only what JSON would write without quotes can mean something else.
    const json other = json::parse(text, nullptr, false);
    const bool is_other = !other.is_discarded() && !other.is_structured() && !other.is_string();
    if (is_other && fits(schema, other, Direction::request)) return other;
    // Neither fits: the one that the type asks for has the better faults.
    if (is_other && !schema.types.is_any() && !schema.types.has(Types::text) &&
        has_type(schema.types, other))
        return other;
    return plain;
}

} // namespace armature::cli::mock
