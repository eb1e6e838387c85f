#include "openapi/document.hpp"

#include "openapi/operation.hpp"
#include "openapi/path.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace armature::detail {

namespace {

void add_text(Node& node, const char* name, const std::string& text) {
    if (!text.empty()) node[name] = text;
}

Node info_of(const OpenApi& api) {
    Node info{{"title", api.title}, {"version", api.version}};
    add_text(info, "summary", api.summary);
    add_text(info, "description", api.description);
    add_text(info, "termsOfService", api.terms_of_service);
    Node contact = Node::object();
    add_text(contact, "name", api.contact.name);
    add_text(contact, "url", api.contact.url);
    add_text(contact, "email", api.contact.email);
    if (!contact.empty()) info["contact"] = std::move(contact);
    Node license = Node::object();
    add_text(license, "name", api.license.name);
    add_text(license, "identifier", api.license.identifier);
    add_text(license, "url", api.license.url);
    if (!license.empty()) info["license"] = std::move(license);
    return info;
}

Node servers_of(const OpenApi& api) {
    Node servers = Node::array();
    for (const OpenApi::Server& server : api.servers) {
        Node node{{"url", server.url}};
        add_text(node, "description", server.description);
        servers.push_back(std::move(node));
    }
    if (servers.empty()) servers.push_back(Node{{"url", "/"}});
    return servers;
}

class Document {
  public:
    explicit Document(const OpenApi& api) : api_(api) {}

    void add(const OperationInfo& info) {
        if (info.hidden) return;
        if (info.method != "ANY") return add(info, info.method);
        any_.push_back(&info);
    }

    // After all others: a handler of any method has only those that its path doesn't list.
    void add_any() {
        for (const OperationInfo* info : any_)
            for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
                const auto known = explicit_.find(shape_of(info->pattern) + ' ' + method);
                if (known != explicit_.end()) continue;
                OperationInfo one = *info;
                one.method = method;
                const bool has_content = one.method[0] == 'P';
                if (!has_content) one.body.clear();
                if (!one.operation_id.empty()) one.operation_id.append("_").append(method);
                add(one, method);
            }
    }

    Node finish() {
        Node document{{"openapi", "3.1.0"}, {"info", info_of(api_)}};
        document["servers"] = servers_of(api_);
        document["security"] = Node::array();
        if (Node tags = tags_of(); !tags.empty()) document["tags"] = std::move(tags);
        Node& paths = document["paths"] = Node::object();
        for (const std::string& shape : order_) {
            Path& path = paths_[shape];
            paths[path.name] = std::move(path.methods);
        }
        if (!api_.webhooks.empty()) document["webhooks"] = webhooks();
        if (Node components = operations_.components(); !components.empty())
            document["components"] = std::move(components);
        return document;
    }

    [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return problems_; }

  private:
    struct Path {
        std::string name;
        std::vector<std::string> parameters;
        Node methods = Node::object();
    };

    void add(const OperationInfo& info, const std::string& method) {
        std::string key;
        for (const char c : method)
            key += static_cast<char>(c | 0x20);
        constexpr std::array<std::string_view, 8> known{"get",     "put",  "post",  "delete",
                                                        "options", "head", "patch", "trace"};
        if (std::find(known.begin(), known.end(), key) == known.end()) return;

        const std::string shape = shape_of(info.pattern);
        explicit_.insert(shape + ' ' + method);
        const auto [place, is_new] = paths_.try_emplace(shape);
        Path& path = place->second;
        if (is_new) {
            order_.push_back(shape);
            path.name = template_of(info.pattern);
            for (std::size_t i = 0; i < pattern_param_count(info.pattern); ++i)
                path.parameters.emplace_back(pattern_param_name(info.pattern, i));
        }
        Node operation = operations_.node_of(info, path.parameters);
        for (const std::string& tag : info.tags)
            used_tags_.push_back(tag);
        if (path.methods.contains(key)) {
            // Two routes that differ in their constraints only: for clients it is one operation.
            OperationNodes::merge(path.methods[key], std::move(operation));
            return;
        }
        operation["operationId"] = id_of(info, method);
        path.methods[key] = std::move(operation);
    }

    std::string id_of(const OperationInfo& info, const std::string& method) {
        const std::string where = method + ' ' + info.pattern;
        std::string id = info.operation_id;
        if (id.empty()) {
            id = derived_id(method, info.pattern);
            const std::string derived = id;
            for (unsigned number = 2; ids_.contains(id); ++number)
                id = derived + std::to_string(number);
        }
        const auto [known, is_new] = ids_.emplace(id, where);
        if (!is_new)
            problems_.push_back("the operation id \"" + id + "\" is that of " + known->second +
                                " and of " + where);
        return id;
    }

    Node tags_of() const {
        Node tags = Node::array();
        std::set<std::string> named;
        for (const OpenApi::Tag& tag : api_.tags) {
            Node node{{"name", tag.name}};
            add_text(node, "description", tag.description);
            if (named.insert(tag.name).second) tags.push_back(std::move(node));
        }
        for (const std::string& tag : used_tags_)
            if (named.insert(tag).second) tags.push_back(Node{{"name", tag}});
        return tags;
    }

    Node webhooks() {
        Node all = Node::object();
        for (const OpenApi::Webhook& webhook : api_.webhooks) {
            OperationInfo info = webhook.operation;
            if (info.method.empty()) info.method = "POST";
            if (info.operation_id.empty()) info.operation_id = webhook.name;
            Node operation = operations_.node_of(info, {});
            operation["operationId"] = id_of(info, "webhook");
            std::string key;
            for (const char c : info.method)
                key += static_cast<char>(c | 0x20);
            all[webhook.name][key] = std::move(operation);
        }
        return all;
    }

    const OpenApi& api_;
    OperationNodes operations_;
    std::map<std::string, Path> paths_; ///< by their shapes
    std::vector<std::string> order_;
    std::set<std::string> explicit_; ///< shape and method
    std::vector<const OperationInfo*> any_;
    std::map<std::string, std::string> ids_;
    std::vector<std::string> used_tags_;
    std::vector<std::string> problems_;
};

} // namespace

Node make_document(const std::vector<OperationInfo>& operations, const OpenApi& api) {
    Document document{api};
    for (const OperationInfo& info : operations)
        document.add(info);
    document.add_any();
    Node made = document.finish();
    if (document.problems().empty()) return made;
    std::string text = "the OpenAPI document can't be made:";
    for (const std::string& problem : document.problems())
        text.append("\n  ").append(problem);
    throw BuildError{text};
}

} // namespace armature::detail
