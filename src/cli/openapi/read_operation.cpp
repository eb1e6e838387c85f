#include "cli/openapi/reader.hpp"

#include <algorithm>

namespace armature::spec {

Operation Reader::read_operation(const std::string& method, const std::string& path,
                                 const Node& node, const Inherited& inherited,
                                 bool with_callbacks) {
    check(node, "operation");
    Operation operation;
    operation.method = method;
    operation.path = path;
    operation.node = &node;
    operation.id = node.text_of("operationId");
    operation.summary = node.text_of("summary");
    operation.description = node.text_of("description");
    operation.tags = texts_of(node.find("tags"));
    if (const Node* const deprecated = node.find("deprecated"))
        operation.is_deprecated = deprecated->is_true();
    operation.parameters = read_parameters(node.find("parameters"));
    if (const Node* const body = node.find("requestBody")) operation.body = read_body(*body);
    const Node* const responses = node.find("responses");
    if (responses == nullptr && version_.is_3_0())
        error(node, "missing-field", "an operation needs \"responses\"", "add it");
    if (responses != nullptr)
        for (const Node::Member& member : responses->members)
            if (!member.name.starts_with("x-"))
                operation.responses.push_back(read_response(member.name, member.value));
    const Node* const security = node.find("security");
    operation.security = security != nullptr ? read_security(security) : inherited.security;
    const Node* const servers = node.find("servers");
    operation.servers = servers != nullptr ? read_servers(servers) : inherited.servers;
    if (with_callbacks) read_callbacks(node, inherited, operation);
    return operation;
}

// Callbacks of callbacks are left out: documents can nest them without end.
void Reader::read_callbacks(const Node& node, const Inherited& inherited, Operation& operation) {
    const Node* const callbacks = node.find("callbacks");
    if (callbacks == nullptr) return;
    for (const Node::Member& member : callbacks->members) {
        const Node* const callback = follow(member.value);
        if (callback == nullptr) continue;
        std::vector<Operation> operations;
        for (const Node::Member& item : callback->members)
            if (!item.name.starts_with("x-"))
                read_path_item(item.name, item.value, inherited, operations, false);
        operation.callbacks.emplace_back(member.name, std::move(operations));
    }
}

std::vector<Parameter> Reader::read_parameters(const Node* list) {
    std::vector<Parameter> out;
    if (list == nullptr) return out;
    for (const Node& item : list->items) {
        const Node* const node = follow(item);
        if (node == nullptr) continue;
        check(*node, "parameter");
        Parameter parameter;
        parameter.name = node->text_of("name");
        const std::string_view in = node->text_of("in");
        if (in == "path") {
            parameter.in = Parameter::In::path;
        } else if (in == "header") {
            parameter.in = Parameter::In::header;
        } else if (in == "cookie") {
            parameter.in = Parameter::In::cookie;
        } else if (in == "querystring" && version_.minor >= 2) {
            parameter.in = Parameter::In::querystring;
        } else if (in != "query") {
            error(*node, "bad-value", "a parameter can't be in \"" + std::string(in) + "\"",
                  in == "body" || in == "formData" ? "describe it in \"requestBody\""
                                                   : "use path, query, header or cookie");
            continue;
        }
        read_described(*node, parameter);
        if (std::any_of(out.begin(), out.end(), [&](const Parameter& other) {
                return other.name == parameter.name && other.in == parameter.in;
            })) {
            error(*node, "duplicate-parameter",
                  "there are two parameters \"" + parameter.name + "\" in the same place",
                  "remove one");
            continue;
        }
        out.push_back(std::move(parameter));
    }
    return out;
}

// What parameters have in common with fields of responses.
void Reader::read_described(const Node& node, Parameter& parameter) {
    const auto flag = [&](std::string_view name) {
        const Node* const value = node.find(name);
        return value != nullptr && value->is_true();
    };
    parameter.node = &node;
    parameter.description = node.text_of("description");
    parameter.is_required = flag("required");
    parameter.is_deprecated = flag("deprecated");
    parameter.allow_empty_value = flag("allowEmptyValue");
    parameter.allow_reserved = flag("allowReserved");
    const bool is_form =
        parameter.in == Parameter::In::query || parameter.in == Parameter::In::cookie;
    parameter.style = node.text_of("style");
    if (parameter.style.empty()) parameter.style = is_form ? "form" : "simple";
    parameter.explode =
        node.find("explode") != nullptr ? flag("explode") : parameter.style == "form";
    parameter.schema = schema_of(node, "schema");
    if (const Node* const content = node.find("content"))
        if (std::vector<Media> media = read_content(content); !media.empty())
            parameter.content = std::move(media.front());
    parameter.examples = read_examples(node);
    if (node.find("$ref") == nullptr &&
        (node.find("schema") == nullptr) == (node.find("content") == nullptr))
        error(node, "schema-or-content",
              "a parameter or header needs one of \"schema\" and \"content\"",
              node.find("schema") == nullptr ? "add \"schema\"" : "remove one of them");
}

RequestBody Reader::read_body(const Node& node) {
    RequestBody body;
    const Node* const at = follow(node);
    if (at == nullptr) return body;
    check(*at, "request body");
    const Node* const required = at->find("required");
    body.is_required = required != nullptr && required->is_true();
    body.description = at->text_of("description");
    body.content = read_content(at->find("content"));
    body.node = at;
    return body;
}

Response Reader::read_response(const std::string& status, const Node& node) {
    Response response;
    response.status = status;
    response.node = &node;
    const Node* const at = follow(node);
    if (at == nullptr) return response;
    check(*at, "response");
    // 3.2 does without.
    if (version_.minor < 2 && at->find("description") == nullptr)
        error(*at, "missing-field", "a response needs \"description\"", "add it");
    response.description = at->text_of("description");
    if (const Node* const headers = at->find("headers"))
        for (const Node::Member& member : headers->members) {
            const Node* const header = follow(member.value);
            if (header == nullptr) continue;
            check(*header, "header");
            Parameter& parameter = response.headers.emplace_back();
            parameter.name = member.name;
            parameter.in = Parameter::In::header;
            read_described(*header, parameter);
        }
    response.content = read_content(at->find("content"));
    return response;
}

std::vector<Media> Reader::read_content(const Node* map) {
    std::vector<Media> out;
    if (map == nullptr) return out;
    for (const Node::Member& member : map->members)
        if (const Node* const node = follow(member.value))
            out.push_back(read_media(member.name, *node));
    return out;
}

Media Reader::read_media(const std::string& type, const Node& node) {
    check(node, "media type");
    Media media;
    media.type = type;
    media.node = &node;
    media.schema = schema_of(node, "schema");
    media.item_schema = schema_of(node, "itemSchema");
    media.examples = read_examples(node);
    if (const Node* const encoding = node.find("encoding"))
        for (const Node::Member& member : encoding->members) {
            check(member.value, "encoding");
            Encoding one;
            one.content_type = member.value.text_of("contentType");
            one.style = member.value.text_of("style");
            if (const Node* const explode = member.value.find("explode"))
                one.explode = explode->is_true();
            if (const Node* const reserved = member.value.find("allowReserved"))
                one.allow_reserved = reserved->is_true();
            media.encoding.emplace_back(member.name, std::move(one));
        }
    return media;
}

std::vector<Example> Reader::read_examples(const Node& node) {
    std::vector<Example> out;
    const Node* const examples = node.find("examples");
    if (examples != nullptr && examples->is_map())
        for (const Node::Member& member : examples->members) {
            const Node* const at = follow(member.value);
            if (at == nullptr) continue;
            check(*at, "example");
            const Node* value = at->find("value");
            if (value == nullptr) value = at->find("dataValue");
            out.push_back({member.name, std::string(at->text_of("summary")),
                           std::string(at->text_of("description")), value,
                           std::string(at->text_of("externalValue"))});
        }
    if (const Node* const example = node.find("example")) out.push_back({"", "", "", example, ""});
    return out;
}

} // namespace armature::spec
