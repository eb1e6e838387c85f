#include "cli/client/rust_calls.hpp"

#include <algorithm>

namespace armature::client_gen {

using namespace rust_text;
using spec::Parameter;

namespace {

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

} // namespace

std::string RustCalls::write(const std::string& top) {
    std::set<std::string> taken = keywords();
    taken.insert({"client", "types", "operations"});
    Names names(taken);
    std::string body;
    for (const Call& call : model_.calls())
        body += operation(call, names);
    return top +
           "//! A function for each operation of the service.\n\n"
           "#[allow(unused_imports)]\nuse crate::client::*;\n"
           "#[allow(unused_imports)]\nuse crate::types::*;\n"
           "#[allow(unused_imports)]\nuse serde_json::Value;\n"
           "#[allow(unused_imports)]\nuse std::collections::BTreeMap;\n\n" +
           body;
}

std::string RustCalls::operation(const Call& call, Names& names) {
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
                ? types_.name_of(model_.type_of(*schema, Use::output, call.name + " item"))
                : "Value";
        variants.push_back({suffix, "Records<" + item + ">",
                            "client.send(call).await.map(Records::new)", success.lines->type,
                            "Gives the records as they come.", true});
    };
    const std::string all = success.accept.empty() ? "*/*" : success.accept;
    if (!success.json.empty()) {
        const std::string type =
            types_.name_of(model_.type_of(success.json, call.name + " result"));
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
        if (operation.description != operation.summary) paragraph(lines_of(operation.description));
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

std::string RustCalls::error_enum(const Call& call, const std::string& function) {
    std::string variants, reading;
    std::set<std::string> met;
    for (const Failure& failure : call.failures) {
        if (failure.schema == nullptr ||
            failure.status.find_first_not_of("0123456789") != failure.status.npos ||
            !met.insert(failure.status).second)
            continue;
        const Type type =
            model_.type_of(*failure.schema, Use::output, call.name + " error " + failure.status);
        variants += "    Status" + failure.status + "(" + types_.name_of(type) + "),\n";
        reading += "            " + failure.status + " => error.json().map(Self::Status" +
                   failure.status + ").unwrap_or(Self::Other),\n";
    }
    if (variants.empty()) return "";
    const std::string name = model_.take_name(pascal_case(function) + "Error");
    return "/// The errors that [`" + function +
           "`] is known for.\n#[derive(Clone, Debug, PartialEq)]\npub enum " + name + " {\n" +
           variants + "    Other,\n}\n\nimpl From<&ApiError> for " + name +
           " {\n    fn from(error: &ApiError) -> Self {\n        match error.status {\n" + reading +
           "            _ => Self::Other,\n        }\n    }\n}\n\n";
}

std::string RustCalls::arguments_struct(const std::string& function, const std::string& name,
                                        const std::vector<Argument>& arguments) {
    std::string out, parameters, values;
    for (const Argument& argument : arguments) {
        out += comment(argument.notes, "    ") + "    pub " + argument.name + ": " + argument.type +
               ",\n";
        if (argument.is_required) {
            parameters += (parameters.empty() ? "" : ", ") + argument.name + ": " + argument.type;
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

std::string RustCalls::call_code(const Call& call, std::vector<Argument>& arguments) {
    const spec::Operation& operation = *call.operation;
    std::set<std::string> taken = keywords();
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
        const bool is_required = (parameter.is_required || parameter.in == Parameter::In::path) &&
                                 !(is_header && parameter.name == call.idempotency);
        Argument argument{
            name, is_required ? types_.name_of(type) : RustTypes::optional(types_.name_of(type)),
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

std::string RustCalls::method_of(const spec::Operation& operation) {
    for (const char* const one :
         {"get", "put", "post", "delete", "options", "head", "patch", "trace"})
        if (operation.method == one) return "reqwest::Method::" + upper(one);
    return "reqwest::Method::from_bytes(b" + literal(upper(operation.method)) + ").unwrap()";
}

std::string RustCalls::path_expression(const spec::Operation& operation,
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
const Declaration* RustCalls::object_of(const Type& type) const {
    const Type* at = &type;
    for (unsigned i = 0; i != 100 && at->kind == Kind::named; ++i) {
        const Declaration& one = model_.declarations()[at->named];
        if (one.kind == Decl::object) return &one;
        if (one.kind != Decl::alias) return nullptr;
        at = &one.alias;
    }
    return nullptr;
}
bool RustCalls::is_bytes(const Type& type) const {
    if (type.kind == Kind::bytes) return true;
    return type.kind == Kind::named && model_.declarations()[type.named].kind == Decl::alias &&
           is_bytes(model_.declarations()[type.named].alias);
}

std::string RustCalls::body_code(const Call& call, std::vector<Argument>& arguments) {
    const Body& body = *call.body;
    const std::vector<std::string> notes = lines_of(call.operation->body->description);
    const std::string media = literal(body.media->type);
    const spec::Schema* const schema = body.media->schema;
    const bool is_required = body.is_required;
    const auto argument = [&](const std::string& type) {
        arguments.push_back(
            {"body", is_required ? type : RustTypes::optional(type), notes, is_required});
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
        argument(types_.name_of(type));
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
        argument(types_.name_of(type));
        std::string parts;
        std::set<std::string> taken = keywords();
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
                parts += "(" + text + ", value_of(&body." + name + "), " + literal(style) + ", " +
                         explode + "), ";
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
                parts +=
                    "        form = form.value(" + text + ", &body." + name + ", " + kind + ");\n";
            }
        }
        if (!is_multipart) return when_given("call.urlencoded(" + media + ", &[" + parts + "])");
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

std::string RustCalls::scheme_of(const spec::SecurityScheme& scheme) {
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
        warnings_.add("the HTTP authentication scheme \"" + scheme.scheme + "\" is not supported",
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
std::string RustCalls::auth_code(const spec::Operation& operation) {
    std::string sets;
    for (const std::vector<std::string>& names : credentials_of(operation, can_show())) {
        std::string one;
        for (const std::string& name : names)
            one += (one.empty() ? "" : ", ") + literal(name);
        sets += (sets.empty() ? "&[" : ", &[") + one + "]";
    }
    return sets.empty() ? "" : "    let call = call.auth(&[" + sets + "]);\n";
}

} // namespace armature::client_gen
