#include "cli/openapi/reader.hpp"

#include <algorithm>
#include <cmath>

namespace armature::spec {

namespace {

// Keywords beside a $ref that only describe, and those that are none at all.
bool has_siblings(const Node& node) {
    return std::any_of(node.members.begin(), node.members.end(), [](const Node::Member& member) {
        return member.name != "$ref" && member.name != "$comment" && !member.name.starts_with("x-");
    });
}

std::optional<double> number_in(const Node& node, std::string_view name) {
    const Node* const value = node.find(name);
    return value != nullptr && value->is_number() ? std::optional(value->number()) : std::nullopt;
}

} // namespace

const Schema* Reader::schema_of(const Node& parent, std::string_view member) {
    const Node* const node = parent.find(member);
    return node != nullptr ? schema(*node) : nullptr;
}

std::vector<const Schema*> Reader::schema_list(const Node& node, std::string_view member) {
    std::vector<const Schema*> out;
    if (const Node* const list = node.find(member); list != nullptr && list->is_list())
        for (const Node& item : list->items)
            out.push_back(schema(item));
    return out;
}

const Schema* Reader::schema(const Node& node) {
    std::string name;
    if (const auto named = names_.find(&node); named != names_.end()) name = named->second;
    const Node* at = &node;
    std::set<const Node*> met;
    while (const Node* const reference = at->find("$ref")) {
        if (!reference->is_text()) break;
        if (has_siblings(*at)) {
            if (!version_.is_3_0()) break;
            if (checked_.insert(at).second)
                warn(*at, "reference-siblings", "3.0 ignores what stands beside a $ref",
                     "put the $ref into an \"allOf\", or raise the version to 3.1");
        }
        if (!met.insert(at).second) {
            error(*reference, "reference-cycle",
                  "the reference \"" + reference->text + "\" comes back to itself",
                  "let one of the references be what it means");
            return make_schema(Node(), "");
        }
        Target found = target(*reference, reference->text);
        if (found.node == nullptr) return make_schema(Node(), "");
        at = found.node;
        if (!found.name.empty()) name = std::move(found.name);
    }
    return make_schema(*at, std::move(name));
}

const Schema* Reader::make_schema(const Node& node, std::string name) {
    // A schema that isn't there allows anything.
    if (node.file == nullptr) {
        static const Node nowhere = [] {
            static const std::string file = "(missing)";
            Node map;
            map.kind = Node::Kind::map;
            map.file = &file;
            return map;
        }();
        return make_schema(nowhere, "");
    }
    const auto [place, is_new] = by_node_.try_emplace(&node);
    if (is_new) {
        place->second = &parts_.all_schemas.emplace_back();
        place->second->node = &node;
        unfilled_.push_back(place->second);
    }
    if (place->second->name.empty()) place->second->name = std::move(name);
    return place->second;
}

void Reader::fill_schemas() {
    while (!unfilled_.empty()) {
        Schema& next = *unfilled_.front();
        unfilled_.pop_front();
        fill(next);
    }
}

void Reader::fill(Schema& schema) {
    const Node& node = *schema.node;
    if (node.is_boolean()) {
        schema.is_never = !node.is_true();
        return;
    }
    check(node, "schema");
    if (!node.is_map()) return;
    const auto flag = [&](std::string_view name) {
        const Node* const value = node.find(name);
        return value != nullptr && value->is_true();
    };
    schema.title = node.text_of("title");
    schema.description = node.text_of("description");
    schema.format = node.text_of("format");
    schema.pattern = node.text_of("pattern");
    schema.content_media_type = node.text_of("contentMediaType");
    schema.content_encoding = node.text_of("contentEncoding");
    schema.read_only = flag("readOnly");
    schema.write_only = flag("writeOnly");
    schema.is_deprecated = flag("deprecated");
    schema.default_value = node.find("default");
    if (const Node* const examples = node.find("examples"))
        for (const Node& item : examples->items)
            schema.examples.push_back(&item);
    if (const Node* const example = node.find("example")) schema.examples.push_back(example);
    if (const Node* const values = node.find("enum"))
        for (const Node& item : values->items)
            schema.enumeration.push_back(&item);
    if (const Node* const value = node.find("const")) schema.enumeration.assign(1, value);

    fill_types(schema, node);
    fill_limits(schema, node);
    fill_object(schema, node);
    schema.items = schema_of(node, "items");
    schema.prefix_items = schema_list(node, "prefixItems");
    schema.all_of = schema_list(node, "allOf");
    schema.any_of = schema_list(node, "anyOf");
    schema.one_of = schema_list(node, "oneOf");
    schema.not_ = schema_of(node, "not");
    if (const Node* const reference = node.find("$ref"); reference != nullptr)
        if (const Target found = target(*reference, reference->text); found.node != nullptr) {
            // A reference to a reference, too.
            Schema* const self = &schema;
            const Schema* const to =
                found.node->find("$ref") != nullptr && !has_siblings(*found.node)
                    ? this->schema(*found.node)
                    : make_schema(*found.node, found.name);
            if (to != self) schema.all_of.insert(schema.all_of.begin(), to);
        }
    fill_discriminator(schema, node);
}

void Reader::fill_types(Schema& schema, const Node& node) {
    const auto add = [&](const Node& name) {
        const std::pair<std::string_view, Types::Type> known[] = {
            {"null", Types::null},     {"boolean", Types::boolean}, {"integer", Types::integer},
            {"number", Types::number}, {"string", Types::text},     {"array", Types::list},
            {"object", Types::map}};
        for (const auto& [word, type] : known)
            if (name.text == word && (type != Types::null || !version_.is_3_0()))
                return schema.types.add(type);
        error(name, "bad-value", "\"" + name.text + "\" is no type",
              name.text == "null"   ? "in 3.0, write \"nullable\": true"
              : name.text == "file" ? "write type string with format binary"
              : name.text == "any"  ? "leave \"type\" out"
                                    : "use string, number, integer, boolean, array or object");
    };
    if (const Node* const type = node.find("type")) {
        if (type->is_text()) add(*type);
        if (type->is_list()) {
            if (version_.is_3_0())
                error(*type, "wrong-type", "in 3.0 \"type\" is one text",
                      "use \"nullable\" or \"oneOf\", or raise the version to 3.1");
            for (const Node& item : type->items)
                add(item);
        }
    }
    const Node* const nullable = node.find("nullable");
    if (nullable != nullptr && !version_.is_3_0())
        warn(*nullable, "nullable-in-3.1", "\"nullable\" is no keyword from 3.1 on",
             "add \"null\" to \"type\"");
    const bool says_null = std::any_of(schema.enumeration.begin(), schema.enumeration.end(),
                                       [](const Node* value) { return value->is_null(); });
    schema.is_nullable = schema.types.has(Types::null) ||
                         (nullable != nullptr && nullable->is_true()) ||
                         (says_null && schema.types.is_any());
    if (schema.is_nullable && !schema.types.is_any()) schema.types.add(Types::null);
}

void Reader::fill_limits(Schema& schema, const Node& node) {
    const auto count = [&](std::string_view name) -> std::optional<std::uint64_t> {
        const Node* const value = node.find(name);
        if (value == nullptr || !value->is_number()) return std::nullopt;
        if (!value->is_integer() || value->number() < 0) {
            error(*value, "bad-value", "\"" + std::string(name) + "\" must be a count",
                  "use a natural number");
            return std::nullopt;
        }
        return value->number() >= 1e18 ? std::uint64_t{1'000'000'000'000'000'000}
                                       : static_cast<std::uint64_t>(value->number());
    };
    schema.minimum = number_in(node, "minimum");
    schema.maximum = number_in(node, "maximum");
    schema.exclusive_minimum = number_in(node, "exclusiveMinimum");
    schema.exclusive_maximum = number_in(node, "exclusiveMaximum");
    // 3.0: true makes the limit beside it exclusive.
    const auto exclude = [&](std::string_view name, std::optional<double>& limit,
                             std::optional<double>& exclusive) {
        const Node* const value = node.find(name);
        if (value == nullptr || !value->is_boolean()) return;
        if (!version_.is_3_0())
            error(*value, "wrong-type", "\"" + std::string(name) + "\" is a number from 3.1 on",
                  "write the limit here");
        if (value->is_true()) exclusive = std::exchange(limit, std::nullopt);
    };
    exclude("exclusiveMinimum", schema.minimum, schema.exclusive_minimum);
    exclude("exclusiveMaximum", schema.maximum, schema.exclusive_maximum);
    schema.multiple_of = number_in(node, "multipleOf");
    schema.min_length = count("minLength");
    schema.max_length = count("maxLength");
    schema.min_items = count("minItems");
    schema.max_items = count("maxItems");
    schema.min_properties = count("minProperties");
    schema.max_properties = count("maxProperties");
    const Node* const unique = node.find("uniqueItems");
    schema.unique_items = unique != nullptr && unique->is_true();
}

void Reader::fill_object(Schema& schema, const Node& node) {
    schema.required = texts_of(node.find("required"));
    if (const Node* const properties = node.find("properties"))
        for (const Node::Member& member : properties->members)
            schema.properties.push_back({member.name, this->schema(member.value),
                                         std::find(schema.required.begin(), schema.required.end(),
                                                   member.name) != schema.required.end()});
    if (const Node* const patterns = node.find("patternProperties"))
        for (const Node::Member& member : patterns->members)
            schema.pattern_properties.emplace_back(member.name, this->schema(member.value));
    const Node* more = node.find("additionalProperties");
    if (more == nullptr) more = node.find("unevaluatedProperties");
    if (more == nullptr) return;
    schema.says_additional = true;
    if (more->is_boolean())
        schema.allows_additional = more->is_true();
    else
        schema.additional = this->schema(*more);
}

void Reader::fill_discriminator(Schema& schema, const Node& node) {
    const Node* const written = node.find("discriminator");
    if (written == nullptr) return;
    check(*written, "discriminator");
    if (written->text_of("propertyName").empty()) return;
    Discriminator& to = schema.discriminator.emplace();
    to.property = written->text_of("propertyName");
    const Node* const mapping = written->find("mapping");
    if (mapping == nullptr) return;
    for (const Node::Member& member : mapping->members) {
        // The name of a schema in components, or a reference.
        const std::string& value = member.value.text;
        const Schema* found = nullptr;
        const auto named = std::find_if(names_.begin(), names_.end(),
                                        [&](const auto& one) { return one.second == value; });
        if (named != names_.end())
            found = this->schema(*named->first);
        else if (const Target at = target(member.value, value); at.node != nullptr)
            found = at.node->find("$ref") != nullptr ? this->schema(*at.node)
                                                     : make_schema(*at.node, at.name);
        if (found != nullptr) to.mapping.emplace_back(member.name, found);
    }
}

} // namespace armature::spec
