#include "cli/client/cpp_calls.hpp"

#include "cli/client/cpp_text.hpp"

#include <algorithm>

namespace armature::client_gen {

using namespace cpp_text;
using spec::Parameter;

namespace {

// More, and a compiler takes minutes and gigabytes for one file.
constexpr std::size_t calls_in_a_unit = 200;

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

} // namespace

void CppCalls::write() {
    std::set<std::string> taken = keywords();
    taken.insert({"Api", "core", "core_", "args", "call", "head"});
    Names names(taken);
    // Everything that calls need is declared before it is decided how.
    std::vector<Type> used;
    std::vector<Plan> plans;
    for (const Call& call : model_.calls()) {
        Plan plan{&call, names.take(snake_case(call.name)), {}, {}, {}, {}};
        for (const Parameter& parameter : call.operation->parameters) {
            const spec::Schema* const schema =
                parameter.content ? parameter.content->schema : parameter.schema;
            plan.parameters.emplace_back(
                &parameter, schema != nullptr ? model_.type_of(*schema, Use::input,
                                                               call.name + " " + parameter.name)
                                              : Type{});
        }
        if (call.body && call.body->media->schema != nullptr)
            plan.body = model_.type_of(*call.body->media->schema, Use::input, call.name + " body");
        if (!call.success.json.empty())
            plan.result = model_.type_of(call.success.json, call.name + " result");
        for (const spec::Media* const media : {call.success.events, call.success.lines})
            if (media != nullptr)
                for (const spec::Schema* const schema : {media->item_schema, media->schema})
                    if (schema != nullptr && !plan.item)
                        plan.item = model_.type_of(*schema, Use::output, call.name + " item");
        for (const Failure& failure : call.failures)
            if (failure.schema != nullptr)
                used.push_back(model_.type_of(*failure.schema, Use::output,
                                              call.name + " error " + failure.status));
        for (const auto& [parameter, type] : plan.parameters)
            used.push_back(type);
        for (const std::optional<Type>& type : {plan.body, plan.result, plan.item})
            if (type) used.push_back(*type);
        plans.push_back(std::move(plan));
    }
    types_.choose(used);
    for (const Plan& plan : plans) {
        const Call& call = *plan.call;
        std::vector<Argument> arguments;
        const std::string set_up = call_code(plan, arguments);
        std::string arguments_type;
        if (!arguments.empty()) {
            arguments_type = model_.take_name(pascal_case(plan.name) + "Args");
            arguments_ += arguments_struct(plan.name, arguments_type, arguments);
        }
        std::string& out = codes_.emplace_back();
        for (const auto& [suffix, result, give, accept, note] : variants(plan)) {
            const std::string name = suffix.empty() ? plan.name : names.take(plan.name + suffix);
            const bool needs = std::any_of(arguments.begin(), arguments.end(),
                                           [](const Argument& a) { return a.is_required; });
            std::string parameters;
            if (!arguments.empty()) parameters = arguments_type + " args";
            const std::string otherwise =
                arguments.empty() || needs ? "" : " = " + arguments_type + "()";
            methods_ += comment(method_notes(call, note), "    ") + "    armature::Task<" + result +
                        "> " + name + "(" + parameters + otherwise +
                        (parameters.empty() ? "" : ", ") + "Head* head = nullptr);\n\n";
            out += "armature::Task<" + result + "> Api::" + name + "(" + parameters +
                   (parameters.empty() ? "" : ", ") + "Head* head) {\n" + set_up +
                   "    call.accept(" + literal(accept) + ");\n" + give + "}\n\n";
            ++functions_;
        }
    }
}

std::vector<CppCalls::Variant> CppCalls::variants(const Plan& plan) const {
    const Success& success = plan.call->success;
    const std::optional<Type>& result = plan.result;
    const std::optional<Type>& item = plan.item;
    std::vector<Variant> out;
    const std::string send = "    armature::ClientResponse response = co_await "
                             "core_.send(std::move(call), head);\n";
    const auto give = [&](const std::string& what) {
        return "    co_return co_await core_." + what + "(std::move(call), head);\n";
    };
    const auto events = [&](const std::string& suffix) {
        out.push_back({suffix, "Events", send + "    co_return Events(std::move(response));\n",
                       "text/event-stream", "Gives the events as they come."});
    };
    const auto lines = [&](const std::string& suffix) {
        const std::string type = "Records<" + (item ? types_.name_of(*item) : "AnyJson") + ">";
        out.push_back({suffix, type, send + "    co_return " + type + "(std::move(response));\n",
                       success.lines->type, "Gives the records as they come."});
    };
    const std::string all = success.accept.empty() ? "*/*" : success.accept;
    if (result) {
        const std::string type = types_.name_of(*result);
        if (success.may_be_empty || success.is_unknown)
            out.push_back({"", "std::optional<" + type + ">", give("json_or_nothing<" + type + ">"),
                           "application/json", ""});
        else
            out.push_back({"", type, give("json<" + type + ">"), "application/json", ""});
        if (success.events != nullptr) events("_stream");
        if (success.lines != nullptr) lines("_stream");
    } else if (success.events != nullptr) {
        events("");
    } else if (success.lines != nullptr) {
        lines("");
    } else if (success.has_text || success.has_binary || success.is_unknown) {
        out.push_back({"", "std::string", give("text"), all, ""});
    } else {
        out.push_back({"", "void", "    co_await core_.send(std::move(call), head);\n", "*/*", ""});
    }
    if (success.has_text || success.has_binary || success.is_unknown)
        out.push_back({"_response", "armature::ClientResponse",
                       "    co_return co_await core_.send(std::move(call), head);\n", all,
                       "Gives the response, whose content is read as it comes."});
    return out;
}

std::vector<std::string> CppCalls::method_notes(const Call& call, const std::string& note) {
    const spec::Operation& operation = *call.operation;
    std::vector<std::string> notes = lines_of(operation.summary);
    const auto paragraph = [&](const std::vector<std::string>& more) {
        if (more.empty()) return;
        if (!notes.empty()) notes.emplace_back();
        notes.insert(notes.end(), more.begin(), more.end());
    };
    if (operation.description != operation.summary) paragraph(lines_of(operation.description));
    if (!note.empty()) paragraph({note});
    paragraph({upper(operation.method) + " " + operation.path});
    std::string errors;
    for (const Failure& failure : call.failures) {
        errors += errors.empty() ? "Throws ApiError: " : ", ";
        errors += failure.status;
        if (failure.schema != nullptr) {
            const Type type = model_.type_of(*failure.schema, Use::output,
                                             call.name + " error " + failure.status);
            errors += " " + types_.name_of(type);
        }
    }
    if (!errors.empty()) paragraph({errors + "."});
    if (operation.is_deprecated) paragraph({"Deprecated."});
    return notes;
}

std::string CppCalls::arguments_struct(const std::string& method, const std::string& name,
                                       const std::vector<Argument>& arguments) {
    std::string out = "/// What `" + method + "` takes.\nstruct " + name + " {\n    " + name + "(";
    std::string initialisers, members;
    bool is_first = true;
    for (const Argument& argument : arguments) {
        if (argument.is_required) {
            out += (is_first ? "" : ", ") + argument.type + " the_" + argument.name;
            initialisers += (is_first ? "\n        : " : ",\n          ") + argument.name +
                            "(std::move(the_" + argument.name + "))";
            is_first = false;
        }
        members += comment(argument.notes, "    ") + "    " + argument.type + " " + argument.name +
                   (argument.is_required ? "" : "{}") + ";\n";
    }
    return out + ")" + initialisers + " {}\n\n" + members + "};\n\n";
}

std::string CppCalls::method_name(const spec::Operation& operation, const Call& call) {
    const std::string& method = operation.method;
    if (method == "delete") return "armature::Method::delete_";
    for (const char* const one : {"get", "put", "post", "options", "head", "patch", "trace"})
        if (method == one) return "armature::Method::" + method;
    warnings_.add("the method " + upper(method) + " is sent as GET: the client has no other (" +
                      call.name + ")",
                  operation.node);
    return "armature::Method::get";
}

std::string CppCalls::call_code(const Plan& plan, std::vector<Argument>& arguments) {
    const Call& call = *plan.call;
    const spec::Operation& operation = *call.operation;
    std::set<std::string> taken = keywords();
    taken.insert({"body", "content_type"});
    Names names(taken);
    std::map<std::string, std::string> path_values;
    std::string lines;
    for (const auto& [parameter, type] : plan.parameters) {
        std::string lower_name = parameter->name;
        for (char& c : lower_name)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const bool is_header = parameter->in == Parameter::In::header;
        if (is_header && (lower_name == "accept" || lower_name == "content-type" ||
                          lower_name == "authorization")) {
            warnings_.add("header parameters named " + parameter->name +
                              " are left out, as OpenAPI says: the client sets that field",
                          parameter->node);
            continue;
        }
        if (parameter->in == Parameter::In::querystring) {
            warnings_.add("parameters that are the whole query string are left out",
                          parameter->node);
            continue;
        }
        const std::string name = names.take(snake_case(parameter->name));
        const bool is_required = (parameter->is_required || parameter->in == Parameter::In::path) &&
                                 !(is_header && parameter->name == call.idempotency);
        Argument argument{name, is_required ? types_.name_of(type) : types_.optional_name_of(type),
                          lines_of(parameter->description), is_required};
        if (is_header && parameter->name == call.idempotency)
            argument.notes.emplace_back("A new one is made if it is absent.");
        arguments.push_back(argument);
        lines += parameter_code(*parameter, type, name, path_values);
    }
    std::string out = "    Call call(" + method_name(operation, call) + ", " +
                      path_expression(operation, path_values) + ");\n";
    if (const std::string base = own_base_of(document_, operation); !base.empty())
        out += "    call.server(" + literal(base) + ");\n";
    out += lines;
    if (call.body) out += body_code(call, plan.body, arguments);
    out += auth_code(operation);
    if (!call.idempotency.empty())
        out += "    call.idempotency(" + literal(call.idempotency) + ");\n";
    return out;
}

std::string CppCalls::parameter_code(const Parameter& parameter, const Type& type,
                                     const std::string& name,
                                     std::map<std::string, std::string>& path_values) {
    const Type& meaning = types_.meaning_of(type);
    const auto is_structure = [&](const Type& one) {
        return one.kind == Kind::map || (one.kind == Kind::named && types_.is_described(one.named));
    };
    const bool has_members = is_structure(meaning) && !parameter.content;
    const bool is_list = meaning.kind == Kind::list;
    if (is_list && !parameter.content) {
        const Type& item = types_.meaning_of(*meaning.item);
        if (is_structure(item) || item.kind == Kind::list)
            warnings_.add("items of a parameter that are objects or lists are sent as JSON in C++",
                          parameter.node);
    }
    const std::string text = literal(parameter.name);
    const std::string value = "args." + name;
    const std::string explode = parameter.explode ? "true" : "false";
    switch (parameter.in) {
    case Parameter::In::path:
        if (parameter.style != "simple")
            warnings_.add("the style " + parameter.style +
                              " of path parameters is not supported in C++",
                          parameter.node);
        path_values[parameter.name] = "path_value(" + text + ", " + value +
                                      (has_members && parameter.explode ? ", true" : "") + ")";
        return "";
    case Parameter::In::header:
        if (has_members)
            return "    call.header_members(" + text + ", " + value + ", " + explode + ");\n";
        return "    call.header(" + text + ", " + value + ");\n";
    case Parameter::In::cookie:
        if (has_members || is_list)
            warnings_.add("a cookie that is an object or a list is sent as JSON in C++",
                          parameter.node);
        return "    call.cookie(" + text + ", " + value + ");\n";
    default:
        break;
    }
    const std::string separator = parameter.style == "spaceDelimited"  ? "\"%20\""
                                  : parameter.style == "pipeDelimited" ? "\"%7C\""
                                                                       : "\",\"";
    if ((has_members || is_list) && parameter.style == "deepObject" && !parameter.content)
        return "    call.query_deep(" + text + ", " + value + ");\n";
    if (has_members)
        return "    call.query_members(" + text + ", " + value + ", " + explode + ", " + separator +
               ");\n";
    return "    call.query(" + text + ", " + value +
           (parameter.explode || !is_list ? "" : ", false, " + separator) + ");\n";
}

std::string CppCalls::path_expression(const spec::Operation& operation,
                                      const std::map<std::string, std::string>& values) {
    std::vector<std::string> parts;
    std::string text;
    std::string_view rest = operation.path;
    while (!rest.empty()) {
        const std::size_t open = std::min(rest.find('{'), rest.size());
        text += rest.substr(0, open);
        rest.remove_prefix(open);
        const std::size_t close = rest.find('}');
        if (close == rest.npos) {
            text += rest;
            break;
        }
        const auto found = values.find(std::string(rest.substr(1, close - 1)));
        if (found == values.end()) {
            warnings_.add("a variable of a path isn't described, and is sent as it is written",
                          operation.node);
            text += rest.substr(0, close + 1);
        } else {
            parts.push_back(literal(text));
            parts.push_back(found->second);
            text.clear();
        }
        rest.remove_prefix(close + 1);
    }
    if (!text.empty() || parts.empty()) parts.push_back(literal(text));
    std::string out;
    for (const std::string& part : parts)
        out += (out.empty() ? "" : " + ") + part;
    return out;
}

// The content of a form whose fields are the members of an object.
std::string CppCalls::form_code(const Body& body, const Type& type, std::size_t object,
                                const std::vector<std::string>& notes,
                                std::vector<Argument>& arguments) {
    const std::string media = literal(body.media->type);
    const bool is_form = body.content == Content::form;
    arguments.push_back({"body",
                         body.is_required ? types_.name_of(type) : types_.optional_name_of(type),
                         notes, body.is_required});
    const std::string access = body.is_required ? "args.body." : "args.body->";
    std::string out = is_form ? "Pairs form;\n" : "Form form;\n";
    for (const CppTypes::Member& member : types_.members_of(object)) {
        std::string more;
        for (const auto& [name, encoding] : body.media->encoding) {
            if (name != member.field->json) continue;
            if (!is_form && !encoding.content_type.empty() &&
                encoding.content_type.find_first_of(",*") == std::string::npos)
                more = ", " + literal(encoding.content_type);
            if (is_form && encoding.explode && !*encoding.explode) more = ", false";
        }
        out +=
            "form.add(" + literal(member.field->json) + ", " + access + member.name + more + ");\n";
    }
    out += is_form ? "call.body(" + media + ", armature::Body(std::string(form.text())));\n"
                   : "call.body(form.content_type(), armature::Body(form.content()));\n";
    if (is_form) {
        for (const Field& field : model_.declarations()[object].fields)
            if (field.type.kind == Kind::named &&
                (types_.object_of(field.type) || types_.is_json(field.type.named)))
                warnings_.add("an object in a form is sent as JSON in C++",
                              field.schema != nullptr ? field.schema->node : nullptr);
    }
    if (body.is_required) return with_margin(out, "    ");
    return "    if (args.body) {\n" + with_margin(out, "        ") + "    }\n";
}

std::string CppCalls::body_code(const Call& call, const std::optional<Type>& type,
                                std::vector<Argument>& arguments) {
    const Body& body = *call.body;
    const std::vector<std::string> notes = lines_of(call.operation->body->description);
    const std::string media = literal(body.media->type);
    if (body.or_multipart)
        warnings_.add("an operation takes a form with files as well: the client sends JSON",
                      body.media->node);
    if (body.content == Content::json) {
        const Type own = type ? *type : Type{};
        const std::string name =
            body.is_required ? types_.name_of(own) : types_.optional_name_of(own);
        arguments.push_back({"body", name, notes, body.is_required});
        const std::string send = "call.body(" + media + ", armature::Body(armature::to_json(";
        if (body.is_required) return "    " + send + "args.body)));\n";
        return "    if (args.body) " + send + "*args.body)));\n";
    }
    if (type && (body.content == Content::multipart || body.content == Content::form))
        if (const std::optional<std::size_t> object = types_.object_of(*type))
            return form_code(body, *type, *object, notes, arguments);
    if (body.content == Content::multipart) {
        arguments.push_back({"body", "Form", notes, true});
        return "    call.body(args.body.content_type(), "
               "armature::Body(args.body.content()));\n";
    }
    if (body.content == Content::form) {
        arguments.push_back({"body", "Pairs", notes, true});
        return "    call.body(" + media + ", armature::Body(std::string(args.body.text())));\n";
    }
    arguments.push_back({"body", "armature::Body", notes, body.is_required, true});
    if (body.content == Content::any) {
        arguments.push_back(
            {"content_type", "std::string", {"The media type of the body."}, false});
        return "    call.body(args.content_type.empty() ? "
               "std::string(\"application/octet-stream\") : args.content_type, "
               "std::move(args.body));\n";
    }
    return "    call.body(" + media + ", std::move(args.body));\n";
}

// How a credential is shown; empty if the client can't.
std::string CppCalls::scheme_of(const spec::SecurityScheme& scheme) {
    using SchemeType = spec::SecurityScheme::Type;
    const std::string name = literal(scheme.name);
    switch (scheme.type) {
    case SchemeType::api_key:
        return "{" + name + ", Scheme::Kind::" +
               (scheme.in == Parameter::In::query    ? "query"
                : scheme.in == Parameter::In::cookie ? "cookie"
                                                     : "header") +
               ", " + literal(scheme.parameter) + "}";
    case SchemeType::http:
        if (scheme.scheme == "bearer" || scheme.scheme == "basic")
            return "{" + name + ", Scheme::Kind::" + scheme.scheme + ", \"\"}";
        warnings_.add("the HTTP authentication scheme \"" + scheme.scheme + "\" is not supported",
                      scheme.node);
        return "";
    case SchemeType::oauth2:
    case SchemeType::open_id_connect:
        return "{" + name + ", Scheme::Kind::bearer, \"\"}";
    case SchemeType::mutual_tls:
        warnings_.add("client certificates are not supported in C++", scheme.node);
        return "";
    }
    return "";
}
std::string CppCalls::auth_code(const spec::Operation& operation) {
    std::string sets;
    for (const std::vector<std::string>& names : credentials_of(operation, can_show())) {
        std::string one;
        for (const std::string& name : names)
            one += (one.empty() ? "" : ", ") + literal(name);
        sets += (sets.empty() ? "{" : ", {") + one + "}";
    }
    return sets.empty() ? "" : "    call.auth({" + sets + "});\n";
}

std::string CppCalls::constructor() {
    std::string schemes;
    for (const spec::SecurityScheme& scheme : document_.security_schemes()) {
        const std::string one = scheme_of(scheme);
        if (!one.empty()) schemes += (schemes.empty() ? "Scheme" : ", Scheme") + one;
    }
    const std::string base = base_of(document_);
    return "Api::Api(armature::Client& client, Options options)\n    : core_(client, "
           "std::move(options), " +
           literal(base) + ", {" + schemes + "}) {}\n\n";
}

std::string CppCalls::header(const std::string& top, const std::string& package) const {
    std::string schemes;
    for (const spec::SecurityScheme& scheme : document_.security_schemes())
        schemes += (schemes.empty() ? " Credentials: " : ", ") + single_line(scheme.name);
    return top + "\n#pragma once\n\n#include \"types.hpp\"\n\nnamespace " + package + " {\n\n" +
           arguments_ + "/// " + single_line(document_.title()) + " " +
           single_line(document_.api_version()) +
           ".\n///\n/// Each call throws ApiError for a "
           "status of 400 or more, DecodeError for what isn't as\n/// described, and what "
           "armature::Client::send throws. `head` gets the response's head.\nclass Api {\n  "
           "public:\n    /// `client` has to outlive it." +
           (schemes.empty() ? "" : schemes + ".") +
           "\n    explicit Api(armature::Client& client, Options options = Options());\n\n" +
           methods_ +
           "    /// What a page's `Head::next` leads to, of the same type as the page.\n"
           "    template <class Page>\n"
           "    armature::Task<Page> follow(std::string url, Head* head = nullptr) {\n"
           "        Call call(armature::Method::get, \"\");\n"
           "        call.accept(\"application/json\");\n" +
           follow_auth() +
           "        armature::ClientResponse response =\n"
           "            co_await core_.send_to(std::move(url), std::move(call), head);\n"
           "        const std::string text = co_await "
           "response.text(core_.options().content_limit);\n"
           "        co_return decode<Page>(text);\n"
           "    }\n\n  private:\n    Core core_;\n};\n\n} // namespace " +
           package + "\n";
}
std::string CppCalls::follow_auth() const {
    std::string sets;
    for (const spec::SecurityScheme& scheme : document_.security_schemes())
        if (scheme.type != spec::SecurityScheme::Type::mutual_tls)
            sets += (sets.empty() ? "{" : ", {") + literal(scheme.name) + "}";
    return sets.empty() ? "" : "        call.auth({" + sets + "});\n";
}

std::vector<std::string> CppCalls::sources(const std::string& top, const std::string& package) {
    std::vector<std::string> out;
    for (std::size_t first = 0; first == 0 || first < codes_.size(); first += calls_in_a_unit) {
        std::string code = first == 0 ? constructor() : "";
        for (std::size_t i = first; i < std::min(first + calls_in_a_unit, codes_.size()); ++i)
            code += codes_[i];
        out.push_back(top + "#include \"api.hpp\"\n\nnamespace " + package + " {\n\n" + code +
                      "} // namespace " + package + "\n");
    }
    return out;
}

} // namespace armature::client_gen
