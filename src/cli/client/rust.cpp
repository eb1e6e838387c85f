#include "cli/client/generate.hpp"
#include "cli/client/model.hpp"
#include "cli/client/runtime.hpp"

#include <algorithm>

namespace armature::client_gen {

namespace {

using spec::Parameter;

const std::set<std::string> keywords{
    "as",      "async", "await",    "become", "box",    "break", "const",   "continue", "crate",
    "do",      "dyn",   "else",     "enum",   "extern", "false", "final",   "fn",       "for",
    "gen",     "if",    "impl",     "in",     "let",    "loop",  "macro",   "match",    "mod",
    "move",    "mut",   "override", "priv",   "pub",    "ref",   "return",  "self",     "static",
    "struct",  "super", "trait",    "true",   "try",    "type",  "typeof",  "union",    "unsafe",
    "unsized", "use",   "virtual",  "where",  "while",  "yield", "abstract"};

std::set<std::string> type_names() {
    return {"ApiError",    "BTreeMap", "Box",   "Call",     "Client",         "Credential",
            "Deserialize", "Err",      "Error", "Event",    "Events",         "FilePart",
            "Form",        "None",     "Ok",    "Option",   "ProblemDetails", "Records",
            "Reply",       "Result",   "Retry", "Scheme",   "Self",           "Serialize",
            "Some",        "String",   "Value", "Vec",      "Content",        "Default",
            "Debug",       "Clone",    "From",  "PartialEq"};
}

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
    for (std::string line : lines) {
        // rustc refuses text that runs backwards, and lone carriage returns.
        for (const char* const mark : {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066",
                                       "\u2067", "\u2068", "\u2069"})
            for (std::size_t at; (at = line.find(mark)) != line.npos;)
                line.erase(at, 3);
        std::erase(line, '\r');
        out.append(margin).append("///").append(line.empty() ? "" : " ").append(line).append("\n");
    }
    return out;
}

class Rust {
  public:
    Rust(const spec::Document& document, const Options& options)
        : document_(document), crate_(crate_name(document, options)),
          model_(document, warnings_, Names(type_names())) {}

    Generated run() {
        // Calls first: they declare types of their own.
        const std::string calls = operations();
        groups_ = model_.groups();
        Generated out;
        out.files.push_back({"src/types.rs", type_file()});
        out.files.push_back({"src/operations.rs", calls});
        out.files.push_back({"src/client.rs", std::string(runtime::rust_client)});
        out.files.push_back({"src/lib.rs", library()});
        out.files.push_back({"Cargo.toml", cargo_file()});
        out.warnings = warnings_.lines();
        out.files.push_back({"README.md", readme(out.warnings)});
        out.functions = functions_;
        out.types = model_.declarations().size();
        return out;
    }

  private:
    using Kind = Type::Kind;
    using Decl = Declaration::Kind;

    static std::string crate_name(const spec::Document& document, const Options& options) {
        std::string out =
            snake_case(options.package.empty() ? document.title() + " client" : options.package);
        if (out.empty() || (out.front() >= '0' && out.front() <= '9')) out.insert(0, "api_");
        return out;
    }
    static std::string single_line(std::string_view text) {
        std::string out;
        for (const char c : text)
            out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        return out;
    }
    [[nodiscard]] std::string header() const {
        return "// Made from \"" + single_line(document_.title()) + "\" " +
               single_line(document_.api_version()) +
               " by `armature client`. Changes here are lost when it is made again.\n";
    }

    std::string name_of(const Type& type) const {
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
    std::string boxed_name_of(std::size_t within, const Type& type) const {
        if (type.kind != Kind::named || groups_[type.named] != groups_[within])
            return name_of(type);
        const std::string name = "Box<" + model_.declarations()[type.named].name + ">";
        return type.is_nullable ? "Option<" + name + ">" : name;
    }
    static std::string optional(const std::string& name) {
        return name.starts_with("Option<") ? name : "Option<" + name + ">";
    }

    std::vector<std::string> notes_of(const spec::Schema& schema) const {
        std::vector<std::string> out = lines_of(schema.description);
        if (out.empty() && !schema.title.empty() && schema.title != schema.name)
            out = lines_of(schema.title);
        return out;
    }

    std::string structure(std::size_t index) {
        const Declaration& one = model_.declarations()[index];
        std::string out, parameters, values;
        bool all_optional = true;
        std::set<std::string> taken = keywords;
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
            out += "    /// Members that are not described.\n    #[serde(flatten)]\n    pub " +
                   name + ": BTreeMap<String, " + (one.others ? name_of(*one.others) : "Value") +
                   ">,\n";
            values += "            " + name + ": BTreeMap::new(),\n";
        }
        return "#[derive(Clone, Debug, PartialEq, Serialize, Deserialize" +
               std::string(all_optional ? ", Default" : "") + ")]\npub struct " + one.name +
               " {\n" + out + "}\n\nimpl " + one.name + " {\n    /// With what is required.\n" +
               "    #[allow(clippy::too_many_arguments, clippy::new_without_default)]\n" +
               "    pub fn new(" + parameters + ") -> Self {\n        Self {\n" + values +
               "        }\n    }\n}\n\n";
    }

    static std::string variant_name(Names& names, std::string_view text) {
        const std::string name = pascal_case(text);
        return names.take(name.empty() ? (text.empty() ? "Empty" : "Other") : name);
    }

    std::string enumeration(const Declaration& one) {
        Names names({"Self", "Unknown"});
        std::string out =
            "#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]\npub enum " + one.name +
            " {\n";
        for (const std::string& value : one.values)
            out += "    #[serde(rename = " + literal(value) + ")]\n    " +
                   variant_name(names, value) + ",\n";
        return out + "    /// A value that is newer than this client.\n    #[serde(untagged)]\n    "
                     "Unknown(String),\n}\n\n";
    }

    std::string tagged(std::size_t index) {
        const Declaration& one = model_.declarations()[index];
        Names names({"Self", "Unknown"});
        std::string variants, reading, writing;
        for (const Alternative& alternative : one.alternatives) {
            const std::string name = variant_name(names, alternative.tags.front());
            variants += "    " + name + "(" + boxed_name_of(index, alternative.type) + "),\n";
            std::string patterns;
            for (const std::string& tag : alternative.tags)
                patterns +=
                    (patterns.empty() ? "" : " | ") + std::string("Some(") + literal(tag) + ")";
            reading += "            " + patterns + " => serde_json::from_value(value).map(" +
                       one.name + "::" + name + ").map_err(serde::de::Error::custom),\n";
            writing += "            " + one.name + "::" + name +
                       "(inner) => (serde_json::to_value(inner), " +
                       literal(alternative.tags.front()) + "),\n";
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

    std::string untagged(std::size_t index) {
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

    std::string type_file() {
        std::string out = header() +
                          "//! The types of the service's schemas.\n\n"
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

    // --- Calls ----------------------------------------------------------------------------------

    static std::string upper(std::string_view text) {
        std::string out(text);
        for (char& c : out)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        return out;
    }

    struct Argument {
        std::string name;
        std::string type;
        std::vector<std::string> notes;
        bool is_required;
    };

    std::string operations() {
        std::set<std::string> taken = keywords;
        taken.insert({"client", "types", "operations"});
        Names names(taken);
        std::string body;
        for (const Call& call : model_.calls())
            body += operation(call, names);
        return header() +
               "//! A function for each operation of the service.\n\n"
               "#[allow(unused_imports)]\nuse crate::client::*;\n"
               "#[allow(unused_imports)]\nuse crate::types::*;\n"
               "#[allow(unused_imports)]\nuse serde_json::Value;\n"
               "#[allow(unused_imports)]\nuse std::collections::BTreeMap;\n\n" +
               body;
    }

    std::string operation(const Call& call, Names& names) {
        const spec::Operation& operation = *call.operation;
        const std::string name = names.take(snake_case(call.name));
        std::vector<Argument> arguments;
        std::string set_up = call_code(call, arguments);
        std::string out, arguments_type;
        if (!arguments.empty()) {
            arguments_type = model_.take_name(pascal_case(name) + "Args");
            out += arguments_struct(name, arguments_type, arguments);
        }
        out += error_enum(call, name);

        const Success& success = call.success;
        struct Variant {
            std::string suffix, result, give, accept, note;
            bool is_stream;
        };
        std::vector<Variant> variants;
        const auto events = [&](const std::string& suffix) {
            variants.push_back({suffix, "Events", "client.send(call).await.map(Events::new)",
                                "text/event-stream", "Gives the events as they come.", true});
        };
        const auto lines = [&](const std::string& suffix) {
            const spec::Schema* const schema = success.lines->item_schema != nullptr
                                                   ? success.lines->item_schema
                                                   : success.lines->schema;
            const std::string item =
                schema != nullptr
                    ? name_of(model_.type_of(*schema, Use::output, call.name + " item"))
                    : "Value";
            variants.push_back({suffix, "Records<" + item + ">",
                                "client.send(call).await.map(Records::new)", success.lines->type,
                                "Gives the records as they come.", true});
        };
        const std::string all = success.accept.empty() ? "*/*" : success.accept;
        if (!success.json.empty()) {
            const std::string type = name_of(model_.type_of(success.json, call.name + " result"));
            const bool may_be_empty = success.may_be_empty || success.is_unknown;
            variants.push_back({"", "Reply<" + (may_be_empty ? "Option<" + type + ">" : type) + ">",
                                may_be_empty ? "client.send_for_option(call).await"
                                             : "client.send_for_json(call).await",
                                "application/json", "", false});
            if (success.events != nullptr) events("_stream");
            if (success.lines != nullptr) lines("_stream");
        } else if (success.events != nullptr) {
            events("");
        } else if (success.lines != nullptr) {
            lines("");
        } else if (success.has_text && !success.has_binary) {
            variants.push_back(
                {"", "Reply<String>", "client.send_for_text(call).await", all, "", false});
        } else if (success.has_binary || success.is_unknown) {
            variants.push_back(
                {"", "Reply<Vec<u8>>", "client.send_for_bytes(call).await", all, "", false});
        } else {
            variants.push_back(
                {"", "Reply<()>", "client.send_for_nothing(call).await", "*/*", "", false});
        }
        if (success.has_text || success.has_binary)
            variants.push_back({"_response", "reqwest::Response", "client.send(call).await", all,
                                "Gives the response, whose content is read as it comes.", true});
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
            out += comment(notes, "");
            if (operation.is_deprecated) out += "#[deprecated]\n";
            out += "pub async fn " +
                   (variant.suffix.empty() ? name : names.take(name + variant.suffix)) +
                   "(client: &Client" + (arguments.empty() ? "" : ", args: &" + arguments_type) +
                   ") -> Result<" + variant.result +
                   ", Error> {\n    let accept = " + literal(variant.accept) + ";\n" + set_up +
                   (variant.is_stream ? "    let call = call.stream();\n" : "") + "    " +
                   variant.give + "\n}\n\n";
            ++functions_;
        }
        return out;
    }

    std::string error_enum(const Call& call, const std::string& function) {
        std::string variants, reading;
        std::set<std::string> met;
        for (const Failure& failure : call.failures) {
            if (failure.schema == nullptr ||
                failure.status.find_first_not_of("0123456789") != failure.status.npos ||
                !met.insert(failure.status).second)
                continue;
            const Type type = model_.type_of(*failure.schema, Use::output,
                                             call.name + " error " + failure.status);
            variants += "    Status" + failure.status + "(" + name_of(type) + "),\n";
            reading += "            " + failure.status + " => error.json().map(Self::Status" +
                       failure.status + ").unwrap_or(Self::Other),\n";
        }
        if (variants.empty()) return "";
        const std::string name = model_.take_name(pascal_case(function) + "Error");
        return "/// The errors that [`" + function +
               "`] is known for.\n#[derive(Clone, Debug, PartialEq)]\npub enum " + name + " {\n" +
               variants + "    Other,\n}\n\nimpl From<&ApiError> for " + name +
               " {\n    fn from(error: &ApiError) -> Self {\n        match error.status {\n" +
               reading + "            _ => Self::Other,\n        }\n    }\n}\n\n";
    }

    static std::string arguments_struct(const std::string& function, const std::string& name,
                                        const std::vector<Argument>& arguments) {
        std::string out, parameters, values;
        for (const Argument& argument : arguments) {
            out += comment(argument.notes, "    ") + "    pub " + argument.name + ": " +
                   argument.type + ",\n";
            if (argument.is_required) {
                parameters +=
                    (parameters.empty() ? "" : ", ") + argument.name + ": " + argument.type;
                values += "            " + argument.name + ",\n";
            } else {
                values += "            " + argument.name + ": None,\n";
            }
        }
        return "/// What [`" + function + "`] takes.\n#[derive(Clone, Debug)]\npub struct " + name +
               " {\n" + out + "}\n\nimpl " + name +
               " {\n    /// With what is required.\n    #[allow(clippy::too_many_arguments, "
               "clippy::new_without_default)]\n    pub fn new(" +
               parameters + ") -> Self {\n        Self {\n" + values + "        }\n    }\n}\n\n";
    }

    std::string call_code(const Call& call, std::vector<Argument>& arguments) {
        const spec::Operation& operation = *call.operation;
        std::set<std::string> taken = keywords;
        taken.insert({"body", "content_type"});
        Names names(taken);
        std::map<std::string, std::string> path_values;
        std::string lines;
        for (const Parameter& parameter : operation.parameters) {
            std::string lower_name = parameter.name;
            for (char& c : lower_name)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            const bool is_header = parameter.in == Parameter::In::header;
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
            const spec::Schema* const schema =
                parameter.content ? parameter.content->schema : parameter.schema;
            const Type type = schema != nullptr ? model_.type_of(*schema, Use::input,
                                                                 call.name + " " + parameter.name)
                                                : Type{};
            const std::string name = names.take(snake_case(parameter.name));
            const bool is_required =
                (parameter.is_required || parameter.in == Parameter::In::path) &&
                !(is_header && parameter.name == call.idempotency);
            Argument argument{name, is_required ? name_of(type) : optional(name_of(type)),
                              lines_of(parameter.description), is_required};
            if (is_header && parameter.name == call.idempotency)
                argument.notes.emplace_back("A new one is made if it is absent.");
            arguments.push_back(std::move(argument));
            const std::string text = literal(parameter.name);
            const std::string value = "&args." + name;
            switch (parameter.in) {
            case Parameter::In::path:
                if (parameter.style != "simple")
                    warnings_.add("the style " + parameter.style +
                                      " of path parameters is not supported in Rust",
                                  parameter.node);
                path_values[parameter.name] = "path_value(" + text + ", " + value + ")?";
                break;
            case Parameter::In::header:
                lines += "    let call = call.header(" + text + ", " + value + ");\n";
                break;
            case Parameter::In::cookie:
                lines += "    let call = call.cookie(" + text + ", " + value + ");\n";
                break;
            default:
                lines += "    let call = call.query(" + text + ", " + value + ", " +
                         literal(parameter.style) + ", " + (parameter.explode ? "true" : "false") +
                         ");\n";
            }
        }
        std::string out = "    let call = Call::new(" + method_of(operation) + ", " +
                          path_expression(operation, path_values) + ", accept);\n";
        if (const std::string base = own_base_of(document_, operation); !base.empty())
            out += "    let call = call.server(" + literal(base) + ");\n";
        out += lines;
        if (call.body) out += body_code(call, arguments);
        out += auth_code(operation);
        if (!call.idempotency.empty())
            out += "    let call = call.idempotency(" + literal(call.idempotency) + ");\n";
        return out;
    }

    std::string method_of(const spec::Operation& operation) {
        for (const char* const one :
             {"get", "put", "post", "delete", "options", "head", "patch", "trace"})
            if (operation.method == one) return "reqwest::Method::" + upper(one);
        return "reqwest::Method::from_bytes(b" + literal(upper(operation.method)) + ").unwrap()";
    }

    std::string path_expression(const spec::Operation& operation,
                                const std::map<std::string, std::string>& values) {
        std::string format, list;
        std::string_view rest = operation.path;
        const auto text = [&](std::string_view part) {
            for (const char c : part)
                c == '{' || c == '}' ? format.append(2, c) : format.append(1, c);
        };
        while (!rest.empty()) {
            const std::size_t open = std::min(rest.find('{'), rest.size());
            text(rest.substr(0, open));
            rest.remove_prefix(open);
            const std::size_t close = rest.find('}');
            if (close == rest.npos) {
                text(rest);
                break;
            }
            const auto found = values.find(std::string(rest.substr(1, close - 1)));
            if (found == values.end()) {
                warnings_.add("a variable of a path isn't described, and is sent as it is written",
                              operation.node);
                text(rest.substr(0, close + 1));
            } else {
                format += "{}";
                list += ", " + found->second;
            }
            rest.remove_prefix(close + 1);
        }
        if (list.empty()) return literal(operation.path) + ".to_owned()";
        return "format!(" + literal(format) + list + ")";
    }

    // The object that a form consists of, past aliases.
    const Declaration* object_of(const Type& type) const {
        const Type* at = &type;
        for (unsigned i = 0; i != 100 && at->kind == Kind::named; ++i) {
            const Declaration& one = model_.declarations()[at->named];
            if (one.kind == Decl::object) return &one;
            if (one.kind != Decl::alias) return nullptr;
            at = &one.alias;
        }
        return nullptr;
    }
    bool is_bytes(const Type& type) const {
        if (type.kind == Kind::bytes) return true;
        return type.kind == Kind::named && model_.declarations()[type.named].kind == Decl::alias &&
               is_bytes(model_.declarations()[type.named].alias);
    }

    std::string body_code(const Call& call, std::vector<Argument>& arguments) {
        const Body& body = *call.body;
        const std::vector<std::string> notes = lines_of(call.operation->body->description);
        const std::string media = literal(body.media->type);
        const spec::Schema* const schema = body.media->schema;
        const bool is_required = body.is_required;
        const auto argument = [&](const std::string& type) {
            arguments.push_back({"body", is_required ? type : optional(type), notes, is_required});
        };
        const auto when_given = [&](const std::string& expression) {
            return is_required ? "    let body = &args.body;\n    let call = " + expression + ";\n"
                               : "    let call = match &args.body {\n        Some(body) => " +
                                     expression + ",\n        None => call,\n    };\n";
        };
        const Type type =
            schema != nullptr ? model_.type_of(*schema, Use::input, call.name + " body") : Type{};
        if (body.or_multipart)
            warnings_.add("an operation takes a form with files as well: the client sends JSON",
                          body.media->node);
        if (body.content == Content::json) {
            argument(name_of(type));
            return when_given("call.json(" + media + ", body)?");
        }
        const bool is_multipart = body.content == Content::multipart;
        if (is_multipart || body.content == Content::form) {
            const Declaration* const object = object_of(type);
            if (object == nullptr) {
                argument(is_multipart ? "Form" : "BTreeMap<String, Value>");
                return when_given(is_multipart
                                      ? "call.form(body.clone())"
                                      : "call.urlencoded(" + media +
                                            ", &body.iter().map(|(name, value)| (name.as_str(), "
                                            "value.clone(), \"form\", true)).collect::<Vec<_>>())");
            }
            argument(name_of(type));
            std::string parts;
            std::set<std::string> taken = keywords;
            Names names(taken);
            for (const Field& field : object->fields) {
                const std::string name = names.take(snake_case(field.json));
                std::string kind = "None", style = "form", explode = "true";
                for (const auto& [of, encoding] : body.media->encoding) {
                    if (of != field.json) continue;
                    if (!encoding.content_type.empty() &&
                        encoding.content_type.find_first_of(",*") == std::string::npos)
                        kind = "Some(" + literal(encoding.content_type) + ")";
                    if (!encoding.style.empty()) style = encoding.style;
                    if (encoding.explode) explode = *encoding.explode ? "true" : "false";
                }
                const std::string text = literal(field.json);
                if (!is_multipart) {
                    parts += "(" + text + ", value_of(&body." + name + "), " + literal(style) +
                             ", " + explode + "), ";
                    continue;
                }
                const bool is_list = field.type.kind == Kind::list && is_bytes(*field.type.item);
                if (is_bytes(field.type) || is_list) {
                    // An Option and a Vec are both iterated over.
                    const bool is_option = !field.is_required || field.type.is_nullable;
                    std::string each = "&body." + name;
                    if (is_option && is_list) each = "body." + name + ".iter().flatten()";
                    if (!is_option && !is_list) each = "[&body." + name + "]";
                    parts += "        for part in " + each + " {\n            form = form.file(" +
                             text + ", part, " + kind + ");\n        }\n";
                } else {
                    parts += "        form = form.value(" + text + ", &body." + name + ", " + kind +
                             ");\n";
                }
            }
            if (!is_multipart)
                return when_given("call.urlencoded(" + media + ", &[" + parts + "])");
            return when_given("{\n        let mut form = Form::new();\n" + parts +
                              "        call.form(form)\n    }");
        }
        if (body.content == Content::text) {
            argument("String");
            return when_given("call.bytes(" + media + ", body.clone().into_bytes())");
        }
        argument("Vec<u8>");
        if (body.content == Content::any) {
            arguments.push_back(
                {"content_type", "Option<String>", {"The media type of the body."}, false});
            return when_given("call.bytes(args.content_type.as_deref().unwrap_or("
                              "\"application/octet-stream\"), body.clone())");
        }
        return when_given("call.bytes(" + media + ", body.clone())");
    }

    std::string scheme_of(const spec::SecurityScheme& scheme) {
        using SchemeType = spec::SecurityScheme::Type;
        switch (scheme.type) {
        case SchemeType::api_key:
            return std::string("Scheme::") +
                   (scheme.in == Parameter::In::query    ? "Query"
                    : scheme.in == Parameter::In::cookie ? "Cookie"
                                                         : "Header") +
                   "(" + literal(scheme.parameter) + ")";
        case SchemeType::http:
            if (scheme.scheme == "bearer") return "Scheme::Bearer";
            if (scheme.scheme == "basic") return "Scheme::Basic";
            warnings_.add("the HTTP authentication scheme \"" + scheme.scheme +
                              "\" is not supported",
                          scheme.node);
            return "";
        case SchemeType::oauth2:
        case SchemeType::open_id_connect:
            return "Scheme::Bearer";
        case SchemeType::mutual_tls:
            warnings_.add("client certificates are the business of `http`: give one that has them",
                          scheme.node);
            return "";
        }
        return "";
    }
    auto can_show() {
        return [this](const spec::SecurityScheme& scheme) { return !scheme_of(scheme).empty(); };
    }
    std::string auth_code(const spec::Operation& operation) {
        std::string sets;
        for (const std::vector<std::string>& names : credentials_of(operation, can_show())) {
            std::string one;
            for (const std::string& name : names)
                one += (one.empty() ? "" : ", ") + literal(name);
            sets += (sets.empty() ? "&[" : ", &[") + one + "]";
        }
        return sets.empty() ? "" : "    let call = call.auth(&[" + sets + "]);\n";
    }

    std::string library() {
        std::string schemes;
        for (const spec::SecurityScheme& scheme : document_.security_schemes()) {
            const std::string text = scheme_of(scheme);
            if (!text.empty())
                schemes +=
                    "    (" + literal(scheme.name) + ", client::Scheme::" + text.substr(8) + "),\n";
        }
        const std::string base = base_of(document_);
        const bool has_base = base.starts_with("http");
        return header() + "//! A client of " + single_line(document_.title()) + " " +
               single_line(document_.api_version()) +
               ".\n#![allow(dead_code, deprecated, clippy::all, rustdoc::all)]\n\npub mod "
               "client;\npub mod "
               "operations;\npub mod types;\n\npub use client::{ApiError, Client, Credential, "
               "Error, "
               "Event, Events, FilePart, Form, ProblemDetails, Records, Reply, Retry};\npub use "
               "operations::*;\npub use types::*;\n\nconst SCHEMES: &[(&str, client::Scheme)] = "
               "&[\n" +
               schemes +
               "];\n\nimpl Client {\n    /// A client of the service at this address.\n    pub fn "
               "new(base_url: &str) -> Self {\n        Client {\n            base_url: "
               "base_url.to_owned(),\n            credentials: Default::default(),\n            "
               "retry: "
               "Default::default(),\n            timeout: std::time::Duration::from_secs(30),\n"
               "            idempotency_keys: false,\n            http: reqwest::Client::new(),\n"
               "            schemes: SCHEMES,\n            has_default_url: false,\n        }\n    "
               "}\n" +
               (has_base
                    ? "    /// A client of the service where its document says that it is.\n    "
                      "pub "
                      "fn of_the_document() -> Self {\n        Client { has_default_url: true, "
                      "..Self::new(" +
                          literal(base) + ") }\n    }\n"
                    : "") +
               "    /// Adds a credential for a security scheme.\n    pub fn credential(mut self, "
               "scheme: &str, credential: Credential) -> Self {\n        "
               "self.credentials.insert(scheme.to_owned(), credential);\n        self\n    }\n}\n";
    }

    std::string cargo_file() const {
        return "# " + single_line(document_.title()) +
               ", by `armature client`.\n[package]\nname = " + literal(crate_) +
               "\nversion = \"0.0.0\"\nedition = \"2021\"\npublish = false\n\n[features]\ndefault "
               "= "
               "[\"rustls\"]\nrustls = [\"reqwest/rustls-tls\"]\n\n[dependencies]\nbytes = "
               "\"1\"\nreqwest = { version = \"0.12\", default-features = false, features = "
               "[\"multipart\"] }\nserde = { version = \"1.0.181\", features = [\"derive\"] }\n"
               "serde_json = \"1\"\ntokio = { version = \"1\", features = [\"time\"] }\nuuid = { "
               "version "
               "= \"1\", features = [\"v4\"] }\n";
    }

    std::string readme(const std::vector<std::string>& warnings) const {
        std::string text(runtime::rust_readme);
        for (std::size_t at = 0; (at = text.find("CRATE", at)) != text.npos; at += crate_.size())
            text.replace(at, 5, crate_);
        std::string out = "# " + crate_ + "\n\nA Rust client of " + single_line(document_.title()) +
                          " " + single_line(document_.api_version()) +
                          ", made by `armature client`, on reqwest and serde.\n\n" + text;
        if (!warnings.empty()) {
            out += "\n## What this client doesn't do\n\n";
            for (const std::string& warning : warnings)
                out += "- " + single_line(warning) + "\n";
        }
        return out;
    }

    const spec::Document& document_;
    std::string crate_;
    Warnings warnings_;
    Model model_;
    std::vector<std::size_t> groups_;
    std::size_t functions_ = 0;
};

} // namespace

Generated rust(const spec::Document& document, const Options& options) {
    return Rust(document, options).run();
}

} // namespace armature::client_gen
