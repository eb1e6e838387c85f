#include "cli/client/typescript_calls.hpp"

#include <algorithm>

namespace armature::client_gen {

using namespace typescript_text;
using spec::Parameter;
using spec::Schema;

namespace {

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

std::vector<std::string> notes_of_parameter(const Parameter& parameter) {
    std::vector<std::string> out = lines_of(parameter.description);
    if (out.empty() && parameter.schema != nullptr) out = notes_of(*parameter.schema);
    if (parameter.is_deprecated) out.emplace_back("@deprecated");
    return out;
}

std::string encoding_field(const spec::Media& media) {
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

} // namespace

std::string TypeScriptCalls::write(const std::string& top) {
    std::string body;
    for (const Call& call : calls_)
        body += operation(call);
    std::string imports;
    for (const std::string& name : used_values_)
        imports.append(imports.empty() ? "" : ", ").append(name);
    std::string out = top + "// A function for each operation of the service.\n\n";
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

std::string TypeScriptCalls::operation(const Call& call) {
    const spec::Operation& operation = *call.operation;
    const std::string name = types_.names().take(camel_case(call.name));
    const std::string base = pascal_case(name);
    std::vector<Argument> arguments;
    std::set<std::string> keys;
    std::string fields = call_fields(call, arguments, keys);

    std::string out;
    std::string arguments_type;
    bool needs_arguments = false;
    if (!arguments.empty()) {
        arguments_type = types_.names().take(base + "Args");
        out +=
            "/** What {@link " + name + "} takes. */\nexport interface " + arguments_type + " {\n";
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
        error_type = types_.names().take(base + "Error");
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
        const std::string text = types_.type(*schema, Use::output, 0);
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
            add_to(results, types_.type(*schema, Use::output, 0));
        std::string result = union_of(results);
        if ((success.may_be_empty || success.is_unknown) && result != "unknown")
            result += " | undefined";
        variants.push_back({name, "Promise<" + result + ">", "sendForJson<" + result + ">",
                            "application/json", ""});
        if (success.events != nullptr) events(types_.names().take(name + "Stream"));
        if (success.lines != nullptr) lines(types_.names().take(name + "Stream"));
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
        variants.push_back({types_.names().take(name + "Bytes"),
                            "AsyncGenerator<Uint8Array, void, void>", "sendForChunks", all,
                            "Gives the content piece by piece, as it comes."});

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

// A parameter as the client's core takes it: what isn't the default behind the value.
std::string TypeScriptCalls::tuple(const Parameter& parameter, const std::string& value) {
    std::string written = value;
    if (parameter.content)
        written = value + " === undefined ? undefined : JSON.stringify(" + value + ")";
    const bool is_query = parameter.in == Parameter::In::query;
    const bool is_plain =
        parameter.style == (is_query ? "form" : "simple") || parameter.in == Parameter::In::cookie;
    std::string out = "[" + quoted(parameter.name) + ", " + written;
    if (is_query && parameter.allow_reserved)
        out += ", " + quoted(parameter.style) + ", " + (parameter.explode ? "true" : "false") +
               ", true";
    else if (!is_plain || parameter.explode != (parameter.style == "form"))
        out += ", " + quoted(parameter.style) + ", " + (parameter.explode ? "true" : "false");
    return out + "]";
}

std::string TypeScriptCalls::call_fields(const Call& call, std::vector<Argument>& arguments,
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
        if (schema != nullptr) argument.type = types_.type(*schema, Use::input, 1);
        if (parameter.name == call.idempotency && is_header)
            argument.notes.emplace_back("A new one is made if it is absent.");
        arguments.push_back(std::move(argument));
        const std::string value = "args" + access(name);
        switch (parameter.in) {
        case Parameter::In::path: {
            std::string written = "pathValue(" + quoted(parameter.name) + ", " + value;
            if (parameter.style != "simple" || parameter.explode)
                written +=
                    ", " + quoted(parameter.style) + ", " + (parameter.explode ? "true" : "false");
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
    if (!call.idempotency.empty()) out += "    idempotency: " + quoted(call.idempotency) + ",\n";
    return out;
}

std::string TypeScriptCalls::path_template(const spec::Operation& operation,
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

std::string TypeScriptCalls::body_fields(const Call& call, std::vector<Argument>& arguments) {
    const Body& body = *call.body;
    const Schema* const schema = body.media->schema;
    const std::string given = schema != nullptr ? types_.type(*schema, Use::input, 1) : "unknown";
    Argument argument{"body", given, lines_of(call.operation->body->description), body.is_required};
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

std::string TypeScriptCalls::auth_field(const spec::Operation& operation) {
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
std::string TypeScriptCalls::scheme_of(const spec::SecurityScheme& scheme) {
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

std::string TypeScriptCalls::failure_types(const Call& call) {
    std::vector<std::string> out;
    for (const Failure& failure : call.failures) {
        std::string body = "unknown";
        if (failure.schema != nullptr) body = types_.type(*failure.schema, Use::output, 0);
        const bool is_number =
            failure.status.find_first_not_of("0123456789") == failure.status.npos;
        add_to(out, "ApiError<" + (is_number ? failure.status : std::string("number")) + ", " +
                        body + ">");
    }
    return joined(out, " | ");
}

} // namespace armature::client_gen
