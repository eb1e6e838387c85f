#include "cli/client/typescript_types.hpp"

#include <algorithm>

namespace armature::client_gen {

using spec::Schema;

namespace {

// What this client's own modules export, and what types.ts refers to of the language.
const std::set<std::string> taken{
    "ApiError", "Array", "Auth", "BasicCredential", "Blob", "Call", "Client", "ClientOptions",
    "Credential", "DecodeError", "Error", "NetworkError", "Next", "Parameter", "PartEncoding",
    "ProblemDetails", "RateLimit", "Record", "RequestOptions", "RetryOptions", "Scheme",
    "ServerSentEvent", "TimeoutError", "byCursor", "byLink", "byNumber", "createClient",
    "isApiError", "items", "pages", "pathValue", "rateLimit", "retryAfter", "sendForAny",
    "sendForBlob", "sendForChunks", "sendForEvents", "sendForJson", "sendForLines",
    "sendForNothing", "sendForText",
    // words that can't name anything
    "any", "arguments", "await", "boolean", "break", "case", "catch", "class", "const", "continue",
    "debugger", "default", "delete", "do", "else", "enum", "eval", "export", "extends", "false",
    "finally", "for", "function", "if", "implements", "import", "in", "instanceof", "interface",
    "let", "never", "new", "null", "number", "object", "package", "private", "protected", "public",
    "return", "static", "string", "super", "switch", "symbol", "this", "throw", "true", "try",
    "typeof", "undefined", "unknown", "var", "void", "while", "with", "yield", "types", "client",
    "args", "options"};

bool is_identifier(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    };
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string parenthesised(const std::string& text) {
    unsigned depth = 0;
    bool is_text = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_text) {
            if (c == '\\') ++i;
            if (c == '"') is_text = false;
            continue;
        }
        if (c == '"') is_text = true;
        if (c == '{' || c == '[' || c == '(' || c == '<') ++depth;
        if (c == '}' || c == ']' || c == ')' || c == '>') --depth;
        if (depth == 0 && (c == '|' || c == '&')) return "(" + text + ")";
    }
    return text;
}

bool says_something(const Schema& schema) {
    spec::Types kinds = schema.types;
    kinds.remove(spec::Types::null);
    return !schema.properties.empty() || !schema.enumeration.empty() || schema.items != nullptr ||
           !schema.prefix_items.empty() || schema.additional != nullptr ||
           !schema.pattern_properties.empty() ||
           (!kinds.is_any() && !kinds.is_only(spec::Types::map));
}

bool hides(const Schema& member, Use use) {
    return use == Use::input ? member.read_only : member.write_only;
}

bool is_binary(const Schema& schema) {
    return schema.format == "binary" ||
           (!schema.content_media_type.empty() && schema.content_encoding.empty() &&
            schema.content_media_type != "application/json" &&
            !schema.content_media_type.starts_with("text/"));
}

} // namespace

namespace typescript_text {

std::string key(std::string_view name) {
    return is_identifier(name) ? std::string(name) : quoted(name);
}
std::string access(std::string_view name) {
    return is_identifier(name) ? "." + std::string(name) : "[" + quoted(name) + "]";
}

// A comment, one line or several; nothing for nothing.
std::string comment(const std::vector<std::string>& lines, std::string_view margin) {
    if (lines.empty()) return "";
    const auto safe = [](std::string line) {
        for (std::size_t at = 0; (at = line.find("*/", at)) != line.npos; at += 3)
            line.insert(at + 1, "\\");
        return line;
    };
    std::string out(margin);
    if (lines.size() == 1) return out + "/** " + safe(lines.front()) + " */\n";
    out += "/**\n";
    for (const std::string& line : lines) {
        out.append(margin).append(" *");
        if (!line.empty()) out.append(" ").append(safe(line));
        out += '\n';
    }
    return out.append(margin).append(" */\n");
}

std::vector<std::string> notes_of(const Schema& schema) {
    std::vector<std::string> out = lines_of(schema.description);
    if (out.empty() && !schema.title.empty() && schema.title != schema.name)
        out.push_back(schema.title);
    const auto tag = [&](const std::string& text) {
        if (!out.empty() && !out.back().starts_with("@")) out.emplace_back();
        out.push_back(text);
    };
    if (!schema.format.empty() && schema.format != "binary") tag("@format " + schema.format);
    if (schema.default_value != nullptr) tag("@default " + spec::to_json(*schema.default_value));
    if (schema.is_deprecated) tag("@deprecated");
    return out;
}

std::string single_line(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return out;
}

void add_to(std::vector<std::string>& list, const std::string& type) {
    if (std::find(list.begin(), list.end(), type) == list.end()) list.push_back(type);
}
// The comments of multi-line members may have anything: unions of objects break after each.
std::string joined(const std::vector<std::string>& types, std::string_view with) {
    std::string out;
    for (const std::string& one : types)
        out.append(out.empty() ? "" : with).append(one);
    return out;
}
std::string union_of(std::vector<std::string> types) {
    for (const std::string& one : types)
        if (one == "unknown") return "unknown";
    std::erase(types, "never");
    return types.empty() ? "never" : joined(types, " | ");
}

} // namespace typescript_text

using namespace typescript_text;

TypeScriptTypes::TypeScriptTypes(const spec::Document& document, const std::vector<Call>& calls,
                                 Warnings& warnings)
    : warnings_(warnings), types_(document, calls), names_(taken) {
    for (const Schema* const schema : types_.named()) {
        const std::string& name = schema->name;
        const bool is_good =
            is_identifier(name) && name[0] >= 'A' && name[0] <= 'Z' && name.find('_') == name.npos;
        type_names_[schema] = names_.take(is_good ? name : pascal_case(name));
    }
    for (const Schema* const schema : types_.named())
        if (types_.is_split(*schema) && types_.is_used(*schema, Use::input))
            input_names_[schema] = names_.take(type_names_[schema] + "Input");
}

std::string TypeScriptTypes::reference(const Schema& schema, Use use) const {
    const auto input = input_names_.find(&schema);
    return prefix_ + (use == Use::input && input != input_names_.end() ? input->second
                                                                       : type_names_.at(&schema));
}
bool TypeScriptTypes::is_named(const Schema& schema) const { return type_names_.contains(&schema); }

std::string TypeScriptTypes::type(const Schema& schema, Use use, unsigned depth) {
    return is_named(schema) ? reference(schema, use) : inline_type(schema, use, depth);
}
// For a place where an operator would bind it otherwise.
std::string TypeScriptTypes::operand(const Schema& schema, Use use, unsigned depth) {
    return parenthesised(type(schema, use, depth));
}
void TypeScriptTypes::note_limits(const Schema& schema) {
    if (schema.not_ != nullptr)
        warnings_.add("TypeScript has no type for \"not\": what it excludes is allowed",
                      schema.node);
    for (const char* const keyword :
         {"if", "dependentSchemas", "dependentRequired", "unevaluatedItems", "$dynamicRef"})
        if (schema.node->find(keyword) != nullptr)
            warnings_.add("TypeScript has no type for \"" + std::string(keyword) +
                              "\": the condition isn't checked",
                          schema.node);
    if (schema.types.has(spec::Types::integer) &&
        (schema.format == "int64" || schema.format == "uint64" ||
         (schema.maximum && *schema.maximum > 9007199254740991.0)))
        warnings_.add("an integer may be above 2^53, which a number of JavaScript can't hold",
                      schema.node);
}

std::string TypeScriptTypes::inline_type(const Schema& schema, Use use, unsigned depth) {
    note_limits(schema);
    if (schema.is_never) return "never";
    if (depth > 64 || !open_.insert(&schema).second) {
        warnings_.add("a schema without a name that contains itself is of unknown type there",
                      schema.node);
        return "unknown";
    }
    const std::string out = written_type(schema, use, depth);
    open_.erase(&schema);
    return out;
}

std::string TypeScriptTypes::written_type(const Schema& schema, Use use, unsigned depth) {
    std::vector<std::string> parts; // all of them hold
    for (const Schema* const part : schema.all_of)
        add_to(parts, operand(*part, use, depth));
    if (!schema.one_of.empty())
        add_to(parts, parenthesised(choice(schema, schema.one_of, use, depth)));
    if (!schema.any_of.empty())
        add_to(parts, parenthesised(choice(schema, schema.any_of, use, depth)));
    const bool has_own = says_something(schema);
    if (has_own || parts.empty()) {
        const std::string own = own_type(schema, use, depth);
        add_to(parts, parts.empty() ? own : parenthesised(own));
    }
    if (!schema.all_of.empty()) {
        const std::string required = newly_required(schema, use);
        if (!required.empty()) add_to(parts, required);
    }
    if (parts.size() > 1) std::erase(parts, "unknown");
    if (parts.empty()) parts.emplace_back("unknown");
    std::string out = joined(parts, " & ");
    // A null that the parts don't allow by themselves.
    if (schema.is_nullable && out != "unknown" && out != "null" && !out.ends_with("| null"))
        out = (parts.size() > 1 ? "(" + out + ")" : out) + " | null";
    return out;
}

// Members that a part has as optional, and the whole requires.
std::string TypeScriptTypes::newly_required(const Schema& schema, Use use) {
    const Schema whole = spec::merged(schema);
    std::string out;
    for (const std::string& name : schema.required) {
        if (schema.find(name) != nullptr) continue;
        const spec::Property* const property = whole.find(name);
        if (property == nullptr || hides(*property->schema, use)) continue;
        out.append(out.empty() ? "{ " : "; ").append(key(name)).append(": ");
        out.append(type(*property->schema, use, 60));
    }
    return out.empty() ? out : out + " }";
}

std::string TypeScriptTypes::choice(const Schema& schema,
                                    const std::vector<const Schema*>& alternatives, Use use,
                                    unsigned depth) {
    std::vector<std::string> out;
    for (const Schema* const alternative : alternatives) {
        std::string one = operand(*alternative, use, depth);
        if (schema.discriminator) {
            const std::string& property = schema.discriminator->property;
            std::string tags;
            for (const std::string& tag : schema.discriminator->tags_of(*alternative))
                tags.append(tags.empty() ? "" : " | ").append(quoted(tag));
            // Where the member says itself what it is, nothing has to be added.
            const Schema whole = spec::merged(*alternative);
            const spec::Property* const member = whole.find(property);
            const bool says_itself =
                member != nullptr && spec::merged(*member->schema).enumeration.size() == 1;
            if (tags.empty() && !says_itself)
                warnings_.add("a discriminator can't name an alternative that has no name",
                              alternative->node);
            else if (!says_itself)
                one = "({ " + key(property) + ": " + tags + " } & " + one + ")";
        }
        add_to(out, one);
    }
    return union_of(out);
}

std::string TypeScriptTypes::own_type(const Schema& schema, Use use, unsigned depth) {
    if (!schema.enumeration.empty()) {
        std::vector<std::string> values;
        for (const spec::Node* const value : schema.enumeration)
            add_to(values, value->is_text()                      ? quoted(value->text)
                           : value->is_list() || value->is_map() ? "unknown"
                           : value->text.empty()                 ? "null"
                                                                 : value->text);
        return union_of(values);
    }
    using T = spec::Types;
    T kinds = schema.types;
    kinds.remove(T::null);
    if (kinds.is_any()) {
        if (schema.types.has(T::null)) return "null";
        if (!schema.properties.empty() || schema.additional != nullptr ||
            !schema.pattern_properties.empty())
            kinds.add(T::map);
        else if (schema.items != nullptr || !schema.prefix_items.empty())
            kinds.add(T::list);
        else if (is_binary(schema))
            kinds.add(T::text);
        else
            return "unknown";
    }
    std::vector<std::string> out;
    if (kinds.has(T::text)) add_to(out, is_binary(schema) ? "Blob" : "string");
    if (kinds.has(T::integer) || kinds.has(T::number)) add_to(out, "number");
    if (kinds.has(T::boolean)) add_to(out, "boolean");
    if (kinds.has(T::list)) add_to(out, list_type(schema, use, depth));
    if (kinds.has(T::map)) add_to(out, object_type(schema, use, depth));
    if (schema.is_nullable) add_to(out, "null");
    return union_of(out);
}

std::string TypeScriptTypes::list_type(const Schema& schema, Use use, unsigned depth) {
    const std::string item =
        schema.items != nullptr ? operand(*schema.items, use, depth) : "unknown";
    if (schema.prefix_items.empty()) return item + "[]";
    std::string out = "[";
    for (const Schema* const one : schema.prefix_items)
        out.append(out.size() == 1 ? "" : ", ").append(operand(*one, use, depth)).append("?");
    if (schema.items == nullptr || !schema.items->is_never) out += ", ..." + item + "[]";
    return out + "]";
}

std::string TypeScriptTypes::object_type(const Schema& schema, Use use, unsigned depth) {
    std::string out;
    const std::string margin(2 * std::size_t{depth} + 2, ' ');
    std::vector<std::string> values;
    bool may_be_absent = false;
    for (const spec::Property& property : schema.properties) {
        if (hides(*property.schema, use)) continue;
        if (!is_named(*property.schema) || !property.schema->description.empty())
            out += comment(is_named(*property.schema) ? std::vector<std::string>{}
                                                      : notes_of(*property.schema),
                           margin);
        const std::string text = type(*property.schema, use, depth + 1);
        add_to(values, parenthesised(text));
        may_be_absent |= !property.is_required;
        out.append(margin).append(property.schema->read_only ? "readonly " : "");
        out.append(key(property.name)).append(property.is_required ? ": " : "?: ");
        out.append(text).append(";\n");
    }
    // Others' names: their type has to be one of those that are named as well.
    std::vector<std::string> others;
    if (schema.additional != nullptr) add_to(others, operand(*schema.additional, use, depth + 1));
    for (const auto& [pattern, one] : schema.pattern_properties)
        add_to(others, operand(*one, use, depth + 1));
    const bool is_open = schema.says_additional && schema.allows_additional;
    if (schema.properties.empty() && !others.empty())
        return "{ [name: string]: " + union_of(others) + " }";
    if (out.empty()) {
        if (!schema.allows_additional) return "Record<string, never>";
        return "Record<string, unknown>";
    }
    if (!others.empty()) {
        for (const std::string& one : values)
            add_to(others, one);
        if (may_be_absent) add_to(others, "undefined");
        out += margin + "[name: string]: " + union_of(others) + ";\n";
    } else if (is_open) {
        out += margin + "[name: string]: unknown;\n";
    }
    return "{\n" + out + std::string(2 * std::size_t{depth}, ' ') + "}";
}

std::string TypeScriptTypes::declaration(const Schema& schema, Use use, const std::string& name) {
    const std::string text = inline_type(schema, use, 0);
    std::string out = comment(notes_of(schema), "");
    // An interface shows its name in messages, and can be extended.
    if (text.starts_with("{\n") && text.find("\n}") == text.size() - 2)
        return out + "export interface " + name + " " + text + "\n\n";
    return out + "export type " + name + " = " + text + ";\n\n";
}

std::string TypeScriptTypes::write(const std::string& top) {
    std::string out = top + "// The types of the service's schemas.\n\n";
    for (const Schema* const schema : types_.named()) {
        const auto input = input_names_.find(schema);
        if (types_.is_used(*schema, Use::output) || input == input_names_.end())
            out += declaration(*schema,
                               types_.is_used(*schema, Use::output) ? Use::output : Use::input,
                               type_names_.at(schema));
        else
            // The plain name is there in any case.
            out += declaration(*schema, Use::output, type_names_.at(schema));
        if (input != input_names_.end()) out += declaration(*schema, Use::input, input->second);
    }
    if (types_.named().empty()) out += "export {};\n";
    while (out.ends_with("\n\n"))
        out.pop_back();
    return out;
}

} // namespace armature::client_gen
