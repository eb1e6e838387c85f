#include <armature/json/schema.hpp>
#include <armature/json/write.hpp>

#include <algorithm>

namespace armature {
namespace {

// The bounds of a number: those of its type, unless a rule is stricter.
struct Bounds {
    const Rule* min = nullptr;
    const Rule* exclusive_min = nullptr;
    const Rule* max = nullptr;
    const Rule* exclusive_max = nullptr;
};

Bounds bounds_of(std::span<const Rule> rules) noexcept {
    Bounds bounds;
    for (const Rule& rule : rules) {
        if (rule.kind == RuleKind::min) bounds.min = &rule;
        if (rule.kind == RuleKind::exclusive_min) bounds.exclusive_min = &rule;
        if (rule.kind == RuleKind::max) bounds.max = &rule;
        if (rule.kind == RuleKind::exclusive_max) bounds.exclusive_max = &rule;
    }
    return bounds;
}

double value_of(const Rule& rule) noexcept {
    return rule.is_real ? rule.real : static_cast<double>(rule.integer);
}

bool is_above(const Rule* rule, std::int64_t bound) noexcept {
    if (!rule) return false;
    return rule->is_real ? rule->real >= static_cast<double>(bound) : rule->integer >= bound;
}
bool is_below(const Rule* rule, std::uint64_t bound) noexcept {
    if (!rule) return false;
    return rule->is_real ? rule->real <= static_cast<double>(bound)
                         : std::cmp_less_equal(rule->integer, bound);
}

const char* keyword_of(const Rule& rule, ValueKind kind) noexcept {
    const bool is_map = kind == ValueKind::map;
    switch (rule.kind) {
    case RuleKind::min:
        return "minimum";
    case RuleKind::exclusive_min:
        return "exclusiveMinimum";
    case RuleKind::max:
        return "maximum";
    case RuleKind::exclusive_max:
        return "exclusiveMaximum";
    case RuleKind::multiple_of:
        return "multipleOf";
    case RuleKind::min_length:
        return "minLength";
    case RuleKind::max_length:
        return "maxLength";
    case RuleKind::pattern:
        return "pattern";
    case RuleKind::format:
        return "format";
    case RuleKind::min_items:
        return is_map ? "minProperties" : "minItems";
    case RuleKind::max_items:
        return is_map ? "maxProperties" : "maxItems";
    case RuleKind::unique_items:
        return "uniqueItems";
    }
    return "";
}

// What a name in a URI's fragment and in OpenAPI may have.
std::string plain_name(std::string_view name) {
    std::string plain;
    for (const char c : name) {
        const bool is_plain =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (is_plain)
            plain += c;
        else if (!plain.ends_with('_'))
            plain += '_';
    }
    while (plain.ends_with('_'))
        plain.pop_back();
    return plain.empty() ? "Schema" : plain;
}

// Page<shop::Product> becomes Page<Product>.
std::string without_namespaces(std::string_view name) {
    std::string result;
    while (!name.empty()) {
        const std::size_t end = std::min(name.find_first_of("<>, "), name.size());
        std::string_view word = name.substr(0, end);
        if (const std::size_t colons = word.rfind("::"); colons != std::string_view::npos)
            word.remove_prefix(colons + 2);
        result += word;
        if (end != name.size()) result += name[end];
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return result;
}

} // namespace

/// Writes the one object that a schema is.
class JsonSchemas::Writer {
  public:
    explicit Writer(JsonSchemas& schemas) : schemas_(schemas) {}

    std::string type(const TypeInfo& type) {
        write(type, nullptr);
        return json_.take();
    }
    std::string member(const MemberInfo& member) {
        write(*member.type, &member);
        return json_.take();
    }
    std::string subject(const Subject& subject) {
        json_.begin_object();
        switch (subject.type->kind) {
        case ValueKind::enumeration:
            json_.member("type", "string").key("enum").begin_array();
            for (const EnumName& enumerator : subject.type->enumerators)
                json_.value(enumerator.name);
            json_.end_array();
            break;
        case ValueKind::variant:
            alternatives(*subject.type);
            break;
        default:
            object(subject);
        }
        json_.end_object();
        return json_.take();
    }

  private:
    void write(const TypeInfo& type, const MemberInfo* member) {
        const TypeInfo* value = &type;
        while (value->kind == ValueKind::optional)
            value = value->item;
        json_.begin_object();
        write_value(*value, value != &type, member ? member->rules : std::span<const Rule>{});
        if (member) notes(*member);
        json_.end_object();
    }

    void write_value(const TypeInfo& type, bool is_nullable, std::span<const Rule> rules) {
        switch (type.kind) {
        case ValueKind::boolean:
            return type_name("boolean", is_nullable);
        case ValueKind::integer:
            type_name("integer", is_nullable);
            return integer(type, rules);
        case ValueKind::real:
            type_name("number", is_nullable);
            return real(type, rules);
        case ValueKind::text:
            type_name("string", is_nullable);
            return write_rules(type.kind, rules);
        case ValueKind::formatted:
            type_name("string", is_nullable);
            if (!type.format.empty()) json_.member("format", type.format);
            if (!type.pattern.empty()) json_.member("pattern", type.pattern);
            return;
        case ValueKind::list:
            type_name("array", is_nullable);
            json_.key("items");
            write(*type.item, nullptr);
            if (type.exact_items != TypeInfo::any_count)
                json_.member("minItems", type.exact_items).member("maxItems", type.exact_items);
            return write_rules(type.kind, rules);
        case ValueKind::map:
            type_name("object", is_nullable);
            json_.key("additionalProperties");
            write(*type.item, nullptr);
            return write_rules(type.kind, rules);
        default:
            return reference(type, is_nullable);
        }
    }

    void type_name(const char* name, bool is_nullable) {
        json_.key("type");
        if (is_nullable)
            json_.begin_array().value(name).value("null").end_array();
        else
            json_.value(name);
    }

    void reference(const TypeInfo& type, bool is_nullable) {
        const std::string target = schemas_.prefix_ + schemas_.name_of({&type, nullptr, {}});
        if (is_nullable) json_.key("anyOf").begin_array().begin_object();
        json_.member("$ref", target);
        if (is_nullable)
            json_.end_object().begin_object().member("type", "null").end_object().end_array();
    }

    void integer(const TypeInfo& type, std::span<const Rule> rules) {
        const Bounds bounds = bounds_of(rules);
        if (!type.format.empty()) json_.member("format", type.format);
        if (!is_above(bounds.min, type.least) && !is_above(bounds.exclusive_min, type.least))
            json_.member("minimum", type.least);
        if (!is_below(bounds.max, type.greatest) && !is_below(bounds.exclusive_max, type.greatest))
            json_.member("maximum", type.greatest);
        for (const Rule& rule : rules) {
            const bool is_idle = (&rule == bounds.min && !is_above(&rule, type.least)) ||
                                 (&rule == bounds.max && !is_below(&rule, type.greatest));
            if (!is_idle) write_rule(ValueKind::integer, rule);
        }
    }

    void real(const TypeInfo& type, std::span<const Rule> rules) {
        const Bounds bounds = bounds_of(rules);
        json_.member("format", type.format);
        constexpr double greatest = std::numeric_limits<float>::max();
        if (type.format == "float") {
            if (!bounds.min && !bounds.exclusive_min) json_.member("minimum", -greatest);
            if (!bounds.max && !bounds.exclusive_max) json_.member("maximum", greatest);
        }
        write_rules(ValueKind::real, rules);
    }

    void write_rules(ValueKind kind, std::span<const Rule> rules) {
        for (const Rule& rule : rules)
            write_rule(kind, rule);
    }

    void write_rule(ValueKind kind, const Rule& rule) {
        json_.key(keyword_of(rule, kind));
        switch (rule.kind) {
        case RuleKind::pattern:
        case RuleKind::format:
            json_.value(rule.text);
            break;
        case RuleKind::unique_items:
            json_.value(true);
            break;
        default:
            if (rule.is_real)
                json_.value(value_of(rule));
            else
                json_.value(rule.integer);
        }
    }

    void notes(const MemberInfo& member) {
        const MemberNotes& notes = member.notes;
        if (!notes.title.empty()) json_.member("title", notes.title);
        if (!notes.description.empty()) json_.member("description", notes.description);
        if (member.initial) {
            const Literal initial = member.initial();
            if (initial.kind != Literal::Kind::none) literal(json_.key("default"), initial);
        }
        if (notes.example.kind != Literal::Kind::none)
            literal(json_.key("examples").begin_array(), notes.example).end_array();
        if (notes.read_only) json_.member("readOnly", true);
        if (notes.write_only) json_.member("writeOnly", true);
        if (notes.deprecated) json_.member("deprecated", true);
    }

    JsonWriter& literal(JsonWriter& json, const Literal& literal) {
        switch (literal.kind) {
        case Literal::Kind::boolean:
            return json.value(literal.boolean);
        case Literal::Kind::integer:
            return json.value(literal.integer);
        case Literal::Kind::natural:
            return json.value(literal.natural);
        case Literal::Kind::real:
            return json.value(literal.real);
        case Literal::Kind::text:
            return json.value(literal.text);
        default:
            return json.raw(literal.text);
        }
    }

    bool has(const MemberInfo& member) const noexcept {
        return !(schemas_.use_ == SchemaUse::input && member.notes.read_only) &&
               !(schemas_.use_ == SchemaUse::output && member.notes.write_only);
    }
    bool requires_member(const MemberInfo& member) const noexcept {
        if (schemas_.use_ == SchemaUse::output) return member.type->kind != ValueKind::optional;
        return member.required;
    }

    void object(const Subject& subject) {
        const bool is_tagged = subject.variant != nullptr;
        json_.member("type", "object").key("properties").begin_object();
        if (is_tagged)
            json_.key(subject.variant->discriminator)
                .begin_object()
                .member("type", "string")
                .member("const", subject.tag)
                .end_object();
        for (const MemberInfo& member : subject.type->members) {
            if (!has(member)) continue;
            json_.key(member.name);
            write(*member.type, &member);
        }
        json_.end_object();

        const auto is_listed = [this](const MemberInfo& member) {
            return has(member) && requires_member(member);
        };
        const auto members = subject.type->members;
        if (!is_tagged && std::none_of(members.begin(), members.end(), is_listed)) return;
        json_.key("required").begin_array();
        if (is_tagged) json_.value(subject.variant->discriminator);
        for (const MemberInfo& member : members)
            if (is_listed(member)) json_.value(member.name);
        json_.end_array();
    }

    void alternatives(const TypeInfo& variant) {
        const auto target = [&](const AlternativeInfo& alternative) {
            return schemas_.prefix_ +
                   schemas_.name_of({alternative.type, &variant, alternative.tag});
        };
        json_.key("oneOf").begin_array();
        for (const AlternativeInfo& alternative : variant.alternatives)
            json_.begin_object().member("$ref", target(alternative)).end_object();
        json_.end_array();
        // OpenAPI's word for it; to JSON Schema it is a note.
        json_.key("discriminator").begin_object();
        json_.member("propertyName", variant.discriminator).key("mapping").begin_object();
        for (const AlternativeInfo& alternative : variant.alternatives)
            json_.member(alternative.tag, target(alternative));
        json_.end_object().end_object();
    }

    JsonSchemas& schemas_;
    JsonWriter json_;
};

const std::string& JsonSchemas::name_of(const Subject& subject) {
    for (std::size_t i = 0; i != subjects_.size(); ++i)
        if (subjects_[i].type == subject.type && subjects_[i].variant == subject.variant &&
            subjects_[i].tag == subject.tag)
            return named_[i].name;

    std::string wanted = plain_name(without_namespaces(subject.type->name));
    if (subject.variant) wanted = plain_name(without_namespaces(subject.variant->name)) + wanted;
    std::string name = wanted;
    const auto is_taken = [&](const Named& other) { return other.name == name; };
    for (unsigned number = 2; std::any_of(named_.begin(), named_.end(), is_taken); ++number)
        name = wanted + std::to_string(number);
    subjects_.push_back(subject);
    return named_.emplace_back(Named{std::move(name), {}}).name;
}

// Writing one may bring up more.
void JsonSchemas::write_pending() {
    for (; written_ != named_.size(); ++written_) {
        std::string schema = Writer(*this).subject(Subject(subjects_[written_]));
        named_[written_].schema = std::move(schema);
    }
}

std::string JsonSchemas::schema_of(const TypeInfo& type) {
    std::string schema = Writer(*this).type(type);
    write_pending();
    return schema;
}

std::string JsonSchemas::schema_of(const MemberInfo& member) {
    std::string schema = Writer(*this).member(member);
    write_pending();
    return schema;
}

std::string json_schema(const TypeInfo& type, SchemaUse use) {
    JsonSchemas schemas("#/$defs/", use);
    const std::string schema = schemas.schema_of(type);
    std::string document = R"({"$schema":"https://json-schema.org/draft/2020-12/schema",)";
    document.append(schema, 1, schema.size() - 2); // without its braces
    if (!schemas.named().empty()) {
        JsonWriter definitions;
        definitions.begin_object();
        for (const JsonSchemas::Named& named : schemas.named())
            definitions.key(named.name).raw(named.schema);
        definitions.end_object();
        document += ",\"$defs\":" + definitions.take();
    }
    return document += '}';
}

} // namespace armature
