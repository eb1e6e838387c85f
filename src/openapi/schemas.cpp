#include "openapi/schemas.hpp"

#include <limits>

namespace armature::detail {

namespace {

Node reference_node(const std::string& name) {
    return Node{{"$ref", "#/components/schemas/" + name}};
}

template <class T>
bool fits(const TypeInfo& type) {
    return type.least >= std::numeric_limits<T>::min() &&
           type.greatest <= static_cast<std::uint64_t>(std::numeric_limits<T>::max());
}

// The format says the range of the usual types; bounds are for the others.
Node integer(const TypeInfo& type) {
    Node node{{"type", "integer"}};
    const bool small = fits<std::int32_t>(type);
    if (small || fits<std::int64_t>(type)) node["format"] = small ? "int32" : "int64";
    const std::int64_t least =
        small ? std::numeric_limits<std::int32_t>::min() : std::numeric_limits<std::int64_t>::min();
    const auto greatest =
        static_cast<std::uint64_t>(small ? std::numeric_limits<std::int32_t>::max()
                                         : std::numeric_limits<std::int64_t>::max());
    if (type.least != least) node["minimum"] = type.least;
    if (type.greatest != greatest) node["maximum"] = type.greatest;
    return node;
}

void add_rule(Node& node, const Rule& rule) {
    const auto number = [&](const char* keyword) {
        if (rule.is_real)
            node[keyword] = rule.real;
        else
            node[keyword] = rule.integer;
    };
    switch (rule.kind) {
    case RuleKind::min:
        return number("minimum");
    case RuleKind::exclusive_min:
        return number("exclusiveMinimum");
    case RuleKind::max:
        return number("maximum");
    case RuleKind::exclusive_max:
        return number("exclusiveMaximum");
    case RuleKind::multiple_of:
        return number("multipleOf");
    case RuleKind::min_length:
        return number("minLength");
    case RuleKind::max_length:
        return number("maxLength");
    case RuleKind::pattern:
        node["pattern"] = rule.text;
        return;
    case RuleKind::format:
        node["format"] = rule.text;
        return;
    case RuleKind::min_items:
        return number("minItems");
    case RuleKind::max_items:
        return number("maxItems");
    case RuleKind::unique_items:
        node["uniqueItems"] = true;
        return;
    }
}

void add_notes(Node& node, const MemberInfo& member) {
    const MemberNotes& notes = member.notes;
    if (!notes.title.empty()) node["title"] = notes.title;
    if (!notes.description.empty()) node["description"] = notes.description;
    if (notes.defaulted && member.initial != nullptr) {
        const Node initial = SchemaSet::literal(member.initial());
        if (!initial.is_discarded()) node["default"] = initial;
    }
    if (notes.read_only) node["readOnly"] = true;
    if (notes.write_only) node["writeOnly"] = true;
    if (notes.deprecated) node["deprecated"] = true;
    const Node example = SchemaSet::literal(notes.example);
    if (!example.is_discarded()) node["examples"] = Node::array({example});
}

// What a name in a document may have; a template's "Page<User>" becomes "Page_User".
std::string plain_name(std::string_view name) {
    std::string plain;
    for (const char c : name) {
        const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
        if (kept)
            plain += c;
        else if (!plain.empty() && plain.back() != '_')
            plain += '_';
    }
    while (!plain.empty() && plain.back() == '_')
        plain.pop_back();
    return plain.empty() ? "Schema" : plain;
}

} // namespace

Node SchemaSet::literal(const Literal& value) {
    switch (value.kind) {
    case Literal::Kind::none:
        break;
    case Literal::Kind::boolean:
        return value.boolean;
    case Literal::Kind::integer:
        return value.integer;
    case Literal::Kind::natural:
        return value.natural;
    case Literal::Kind::real:
        return value.real;
    case Literal::Kind::text:
        return value.text;
    case Literal::Kind::json:
        return Node::parse(value.text, nullptr, false);
    }
    return Node(Node::value_t::discarded);
}

const TypeInfo* SchemaSet::without_optional(const TypeInfo* type) noexcept {
    while (type != nullptr && type->kind == ValueKind::optional)
        type = type->item;
    return type;
}

Node SchemaSet::schema_of(const TypeInfo* type) {
    if (type == nullptr) return Node::object();
    switch (type->kind) {
    case ValueKind::unsupported:
        return Node::object();
    case ValueKind::boolean:
        return Node{{"type", "boolean"}};
    case ValueKind::integer:
        return integer(*type);
    case ValueKind::real:
        return Node{{"type", "number"}, {"format", type->format}};
    case ValueKind::text:
        return Node{{"type", "string"}};
    case ValueKind::formatted: {
        Node node{{"type", "string"}};
        if (!type->format.empty()) node["format"] = type->format;
        if (!type->pattern.empty()) node["pattern"] = type->pattern;
        return node;
    }
    case ValueKind::optional: {
        Node node = schema_of(type->item);
        if (!node.contains("type") || !node["type"].is_string())
            return node.empty()
                       ? node
                       : Node{{"anyOf", Node::array({std::move(node), {{"type", "null"}}})}};
        node["type"] = Node::array({node["type"], "null"});
        return node;
    }
    case ValueKind::list: {
        Node node{{"type", "array"}, {"items", schema_of(type->item)}};
        if (type->exact_items != TypeInfo::any_count) {
            node["minItems"] = type->exact_items;
            node["maxItems"] = type->exact_items;
        }
        return node;
    }
    case ValueKind::map:
        return Node{{"type", "object"}, {"additionalProperties", schema_of(type->item)}};
    case ValueKind::enumeration:
    case ValueKind::object:
    case ValueKind::variant:
        return reference(*type);
    }
    return Node::object();
}

Node SchemaSet::schema_of(const MemberInfo& member) {
    Node node = schema_of(member.type);
    for (const Rule& rule : member.rules)
        add_rule(node, rule);
    add_notes(node, member);
    return node;
}

Node SchemaSet::schema_of_present(const MemberInfo& member) {
    MemberInfo present = member;
    present.type = without_optional(member.type);
    return schema_of(present);
}

Node SchemaSet::reference(const TypeInfo& type) {
    if (const auto known = name_of_.find(&type); known != name_of_.end())
        return reference_node(known->second);
    const std::string name = free_name(plain_name(type.name));
    name_of_.emplace(&type, name);
    named_.emplace(name, Node()); // before its members: it may contain itself
    Node node;
    if (type.kind == ValueKind::enumeration) {
        node = Node{{"type", "string"}, {"enum", Node::array()}};
        for (const EnumName& enumerator : type.enumerators)
            node["enum"].push_back(enumerator.name);
    } else {
        node = type.kind == ValueKind::variant ? variant(type) : object(type);
    }
    named_[name] = std::move(node);
    return reference_node(name);
}

Node SchemaSet::object(const TypeInfo& type) {
    Node node{{"type", "object"}};
    Node required = Node::array();
    for (const MemberInfo& member : type.members)
        if (member.required) required.push_back(member.name);
    if (!required.empty()) node["required"] = std::move(required);
    Node& properties = node["properties"] = Node::object();
    for (const MemberInfo& member : type.members)
        properties[std::string{member.name}] = schema_of(member);
    return node;
}

// The discriminator is no member of the structs themselves.
Node SchemaSet::variant(const TypeInfo& type) {
    Node node{{"oneOf", Node::array()}};
    const std::string discriminator{type.discriminator};
    for (const AlternativeInfo& alternative : type.alternatives) {
        Node tag{{"type", "object"}, {"required", Node::array({discriminator})}};
        tag["properties"][discriminator] = Node{{"const", alternative.tag}};
        node["oneOf"].push_back(
            Node{{"allOf", Node::array({schema_of(alternative.type), std::move(tag)})}});
    }
    return node;
}

Node SchemaSet::reference_to(const std::string& name, Node schema) {
    const auto [place, added] = named_.emplace(name, schema);
    if (added || place->second == schema) return reference_node(name);
    const std::string other = free_name(name);
    named_.emplace(other, std::move(schema));
    return reference_node(other);
}

std::string SchemaSet::free_name(std::string_view wanted) const {
    std::string name{wanted};
    for (unsigned number = 2; named_.contains(name); ++number)
        name = std::string{wanted} + std::to_string(number);
    return name;
}

Node SchemaSet::either(Node one, const Node& other) {
    if (one == other || one.empty()) return one;
    if (other.empty()) return other;
    if (!one.contains("anyOf") || one.size() != 1)
        one = Node{{"anyOf", Node::array({std::move(one)})}};
    for (const Node& known : one["anyOf"])
        if (known == other) return one;
    one["anyOf"].push_back(other);
    return one;
}

} // namespace armature::detail
