#include "cli/client/generate.hpp"
#include "cli/client/names.hpp"
#include "cli/client/plan.hpp"
#include "cli/client/runtime.hpp"

#include <algorithm>

namespace armature::client_gen {

namespace {

using spec::Parameter;
using spec::Schema;

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

class TypeScript {
  public:
    TypeScript(const spec::Document& document, const Options& options)
        : document_(document), options_(options), calls_(plan(document, warnings_)),
          types_(document, calls_), names_(taken) {}

    Generated run() {
        for (const Schema* const schema : types_.named()) {
            const std::string& name = schema->name;
            const bool is_good = is_identifier(name) && name[0] >= 'A' && name[0] <= 'Z' &&
                                 name.find('_') == name.npos;
            type_names_[schema] = names_.take(is_good ? name : pascal_case(name));
        }
        for (const Schema* const schema : types_.named())
            if (types_.is_split(*schema) && types_.is_used(*schema, Use::input))
                input_names_[schema] = names_.take(type_names_[schema] + "Input");
        Generated out;
        out.files.push_back({"src/types.ts", type_file()});
        out.files.push_back({"src/operations.ts", operation_file()});
        out.files.push_back({"src/client.ts", std::string(runtime::typescript_client)});
        out.files.push_back({"src/index.ts", index_file()});
        out.files.push_back({"package.json", package_file()});
        out.files.push_back({"tsconfig.json", tsconfig});
        out.warnings = warnings_.lines();
        out.files.push_back({"README.md", readme(out.warnings)});
        out.functions = functions_;
        out.types = type_names_.size();
        return out;
    }

  private:
    static constexpr const char* tsconfig = R"({
  "compilerOptions": {
    "target": "ES2022",
    "lib": ["ES2022", "DOM", "DOM.Iterable"],
    "module": "NodeNext",
    "moduleResolution": "NodeNext",
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "isolatedModules": true,
    "verbatimModuleSyntax": true,
    "declaration": true,
    "types": [],
    "rootDir": "src",
    "outDir": "dist"
  },
  "include": ["src"]
}
)";

    // --- Types ----------------------------------------------------------------------------------

    std::string reference(const Schema& schema, Use use) const {
        const auto input = input_names_.find(&schema);
        return prefix_ + (use == Use::input && input != input_names_.end()
                              ? input->second
                              : type_names_.at(&schema));
    }
    [[nodiscard]] bool is_named(const Schema& schema) const {
        return type_names_.contains(&schema);
    }

    std::string type(const Schema& schema, Use use, unsigned depth) {
        return is_named(schema) ? reference(schema, use) : inline_type(schema, use, depth);
    }
    // For a place where an operator would bind it otherwise.
    std::string operand(const Schema& schema, Use use, unsigned depth) {
        return parenthesised(type(schema, use, depth));
    }
    static std::string parenthesised(const std::string& text) {
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

    static void add_to(std::vector<std::string>& list, const std::string& type) {
        if (std::find(list.begin(), list.end(), type) == list.end()) list.push_back(type);
    }
    // The comments of multi-line members may have anything: unions of objects break after each.
    static std::string joined(const std::vector<std::string>& types, std::string_view with) {
        std::string out;
        for (const std::string& one : types)
            out.append(out.empty() ? "" : with).append(one);
        return out;
    }
    static std::string union_of(std::vector<std::string> types) {
        for (const std::string& one : types)
            if (one == "unknown") return "unknown";
        std::erase(types, "never");
        return types.empty() ? "never" : joined(types, " | ");
    }

    void note_limits(const Schema& schema) {
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

    std::string inline_type(const Schema& schema, Use use, unsigned depth) {
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

    std::string written_type(const Schema& schema, Use use, unsigned depth) {
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

    static bool says_something(const Schema& schema) {
        spec::Types kinds = schema.types;
        kinds.remove(spec::Types::null);
        return !schema.properties.empty() || !schema.enumeration.empty() ||
               schema.items != nullptr || !schema.prefix_items.empty() ||
               schema.additional != nullptr || !schema.pattern_properties.empty() ||
               (!kinds.is_any() && !kinds.is_only(spec::Types::map));
    }

    // Members that a part has as optional, and the whole requires.
    std::string newly_required(const Schema& schema, Use use) {
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

    static bool hides(const Schema& member, Use use) {
        return use == Use::input ? member.read_only : member.write_only;
    }

    std::string choice(const Schema& schema, const std::vector<const Schema*>& alternatives,
                       Use use, unsigned depth) {
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

    std::string own_type(const Schema& schema, Use use, unsigned depth) {
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

    static bool is_binary(const Schema& schema) {
        return schema.format == "binary" ||
               (!schema.content_media_type.empty() && schema.content_encoding.empty() &&
                schema.content_media_type != "application/json" &&
                !schema.content_media_type.starts_with("text/"));
    }

    std::string list_type(const Schema& schema, Use use, unsigned depth) {
        const std::string item =
            schema.items != nullptr ? operand(*schema.items, use, depth) : "unknown";
        if (schema.prefix_items.empty()) return item + "[]";
        std::string out = "[";
        for (const Schema* const one : schema.prefix_items)
            out.append(out.size() == 1 ? "" : ", ").append(operand(*one, use, depth)).append("?");
        if (schema.items == nullptr || !schema.items->is_never) out += ", ..." + item + "[]";
        return out + "]";
    }

    std::string object_type(const Schema& schema, Use use, unsigned depth) {
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
        if (schema.additional != nullptr)
            add_to(others, operand(*schema.additional, use, depth + 1));
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

    std::string declaration(const Schema& schema, Use use, const std::string& name) {
        const std::string text = inline_type(schema, use, 0);
        std::string out = comment(notes_of(schema), "");
        // An interface shows its name in messages, and can be extended.
        if (text.starts_with("{\n") && text.find("\n}") == text.size() - 2)
            return out + "export interface " + name + " " + text + "\n\n";
        return out + "export type " + name + " = " + text + ";\n\n";
    }

    std::string type_file() {
        std::string out = header() + "// The types of the service's schemas.\n\n";
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

    // --- Operations -----------------------------------------------------------------------------

    struct Argument {
        std::string name;
        std::string type;
        std::vector<std::string> notes;
        bool is_required = false;
    };

    std::string operation_file() {
        prefix_ = "types.";
        std::string body;
        for (const Call& call : calls_)
            body += operation(call);
        prefix_.clear();
        std::string imports;
        for (const std::string& name : used_values_)
            imports.append(imports.empty() ? "" : ", ").append(name);
        std::string out = header() + "// A function for each operation of the service.\n\n";
        std::string kinds = "ApiError, Client, RequestOptions";
        for (const std::string& name : used_types_)
            kinds += ", " + name;
        if (!imports.empty()) out += "import { " + imports + " } from \"./client.js\";\n";
        out += "import type { " + kinds + " } from \"./client.js\";\n";
        out += "import type * as types from \"./types.js\";\n\n";
        out += body;
        if (body.empty()) out += "export {};\n";
        while (out.ends_with("\n\n"))
            out.pop_back();
        return out;
    }

    std::string operation(const Call& call) {
        const spec::Operation& operation = *call.operation;
        const std::string name = names_.take(camel_case(call.name));
        const std::string base = pascal_case(name);
        std::vector<Argument> arguments;
        std::set<std::string> keys;
        std::string fields = call_fields(call, arguments, keys);

        std::string out;
        std::string arguments_type;
        bool needs_arguments = false;
        if (!arguments.empty()) {
            arguments_type = names_.take(base + "Args");
            out += "/** What {@link " + name + "} takes. */\nexport interface " + arguments_type +
                   " {\n";
            for (const Argument& argument : arguments) {
                needs_arguments |= argument.is_required;
                out += comment(argument.notes, "  ") + "  " + key(argument.name) +
                       (argument.is_required ? ": " : "?: ") + argument.type + ";\n";
            }
            out += "}\n\n";
        }
        const std::string failures = failure_types(call);
        std::string error_type;
        if (!failures.empty()) {
            error_type = names_.take(base + "Error");
            out += "/** The errors that {@link " + name + "} is known for. */\nexport type " +
                   error_type + " = " + failures + ";\n\n";
        }

        struct Variant {
            std::string name, result, send, accept, note;
        };
        std::vector<Variant> variants;
        const Success& success = call.success;
        const auto item_type = [&](const spec::Media& media) -> std::string {
            const Schema* const schema =
                media.item_schema != nullptr ? media.item_schema : media.schema;
            if (schema == nullptr) return "unknown";
            const std::string text = type(*schema, Use::output, 0);
            return text == "string" ? "unknown" : text;
        };
        const auto events = [&](const std::string& as) {
            const std::string item = item_type(*success.events);
            used_types_.insert("ServerSentEvent");
            variants.push_back({as, "AsyncGenerator<ServerSentEvent<" + item + ">, void, void>",
                                "sendForEvents<" + item + ">", "text/event-stream",
                                "Gives the events as they come."});
        };
        const auto lines = [&](const std::string& as) {
            const std::string item = item_type(*success.lines);
            variants.push_back({as, "AsyncGenerator<" + item + ", void, void>",
                                "sendForLines<" + item + ">", success.lines->type,
                                "Gives the records as they come."});
        };
        const std::string all = success.accept.empty() ? "*/*" : success.accept;
        if (!success.json.empty()) {
            std::vector<std::string> results;
            for (const Schema* const schema : success.json)
                add_to(results, type(*schema, Use::output, 0));
            std::string result = union_of(results);
            if ((success.may_be_empty || success.is_unknown) && result != "unknown")
                result += " | undefined";
            variants.push_back({name, "Promise<" + result + ">", "sendForJson<" + result + ">",
                                "application/json", ""});
            if (success.events != nullptr) events(names_.take(name + "Stream"));
            if (success.lines != nullptr) lines(names_.take(name + "Stream"));
        } else if (success.events != nullptr) {
            events(name);
        } else if (success.lines != nullptr) {
            lines(name);
        } else if (success.has_text && !success.has_binary) {
            variants.push_back({name, "Promise<string>", "sendForText", all, ""});
        } else if (success.has_binary && !success.has_text) {
            variants.push_back({name, "Promise<Blob>", "sendForBlob", all, ""});
        } else if (success.has_text || success.is_unknown) {
            variants.push_back({name, "Promise<unknown>", "sendForAny", all, ""});
        } else {
            variants.push_back({name, "Promise<void>", "sendForNothing", "*/*", ""});
        }
        if (success.has_text || success.has_binary)
            variants.push_back({names_.take(name + "Bytes"),
                                "AsyncGenerator<Uint8Array, void, void>", "sendForChunks", all,
                                "Gives the content piece by piece, as it comes."});

        for (const Variant& variant : variants) {
            std::vector<std::string> notes = lines_of(operation.summary);
            const auto paragraph = [&](const std::vector<std::string>& more) {
                if (more.empty()) return;
                if (!notes.empty()) notes.emplace_back();
                notes.insert(notes.end(), more.begin(), more.end());
            };
            if (operation.description != operation.summary)
                paragraph(lines_of(operation.description));
            if (!variant.note.empty()) paragraph({variant.note});
            paragraph({"`" + upper(operation.method) + " " + operation.path + "`"});
            if (!error_type.empty()) paragraph({"@throws {@link " + error_type + "}"});
            if (operation.is_deprecated) paragraph({"@deprecated"});
            out += comment(notes, "");
            out += "export function " + variant.name + "(\n  client: Client,\n";
            if (!arguments.empty())
                out += "  args: " + arguments_type + (needs_arguments ? "" : " = {}") + ",\n";
            out += "  options?: RequestOptions,\n): " + variant.result + " {\n";
            out += "  return " + variant.send + "(client, {\n" + fields +
                   "    accept: " + quoted(variant.accept) + ",\n  }, options);\n}\n\n";
            used_values_.insert(variant.send.substr(0, variant.send.find('<')));
            ++functions_;
        }
        return out;
    }

    static std::string upper(std::string_view text) {
        std::string out(text);
        for (char& c : out)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        return out;
    }

    static std::vector<std::string> notes_of_parameter(const Parameter& parameter) {
        std::vector<std::string> out = lines_of(parameter.description);
        if (out.empty() && parameter.schema != nullptr) out = notes_of(*parameter.schema);
        if (parameter.is_deprecated) out.emplace_back("@deprecated");
        return out;
    }

    // A parameter as the client's core takes it: what isn't the default behind the value.
    std::string tuple(const Parameter& parameter, const std::string& value) {
        std::string written = value;
        if (parameter.content)
            written = value + " === undefined ? undefined : JSON.stringify(" + value + ")";
        const bool is_query = parameter.in == Parameter::In::query;
        const bool is_plain = parameter.style == (is_query ? "form" : "simple") ||
                              parameter.in == Parameter::In::cookie;
        std::string out = "[" + quoted(parameter.name) + ", " + written;
        if (is_query && parameter.allow_reserved)
            out += ", " + quoted(parameter.style) + ", " + (parameter.explode ? "true" : "false") +
                   ", true";
        else if (!is_plain || parameter.explode != (parameter.style == "form"))
            out += ", " + quoted(parameter.style) + ", " + (parameter.explode ? "true" : "false");
        return out + "]";
    }

    std::string call_fields(const Call& call, std::vector<Argument>& arguments,
                            std::set<std::string>& keys) {
        const spec::Operation& operation = *call.operation;
        const auto take_key = [&](const std::string& name, std::string_view place) {
            if (name != "body" && name != "contentType" && keys.insert(name).second) return name;
            std::string other = name + "_" + std::string(place);
            while (!keys.insert(other).second)
                other += '_';
            return other;
        };
        std::map<std::string, std::string> path_values;
        std::string query, headers, cookies;
        for (const Parameter& parameter : operation.parameters) {
            const bool is_header = parameter.in == Parameter::In::header;
            std::string lower_name = parameter.name;
            for (char& c : lower_name)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            if (is_header && (lower_name == "accept" || lower_name == "content-type" ||
                              lower_name == "authorization")) {
                warnings_.add("header parameters named " + parameter.name +
                                  " are left out, as OpenAPI says: the client sets that field",
                              parameter.node);
                continue;
            }
            if (parameter.in == Parameter::In::querystring) {
                warnings_.add("parameters that are the whole query string are left out",
                              parameter.node);
                continue;
            }
            static constexpr std::string_view places[] = {"path", "query", "header", "cookie"};
            const std::string name =
                take_key(parameter.name, places[static_cast<std::size_t>(parameter.in)]);
            Argument argument{name, "unknown", notes_of_parameter(parameter),
                              (parameter.is_required || parameter.in == Parameter::In::path) &&
                                  parameter.name != call.idempotency};
            const Schema* schema = parameter.schema;
            if (parameter.content) schema = parameter.content->schema;
            if (schema != nullptr) argument.type = type(*schema, Use::input, 1);
            if (parameter.name == call.idempotency && is_header)
                argument.notes.emplace_back("A new one is made if it is absent.");
            arguments.push_back(std::move(argument));
            const std::string value = "args" + access(name);
            switch (parameter.in) {
            case Parameter::In::path: {
                std::string written = "pathValue(" + quoted(parameter.name) + ", " + value;
                if (parameter.style != "simple" || parameter.explode)
                    written += ", " + quoted(parameter.style) + ", " +
                               (parameter.explode ? "true" : "false");
                path_values[parameter.name] = written + ")";
                used_values_.insert("pathValue");
                break;
            }
            case Parameter::In::header:
                headers += "      " + tuple(parameter, value) + ",\n";
                break;
            case Parameter::In::cookie:
                cookies += "      " + tuple(parameter, value) + ",\n";
                warnings_.add("cookie parameters are sent outside of browsers only: these let no "
                              "script set them",
                              parameter.node);
                break;
            default:
                query += "      " + tuple(parameter, value) + ",\n";
            }
        }

        std::string out = "    method: " + quoted(upper(operation.method)) +
                          ",\n    path: " + path_template(operation, path_values) + ",\n";
        if (const std::string base = own_base_of(document_, operation); !base.empty())
            out += "    server: " + quoted(base) + ",\n";
        if (!query.empty()) out += "    query: [\n" + query + "    ],\n";
        if (!headers.empty()) out += "    headers: [\n" + headers + "    ],\n";
        if (!cookies.empty()) out += "    cookies: [\n" + cookies + "    ],\n";
        if (call.body) out += body_fields(call, arguments);
        out += auth_field(operation);
        if (!call.idempotency.empty())
            out += "    idempotency: " + quoted(call.idempotency) + ",\n";
        return out;
    }

    std::string path_template(const spec::Operation& operation,
                              const std::map<std::string, std::string>& values) {
        std::string out;
        std::string_view rest = operation.path;
        const auto literal = [&](std::string_view text) {
            for (const char c : text)
                (c == '`' || c == '\\' || c == '$' ? out += '\\' : out) += c;
        };
        while (!rest.empty()) {
            const std::size_t open = std::min(rest.find('{'), rest.size());
            literal(rest.substr(0, open));
            rest.remove_prefix(open);
            const std::size_t close = rest.find('}');
            if (close == rest.npos) {
                literal(rest);
                break;
            }
            const std::string name(rest.substr(1, close - 1));
            const auto found = values.find(name);
            if (found != values.end())
                out += "${" + found->second + "}";
            else {
                warnings_.add("a variable of a path isn't described, and is sent as it is written",
                              operation.node);
                literal(rest.substr(0, close + 1));
            }
            rest.remove_prefix(close + 1);
        }
        return values.empty() ? quoted(operation.path) : "`" + out + "`";
    }

    std::string body_fields(const Call& call, std::vector<Argument>& arguments) {
        const Body& body = *call.body;
        const Schema* const schema = body.media->schema;
        const std::string given = schema != nullptr ? type(*schema, Use::input, 1) : "unknown";
        Argument argument{"body", given, lines_of(call.operation->body->description),
                          body.is_required};
        std::string out = "    body: args.body,\n";
        std::string media_type = quoted(body.media->type);
        switch (body.content) {
        case Content::json:
            // A form is sent as what it is.
            if (body.or_multipart) argument.type = given + " | FormData";
            out += "    as: \"json\",\n";
            break;
        case Content::multipart:
            argument.type = given == "unknown" ? "FormData" : given + " | FormData";
            out += "    as: \"multipart\",\n" + encoding_field(*body.media);
            break;
        case Content::form:
            argument.type = given == "unknown" ? "URLSearchParams | Record<string, unknown>"
                                               : given + " | URLSearchParams";
            out += "    as: \"form\",\n" + encoding_field(*body.media);
            break;
        case Content::text:
            argument.type = "string";
            break;
        default:
            argument.type = "BodyInit";
        }
        arguments.push_back(std::move(argument));
        if (body.content == Content::any) {
            arguments.push_back({"contentType", "string", {"The media type of the body."}, false});
            media_type = "args.contentType";
        }
        return out + "    type: " + media_type + ",\n";
    }

    static std::string encoding_field(const spec::Media& media) {
        std::string out;
        for (const auto& [name, encoding] : media.encoding) {
            std::string one;
            const auto add = [&](const std::string& member) {
                one.append(one.empty() ? "" : ", ").append(member);
            };
            // A list of types leaves the choice to the sender.
            if (!encoding.content_type.empty() &&
                encoding.content_type.find_first_of(",*") == std::string::npos)
                add("contentType: " + quoted(encoding.content_type));
            if (!encoding.style.empty()) add("style: " + quoted(encoding.style));
            if (encoding.explode)
                add(std::string("explode: ") + (*encoding.explode ? "true" : "false"));
            if (encoding.allow_reserved) add("allowReserved: true");
            if (!one.empty()) out += "      " + key(name) + ": { " + one + " },\n";
        }
        return out.empty() ? out : "    encoding: {\n" + out + "    },\n";
    }

    auto can_show() {
        return [this](const spec::SecurityScheme& scheme) { return !scheme_of(scheme).empty(); };
    }
    std::string auth_field(const spec::Operation& operation) {
        std::vector<std::string> sets;
        for (const std::vector<std::string>& names : credentials_of(operation, can_show())) {
            std::vector<std::string> texts;
            for (const std::string& name : names)
                texts.push_back(quoted(name));
            sets.push_back("[" + joined(texts, ", ") + "]");
        }
        return sets.empty() ? "" : "    auth: [" + joined(sets, ", ") + "],\n";
    }

    // How it is shown; empty if the client can't.
    std::string scheme_of(const spec::SecurityScheme& scheme) {
        using Type = spec::SecurityScheme::Type;
        switch (scheme.type) {
        case Type::api_key:
            return "{ type: \"apiKey\", in: " +
                   std::string(scheme.in == Parameter::In::query    ? "\"query\""
                               : scheme.in == Parameter::In::cookie ? "\"cookie\""
                                                                    : "\"header\"") +
                   ", name: " + quoted(scheme.parameter) + " }";
        case Type::http:
            if (scheme.scheme == "bearer" || scheme.scheme == "basic")
                return "{ type: " + quoted(scheme.scheme) + " }";
            warnings_.add("the HTTP authentication scheme \"" + scheme.scheme +
                              "\" is not supported: set the field by `headers`",
                          scheme.node);
            return "";
        case Type::oauth2:
        case Type::open_id_connect:
            return "{ type: \"bearer\" }";
        case Type::mutual_tls:
            warnings_.add("client certificates are the business of `fetch`: give one that has them",
                          scheme.node);
            return "";
        }
        return "";
    }

    std::string failure_types(const Call& call) {
        std::vector<std::string> out;
        for (const Failure& failure : call.failures) {
            std::string body = "unknown";
            if (failure.schema != nullptr) body = type(*failure.schema, Use::output, 0);
            const bool is_number =
                failure.status.find_first_not_of("0123456789") == failure.status.npos;
            add_to(out, "ApiError<" + (is_number ? failure.status : std::string("number")) + ", " +
                            body + ">");
        }
        return joined(out, " | ");
    }

    // --- The rest -------------------------------------------------------------------------------

    [[nodiscard]] std::string header() const {
        return "// Made from \"" + single_line(document_.title()) + "\" " +
               single_line(document_.api_version()) +
               " by `armature client`. Changes here are lost when it is made again.\n";
    }
    static std::string single_line(std::string_view text) {
        std::string out;
        for (const char c : text)
            out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        return out;
    }

    std::string index_file() {
        std::string auth, schemes;
        for (const spec::SecurityScheme& scheme : document_.security_schemes()) {
            const std::string text = scheme_of(scheme);
            if (text.empty()) continue;
            std::vector<std::string> notes = lines_of(scheme.description);
            if (scheme.type == spec::SecurityScheme::Type::oauth2 ||
                scheme.type == spec::SecurityScheme::Type::open_id_connect)
                notes.emplace_back("An access token: getting one is not the client's business.");
            auth += comment(notes, "  ") + "  " + key(scheme.name) + "?: Credential;\n";
            schemes += "  " + key(scheme.name) + ": " + text + ",\n";
        }
        const std::string base = base_of(document_);
        return header() +
               "import type { Client, ClientOptions, Credential, Scheme } from \"./client.js\";\n\n"
               "export * from \"./client.js\";\n"
               "export * from \"./operations.js\";\n"
               "export * from \"./types.js\";\n\n"
               "/** Credentials by the names of the service's security schemes. */\n"
               "export type Auth = {" +
               (auth.empty() ? "" : "\n" + auth) + "};\n\n" +
               "const schemes: Record<string, Scheme> = {" +
               (schemes.empty() ? "" : "\n" + schemes) + "};\n\n" + "/** A client of " +
               single_line(document_.title()) +
               ". `baseUrl` is needed unless the document names a server. */\n"
               "export function createClient(options: ClientOptions<Auth> = {}): Client {\n"
               "  const { auth, ...rest } = options;\n"
               "  const given: Record<string, Credential | undefined> = { ...auth };\n"
               "  return {\n"
               "    baseUrl: (options.baseUrl ?? " +
               quoted(base) +
               ").replace(/\\/+$/, \"\"),\n"
               "    schemes,\n"
               "    options: { ...rest, auth: given },\n"
               "  };\n"
               "}\n" +
               (auth.empty() ? "export type { Credential };\n" : "");
    }

    [[nodiscard]] std::string package_name() const {
        if (!options_.package.empty()) return options_.package;
        std::string out = snake_case(document_.title());
        std::replace(out.begin(), out.end(), '_', '-');
        return out.empty() ? "api-client" : out + "-client";
    }

    std::string package_file() const {
        std::string version = document_.api_version();
        const bool is_semantic = std::count(version.begin(), version.end(), '.') == 2 &&
                                 version.find_first_not_of("0123456789.") == version.npos;
        if (!is_semantic) version = "0.0.0";
        return "{\n  \"name\": " + quoted(package_name()) + ",\n  \"version\": " + quoted(version) +
               ",\n  \"description\": " + quoted("A client of " + single_line(document_.title())) +
               R"(,
  "type": "module",
  "sideEffects": false,
  "main": "./dist/index.js",
  "types": "./dist/index.d.ts",
  "exports": { ".": { "types": "./dist/index.d.ts", "default": "./dist/index.js" } },
  "files": ["dist", "src"],
  "engines": { "node": ">=18" },
  "scripts": { "build": "tsc -p ." },
  "devDependencies": { "typescript": "^5.4.0" }
}
)";
    }

    std::string readme(const std::vector<std::string>& warnings) const;

    const spec::Document& document_;
    const Options& options_;
    Warnings warnings_;
    std::vector<Call> calls_;
    Types types_;
    Names names_;
    std::map<const Schema*, std::string> type_names_;
    std::map<const Schema*, std::string> input_names_;
    std::string prefix_;                             ///< before the names of types
    std::set<const Schema*> open_;                   ///< being written, in place
    std::set<std::string> used_values_, used_types_; ///< of client.ts, by operations.ts
    std::size_t functions_ = 0;
};

std::string TypeScript::readme(const std::vector<std::string>& warnings) const {
    const std::string package = package_name();
    std::string out =
        "# " + package + "\n\nA TypeScript client of " + single_line(document_.title()) + " " +
        single_line(document_.api_version()) +
        ", made by `armature client`. It needs `fetch` (browsers, Node 18, Deno, Bun) "
        "and nothing else.\n\n"
        "```sh\nnpm install && npm run build\n```\n\n```ts\n";
    out += "import { createClient, isApiError } from " + quoted(package) + ";\n\n";
    out += "const client = createClient({\n  baseUrl: \"https://…\",\n";
    if (!document_.security_schemes().empty())
        out += "  auth: { " + key(document_.security_schemes().front().name) +
               ": () => token() }, // a text, or a function that gets one\n";
    out += "});\n```\n\n" + std::string(runtime::typescript_readme);
    if (!warnings.empty()) {
        out += "\n## What this client doesn't do\n\n";
        for (const std::string& warning : warnings)
            out += "- " + single_line(warning) + "\n";
    }
    return out;
}

} // namespace

Generated typescript(const spec::Document& document, const Options& options) {
    return TypeScript(document, options).run();
}

} // namespace armature::client_gen
