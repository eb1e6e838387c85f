#include "openapi/operation.hpp"

#include "openapi/path.hpp"

#include <algorithm>
#include <cctype>

namespace armature::detail {

namespace {

constexpr const char* in_names[] = {"path", "query", "header", "cookie"};

Node scheme_node(const SecurityScheme& scheme) {
    Node node;
    switch (scheme.kind) {
    case SecurityScheme::Kind::bearer:
        node = Node{{"type", "http"}, {"scheme", "bearer"}};
        if (!scheme.format.empty()) node["bearerFormat"] = scheme.format;
        break;
    case SecurityScheme::Kind::basic:
        node = Node{{"type", "http"}, {"scheme", "basic"}};
        break;
    case SecurityScheme::Kind::api_key:
        node = Node{{"type", "apiKey"},
                    {"in", in_names[static_cast<std::size_t>(scheme.in)]},
                    {"name", scheme.parameter}};
        break;
    case SecurityScheme::Kind::openid_connect:
        node = Node{{"type", "openIdConnect"}, {"openIdConnectUrl", scheme.url}};
        break;
    }
    if (!scheme.description.empty()) node["description"] = scheme.description;
    return node;
}

Node example_of(const std::string& json) { return Node::parse(json, nullptr, false); }

std::string status_key(Status status) {
    if (status == any_success) return "2XX";
    if (status == any_other) return "default";
    return std::to_string(status_code(status));
}

std::string description_of_status(Status status) {
    if (status == any_success) return "Success";
    if (status == any_other) return "Any other answer";
    const std::string_view phrase = reason(status);
    return phrase.empty() ? "Status " + std::to_string(status_code(status)) : std::string{phrase};
}

bool is_problem(const ResponseInfo& info) {
    return info.contents.size() == 1 && info.headers.empty() && info.contents[0].type == nullptr &&
           info.contents[0].example.empty() &&
           info.contents[0].media_type == "application/problem+json";
}

} // namespace

Node OperationNodes::parameter(const OperationInfo& info, const ParameterInfo& parameter,
                               const std::vector<std::string>& path_parameters) {
    std::string name = parameter.name;
    Node schema = parameter.member != nullptr
                      ? schemas_.schema_of_present(*parameter.member)
                      : schemas_.schema_of(SchemaSet::without_optional(parameter.type));
    if (parameter.type == nullptr) schema["type"] = "string";
    std::string description = parameter.description;
    if (parameter.in == ParameterIn::path)
        for (std::size_t i = 0; i < path_parameters.size(); ++i)
            if (pattern_param_name(info.pattern, i) == parameter.name) {
                const PatternParam param = pattern_param(info.pattern, i);
                apply_constraint(schema, param);
                if (param.kind == ParamKind::wildcard && description.empty())
                    description = "The rest of the path, slashes included";
                name = path_parameters[i];
            }
    Node node{{"name", name},
              {"in", in_names[static_cast<std::size_t>(parameter.in)]},
              {"required", parameter.required}};
    // What the member's schema says of the parameter is said of the parameter.
    if (schema.contains("description")) {
        if (description.empty()) description = schema["description"].get<std::string>();
        schema.erase("description");
    }
    if (!description.empty()) node["description"] = description;
    if (parameter.deprecated || schema.value("deprecated", false)) node["deprecated"] = true;
    schema.erase("deprecated");
    node["schema"] = std::move(schema);
    if (const Node example = example_of(parameter.example); !example.is_discarded())
        node["example"] = example;
    return node;
}

Node OperationNodes::contents(const std::vector<ContentInfo>& contents) {
    Node node = Node::object();
    for (const ContentInfo& content : contents) {
        Node schema = schemas_.schema_of(content.type);
        // The events of a stream are no strings for tools that read them.
        if (content.type == nullptr && content.media_type.starts_with("text/") &&
            content.media_type != "text/event-stream")
            schema["type"] = "string";
        if (content.type == nullptr && content.media_type == "application/problem+json")
            schema = schemas_.problem();
        if (node.contains(content.media_type))
            schema = SchemaSet::either(node[content.media_type]["schema"], schema);
        Node& media = node[content.media_type];
        media["schema"] = std::move(schema);
        if (const Node example = example_of(content.example); !example.is_discarded())
            media["example"] = example;
    }
    return node;
}

Node OperationNodes::response(const ResponseInfo& info) {
    Node node{{"description",
               info.description.empty() ? description_of_status(info.status) : info.description}};
    for (const ParameterInfo& header : info.headers) {
        Node schema = schemas_.schema_of(SchemaSet::without_optional(header.type));
        if (header.type == nullptr) schema["type"] = "string";
        Node field{{"schema", std::move(schema)}};
        if (!header.description.empty()) field["description"] = header.description;
        node["headers"][header.name] = std::move(field);
    }
    if (!info.contents.empty()) node["content"] = contents(info.contents);
    return node;
}

// The usual ones are kept once: "#/components/responses/NotFound".
Node OperationNodes::problem_response(const ResponseInfo& info) {
    std::string name;
    if (info.status == any_other) {
        name = "Error";
    } else {
        for (const char c : reason(info.status))
            if (std::isalpha(static_cast<unsigned char>(c)) != 0) name += c;
        if (name.empty()) return response(info);
    }
    ResponseInfo named = info;
    if (info.status == any_other) named.description = "An error";
    responses_[name] = response(named);
    return Node{{"$ref", "#/components/responses/" + name}};
}

Node OperationNodes::node_of(const OperationInfo& info,
                             const std::vector<std::string>& path_parameters) {
    Node node = Node::object();
    if (!info.tags.empty()) node["tags"] = info.tags;
    if (!info.summary.empty()) node["summary"] = info.summary;
    if (!info.description.empty()) node["description"] = info.description;
    node["operationId"] = ""; // its place; the caller knows it
    if (info.deprecated) node["deprecated"] = true;
    for (const ParameterInfo& one : info.parameters)
        node["parameters"].push_back(parameter(info, one, path_parameters));
    if (!info.body.empty())
        node["requestBody"] =
            Node{{"required", info.body_required}, {"content", contents(info.body)}};

    std::vector<const ResponseInfo*> sorted;
    for (const ResponseInfo& one : info.responses)
        sorted.push_back(&one);
    const auto place = [](const ResponseInfo* one) {
        if (one->status == any_success) return 299;
        return one->status == any_other ? 1000 : static_cast<int>(status_code(one->status));
    };
    std::sort(sorted.begin(), sorted.end(),
              [&](const auto* a, const auto* b) { return place(a) < place(b); });
    Node& responses = node["responses"] = Node::object();
    for (const ResponseInfo* one : sorted)
        responses[status_key(one->status)] =
            one->description.empty() && is_problem(*one) ? problem_response(*one) : response(*one);
    // Errors alone, which middleware around may have added, don't say how the operation succeeds.
    const bool says_more = std::any_of(sorted.begin(), sorted.end(), [](const ResponseInfo* one) {
        return one->status == any_success || one->status == any_other ||
               status_code(one->status) < 400;
    });
    if (!says_more) responses["default"] = Node{{"description", "Any answer"}};

    if (!info.security.empty()) {
        Node all = Node::object();
        for (const SecurityScheme& scheme : info.security) {
            security_.emplace(scheme.name, scheme_node(scheme));
            all[scheme.name] = scheme.scopes;
        }
        node["security"] = Node::array({std::move(all)});
    }
    return node;
}

void OperationNodes::merge(Node& into, Node from) {
    for (Node& theirs : from["parameters"]) {
        const auto same = [&](const Node& mine) {
            return mine["in"] == theirs["in"] && mine["name"] == theirs["name"];
        };
        Node& parameters = into["parameters"];
        const auto mine = std::find_if(parameters.begin(), parameters.end(), same);
        if (mine != parameters.end()) {
            (*mine)["schema"] = SchemaSet::either((*mine)["schema"], theirs["schema"]);
        } else {
            theirs["required"] = false; // only one of the two takes it
            parameters.push_back(theirs);
        }
    }
    if (into["parameters"].is_null()) into.erase("parameters");
    if (from.contains("requestBody") && !into.contains("requestBody")) {
        into["requestBody"] = from["requestBody"];
        into["requestBody"]["required"] = false;
    } else if (from.contains("requestBody")) {
        for (const auto& [type, media] : from["requestBody"]["content"].items()) {
            Node& mine = into["requestBody"]["content"][type];
            mine["schema"] = mine.is_null() ? media["schema"]
                                            : SchemaSet::either(mine["schema"], media["schema"]);
        }
    }
    for (const auto& [status, theirs] : from["responses"].items()) {
        if (!into["responses"].contains(status)) {
            into["responses"][status] = theirs;
            continue;
        }
        Node& mine = into["responses"][status];
        if (mine.contains("$ref") || theirs.contains("$ref") || !theirs.contains("content"))
            continue;
        for (const auto& [type, media] : theirs["content"].items()) {
            Node& same = mine["content"][type];
            same["schema"] = same.is_null() ? media["schema"]
                                            : SchemaSet::either(same["schema"], media["schema"]);
        }
    }
}

Node OperationNodes::components() const {
    Node node = Node::object();
    const auto add = [&](const char* kind, const std::map<std::string, Node>& all) {
        for (const auto& [name, one] : all)
            node[kind][name] = one;
    };
    if (Node schemas = schemas_.named(); !schemas.empty()) node["schemas"] = std::move(schemas);
    add("responses", responses_);
    add("securitySchemes", security_);
    return node;
}

} // namespace armature::detail
