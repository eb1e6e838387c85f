#include "cli/openapi/document.hpp"

#include <algorithm>
#include <set>

namespace armature::spec {

namespace {

template <class T, class Better>
void narrow(std::optional<T>& limit, const std::optional<T>& other, Better better) {
    if (other && (!limit || better(*other, *limit))) limit = other;
}

bool says_nothing(const Schema& schema) {
    return schema.types.is_any() && !schema.is_never && schema.properties.empty() &&
           schema.all_of.empty() && schema.any_of.empty() && schema.one_of.empty() &&
           schema.enumeration.empty() && schema.items == nullptr;
}

void add(Schema& to, const Schema& part) {
    to.is_never |= part.is_never;
    if (to.types.is_any()) {
        to.types = part.types;
    } else if (!part.types.is_any()) {
        Types both;
        for (unsigned bit = 1; bit != 128; bit *= 2) {
            const auto type = static_cast<Types::Type>(bit);
            if (to.types.has(type) && part.types.has(type)) both.add(type);
        }
        const auto has_number = [](Types types) { return types.has(Types::number); };
        const auto has_integer = [](Types types) { return types.has(Types::integer); };
        if ((has_number(to.types) && has_integer(part.types)) ||
            (has_integer(to.types) && has_number(part.types)))
            both.add(Types::integer);
        to.is_never |= both.is_any();
        to.types = both;
    }
    const auto fill = [](std::string& text, const std::string& other) {
        if (text.empty()) text = other;
    };
    fill(to.title, part.title);
    fill(to.description, part.description);
    fill(to.format, part.format);
    fill(to.pattern, part.pattern);
    fill(to.content_media_type, part.content_media_type);
    fill(to.content_encoding, part.content_encoding);
    to.read_only |= part.read_only;
    to.write_only |= part.write_only;
    to.is_deprecated |= part.is_deprecated;
    for (const Property& property : part.properties) {
        const auto same =
            std::find_if(to.properties.begin(), to.properties.end(),
                         [&](const Property& one) { return one.name == property.name; });
        if (same == to.properties.end()) {
            to.properties.push_back(property);
        } else {
            same->is_required |= property.is_required;
            if (!says_nothing(*property.schema)) same->schema = property.schema;
        }
    }
    for (const std::string& name : part.required)
        if (std::find(to.required.begin(), to.required.end(), name) == to.required.end())
            to.required.push_back(name);
    to.allows_additional &= part.allows_additional;
    to.says_additional |= part.says_additional;
    if (part.additional != nullptr) to.additional = part.additional;
    to.pattern_properties.insert(to.pattern_properties.end(), part.pattern_properties.begin(),
                                 part.pattern_properties.end());
    if (part.items != nullptr) to.items = part.items;
    if (!part.prefix_items.empty()) to.prefix_items = part.prefix_items;
    to.unique_items |= part.unique_items;
    // A second choice stands in all_of, where it counts besides the first.
    const auto choose = [&](std::vector<const Schema*>& mine,
                            const std::vector<const Schema*>& other) {
        if (other.empty()) return;
        if (mine.empty())
            mine = other;
        else
            to.all_of.push_back(&part);
    };
    choose(to.any_of, part.any_of);
    choose(to.one_of, part.one_of);
    if (part.not_ != nullptr) to.not_ = part.not_;
    if (part.discriminator && !to.discriminator) to.discriminator = part.discriminator;
    if (!part.enumeration.empty()) to.enumeration = part.enumeration;
    if (part.default_value != nullptr) to.default_value = part.default_value;
    to.examples.insert(to.examples.end(), part.examples.begin(), part.examples.end());
    const auto less = [](auto a, auto b) { return a < b; };
    const auto more = [](auto a, auto b) { return a > b; };
    narrow(to.minimum, part.minimum, more);
    narrow(to.maximum, part.maximum, less);
    narrow(to.exclusive_minimum, part.exclusive_minimum, more);
    narrow(to.exclusive_maximum, part.exclusive_maximum, less);
    narrow(to.min_length, part.min_length, more);
    narrow(to.max_length, part.max_length, less);
    narrow(to.min_items, part.min_items, more);
    narrow(to.max_items, part.max_items, less);
    narrow(to.min_properties, part.min_properties, more);
    narrow(to.max_properties, part.max_properties, less);
    if (part.multiple_of) to.multiple_of = part.multiple_of;
}

void collect(const Schema& schema, std::set<const Schema*>& met,
             std::vector<const Schema*>& parts) {
    if (!met.insert(&schema).second || met.size() > 1000) return;
    for (const Schema* const part : schema.all_of)
        collect(*part, met, parts);
    parts.push_back(&schema);
}

} // namespace

Schema merged(const Schema& schema) {
    std::set<const Schema*> met;
    std::vector<const Schema*> parts;
    collect(schema, met, parts);
    Schema out;
    out.name = schema.name;
    out.node = schema.node;
    for (const Schema* const part : parts)
        add(out, *part);
    for (Property& property : out.properties)
        property.is_required |= std::find(out.required.begin(), out.required.end(),
                                          property.name) != out.required.end();
    // What an outer schema says of itself counts for it, not what a part says of itself.
    if (!schema.title.empty()) out.title = schema.title;
    if (!schema.description.empty()) out.description = schema.description;
    // 3.0 writes a nullable reference as an allOf of one with `nullable` beside it. Otherwise all
    // parts that name types have to allow null.
    const auto allows = [](const Schema* part) { return part->is_nullable; };
    out.is_nullable =
        schema.is_nullable || (std::any_of(parts.begin(), parts.end(), allows) &&
                               std::all_of(parts.begin(), parts.end(), [&](const Schema* part) {
                                   return part->is_nullable || part->types.is_any();
                               }));
    if (out.is_nullable && !out.types.is_any())
        out.types.add(Types::null);
    else if (!out.is_nullable)
        out.types.remove(Types::null);
    return out;
}

} // namespace armature::spec
