#include "cli/client/rust_types.hpp"

namespace armature::client_gen {

namespace {

const std::set<std::string> all_keywords{
    "as",      "async", "await",    "become", "box",    "break", "const",   "continue", "crate",
    "do",      "dyn",   "else",     "enum",   "extern", "false", "final",   "fn",       "for",
    "gen",     "if",    "impl",     "in",     "let",    "loop",  "macro",   "match",    "mod",
    "move",    "mut",   "override", "priv",   "pub",    "ref",   "return",  "self",     "static",
    "struct",  "super", "trait",    "true",   "try",    "type",  "typeof",  "union",    "unsafe",
    "unsized", "use",   "virtual",  "where",  "while",  "yield", "abstract"};

std::vector<std::string> notes_of(const spec::Schema& schema) {
    std::vector<std::string> out = lines_of(schema.description);
    if (out.empty() && !schema.title.empty() && schema.title != schema.name)
        out = lines_of(schema.title);
    return out;
}

std::string variant_name(Names& names, std::string_view text) {
    const std::string name = pascal_case(text);
    return names.take(name.empty() ? (text.empty() ? "Empty" : "Other") : name);
}

} // namespace

namespace rust_text {

const std::set<std::string>& keywords() { return all_keywords; }

std::string literal(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        constexpr std::string_view digits = "0123456789abcdef";
        if (c == '"' || c == '\\')
            out.append(1, '\\').append(1, c);
        else if (byte < 0x20 || byte == 0x7f)
            out.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        else
            out += c;
    }
    return out += '"';
}

std::string comment(const std::vector<std::string>& lines, std::string_view margin) {
    std::string out;
    for (const std::string& given : lines) {
        const std::string line = comment_line(given);
        out.append(margin).append("///").append(line.empty() ? "" : " ").append(line).append("\n");
    }
    return out;
}

std::string single_line(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return out;
}

} // namespace rust_text

using namespace rust_text;

Names RustTypes::reserved() {
    return Names({"ApiError",    "BTreeMap", "Box",   "Call",     "Client",         "Credential",
                  "Deserialize", "Err",      "Error", "Event",    "Events",         "FilePart",
                  "Form",        "None",     "Ok",    "Option",   "ProblemDetails", "Records",
                  "Reply",       "Result",   "Retry", "Scheme",   "Self",           "Serialize",
                  "Some",        "String",   "Value", "Vec",      "Content",        "Default",
                  "Debug",       "Clone",    "From",  "PartialEq"});
}

std::string RustTypes::name_of(const Type& type) const {
    std::string out;
    switch (type.kind) {
    case Kind::any:
        return "Value";
    case Kind::boolean:
        out = "bool";
        break;
    case Kind::int32:
        out = "i32";
        break;
    case Kind::int64:
        out = "i64";
        break;
    case Kind::uint64:
        out = "u64";
        break;
    case Kind::real32:
        out = "f32";
        break;
    case Kind::real64:
        out = "f64";
        break;
    case Kind::text:
    case Kind::date:
    case Kind::date_time:
    case Kind::uuid:
        out = "String";
        break;
    case Kind::bytes:
        out = "FilePart";
        break;
    case Kind::list:
        out = "Vec<" + name_of(*type.item) + ">";
        break;
    case Kind::map:
        out = "BTreeMap<String, " + name_of(*type.item) + ">";
        break;
    case Kind::named:
        out = model_.declarations()[type.named].name;
    }
    return type.is_nullable ? "Option<" + out + ">" : out;
}
// Within a declaration that it may contain in turn.
std::string RustTypes::boxed_name_of(std::size_t within, const Type& type) const {
    if (type.kind != Kind::named || groups_[type.named] != groups_[within]) return name_of(type);
    const std::string name = "Box<" + model_.declarations()[type.named].name + ">";
    return type.is_nullable ? "Option<" + name + ">" : name;
}
std::string RustTypes::optional(const std::string& name) {
    return name.starts_with("Option<") ? name : "Option<" + name + ">";
}

std::string RustTypes::structure(std::size_t index) {
    const Declaration& one = model_.declarations()[index];
    std::string out, parameters, values;
    bool all_optional = true;
    std::set<std::string> taken = keywords();
    Names names(taken);
    for (const Field& field : one.fields) {
        const std::string name = names.take(snake_case(field.json));
        std::string type = boxed_name_of(index, field.type);
        if (!field.is_required) type = optional(type);
        const bool is_option = type.starts_with("Option<");
        if (field.schema != nullptr && field.schema->name.empty())
            out += comment(notes_of(*field.schema), "    ");
        std::string attributes;
        const auto attribute = [&](const std::string& text) {
            attributes += (attributes.empty() ? "" : ", ") + text;
        };
        if (name != field.json) attribute("rename = " + literal(field.json));
        if (!field.is_required) attribute("default, skip_serializing_if = \"Option::is_none\"");
        if (!attributes.empty()) out += "    #[serde(" + attributes + ")]\n";
        out += "    pub " + name + ": " + type + ",\n";
        if (is_option) {
            values += "            " + name + ": None,\n";
        } else {
            all_optional = false;
            parameters += (parameters.empty() ? "" : ", ") + name + ": " + type;
            values += "            " + name + ",\n";
        }
    }
    if (one.is_open || one.others) {
        const std::string name = names.take("additional");
        out += "    /// Members that are not described.\n    #[serde(flatten)]\n    pub " + name +
               ": BTreeMap<String, " + (one.others ? name_of(*one.others) : "Value") + ">,\n";
        values += "            " + name + ": BTreeMap::new(),\n";
    }
    return "#[derive(Clone, Debug, PartialEq, Serialize, Deserialize" +
           std::string(all_optional ? ", Default" : "") + ")]\npub struct " + one.name + " {\n" +
           out + "}\n\nimpl " + one.name + " {\n    /// With what is required.\n" +
           "    #[allow(clippy::too_many_arguments, clippy::new_without_default)]\n" +
           "    pub fn new(" + parameters + ") -> Self {\n        Self {\n" + values +
           "        }\n    }\n}\n\n";
}

std::string RustTypes::enumeration(const Declaration& one) {
    Names names({"Self", "Unknown"});
    std::string out = "#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]\npub enum " +
                      one.name + " {\n";
    for (const std::string& value : one.values)
        out += "    #[serde(rename = " + literal(value) + ")]\n    " + variant_name(names, value) +
               ",\n";
    return out + "    /// A value that is newer than this client.\n    #[serde(untagged)]\n    "
                 "Unknown(String),\n}\n\n";
}

std::string RustTypes::tagged(std::size_t index) {
    const Declaration& one = model_.declarations()[index];
    Names names({"Self", "Unknown"});
    std::string variants, reading, writing;
    for (const Alternative& alternative : one.alternatives) {
        const std::string name = variant_name(names, alternative.tags.front());
        variants += "    " + name + "(" + boxed_name_of(index, alternative.type) + "),\n";
        std::string patterns;
        for (const std::string& tag : alternative.tags)
            patterns += (patterns.empty() ? "" : " | ") + std::string("Some(") + literal(tag) + ")";
        reading += "            " + patterns + " => serde_json::from_value(value).map(" + one.name +
                   "::" + name + ").map_err(serde::de::Error::custom),\n";
        writing += "            " + one.name + "::" + name +
                   "(inner) => (serde_json::to_value(inner), " + literal(alternative.tags.front()) +
                   "),\n";
    }
    const std::string tag = literal(one.discriminator);
    return "#[derive(Clone, Debug, PartialEq)]\npub enum " + one.name + " {\n" + variants +
           "    /// An alternative that is newer than this client.\n    Unknown(Value),\n}\n\n"
           "impl<'de> Deserialize<'de> for " +
           one.name +
           " {\n    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> "
           "std::result::Result<Self, D::Error> {\n        let value = "
           "Value::deserialize(deserializer)?;\n        match value.get(" +
           tag + ").and_then(Value::as_str) {\n" + reading + "            _ => Ok(" + one.name +
           "::Unknown(value)),\n        }\n    }\n}\n\nimpl Serialize for " + one.name +
           " {\n    fn serialize<S: serde::Serializer>(&self, serializer: S) -> "
           "std::result::Result<S::Ok, S::Error> {\n        let (value, tag) = match self {\n" +
           writing + "            " + one.name +
           "::Unknown(value) => return value.serialize(serializer),\n        };\n        let "
           "mut "
           "value = value.map_err(serde::ser::Error::custom)?;\n        value[" +
           tag + "] = Value::from(tag);\n        value.serialize(serializer)\n    }\n}\n\n";
}

std::string RustTypes::untagged(std::size_t index) {
    const Declaration& one = model_.declarations()[index];
    Names names({"Self", "Unknown"});
    std::string out = "#[derive(Clone, Debug, PartialEq, Serialize, "
                      "Deserialize)]\n#[serde(untagged)]\npub enum " +
                      one.name + " {\n";
    std::set<std::string> met;
    for (const Alternative& alternative : one.alternatives) {
        const std::string type = boxed_name_of(index, alternative.type);
        if (!met.insert(type).second) continue;
        std::string plain = name_of(alternative.type);
        out += "    " + variant_name(names, plain) + "(" + type + "),\n";
    }
    return out + "    /// Whatever else it is.\n    Unknown(Value),\n}\n\n";
}

std::string RustTypes::write(const std::string& top) {
    groups_ = model_.groups();
    std::string out = top + "//! The types of the service's schemas.\n\n"
                            "#[allow(unused_imports)]\nuse crate::client::FilePart;\n"
                            "#[allow(unused_imports)]\nuse serde::{Deserialize, Serialize};\n"
                            "#[allow(unused_imports)]\nuse serde_json::Value;\n"
                            "#[allow(unused_imports)]\nuse std::collections::BTreeMap;\n\n";
    for (std::size_t i = 0; i != model_.declarations().size(); ++i) {
        const Declaration& one = model_.declarations()[i];
        if (one.schema != nullptr) out += comment(notes_of(*one.schema), "");
        switch (one.kind) {
        case Decl::object:
            out += structure(i);
            break;
        case Decl::enumeration:
            out += enumeration(one);
            break;
        case Decl::tagged:
            out += tagged(i);
            break;
        case Decl::untagged:
            out += untagged(i);
            break;
        case Decl::alias:
            out += "pub type " + one.name + " = " + name_of(one.alias) + ";\n\n";
        }
    }
    return out;
}

} // namespace armature::client_gen
