#include "cli/openapi/reader.hpp"

#include "core/nearest.hpp"

#include <algorithm>
#include <charconv>

namespace armature::spec {

namespace {

const std::vector<std::string> methods{"get",  "put",   "post",  "delete", "options",
                                       "head", "patch", "trace", "query"};

// A step of a JSON Pointer within a URI's fragment: %-encoded, with ~0 and ~1 (RFC 6901 §6).
std::string decode_step(std::string_view step) {
    std::string plain;
    for (std::size_t i = 0; i < step.size(); ++i) {
        unsigned byte = 0;
        if (step[i] == '%' && i + 2 < step.size() &&
            std::from_chars(step.data() + i + 1, step.data() + i + 3, byte, 16).ptr ==
                step.data() + i + 3) {
            plain += static_cast<char>(byte);
            i += 2;
        } else {
            plain += step[i];
        }
    }
    std::string out;
    for (std::size_t i = 0; i < plain.size(); ++i) {
        if (plain[i] == '~' && i + 1 < plain.size() && (plain[i + 1] == '0' || plain[i + 1] == '1'))
            out += plain[++i] == '0' ? '~' : '/';
        else
            out += plain[i];
    }
    return out;
}

std::string stem(std::string_view location) {
    location = location.substr(0, location.find_first_of("?#"));
    if (const std::size_t slash = location.rfind('/'); slash != location.npos)
        location.remove_prefix(slash + 1);
    return std::string(location.substr(0, location.find('.')));
}

} // namespace

std::vector<std::string> texts_of(const Node* list) {
    std::vector<std::string> out;
    if (list != nullptr)
        for (const Node& item : list->items)
            if (item.is_text()) out.push_back(item.text);
    return out;
}

void Reader::error(const Node& at, std::string rule, std::string what, std::string remedy) {
    add_finding(parts_.findings, Finding::Severity::error, at, std::move(rule), std::move(what),
                std::move(remedy));
}

void Reader::warn(const Node& at, std::string rule, std::string what, std::string remedy) {
    add_finding(parts_.findings, Finding::Severity::warning, at, std::move(rule), std::move(what),
                std::move(remedy));
}

const Document::Parts::Source* Reader::source(const std::string& location, const Node& at) {
    if (const auto known = by_location_.find(location); known != by_location_.end())
        return known->second;
    const Document::Parts::Source*& found = by_location_[location];
    try {
        const std::string text = load_(location);
        Document::Parts::Source& fresh = parts_.sources.emplace_back();
        fresh.file = location;
        fresh.root = read_node(text, fresh.file);
        found = &fresh;
    } catch (const ReadError& problem) {
        error(at, "unreadable-file",
              "the reference leads to a file that can't be read: " + std::string(problem.what()),
              "correct the reference or the file");
    }
    return found;
}

const Node* Reader::step(const Node& node, std::string_view name) {
    if (node.is_list()) {
        std::size_t index = 0;
        const char* const end = name.data() + name.size();
        const auto [last, problem] = std::from_chars(name.data(), end, index);
        if (problem != std::errc() || last != end || index >= node.items.size()) return nullptr;
        return &node.items[index];
    }
    if (node.members.size() < 32) return node.find(name);
    // Of a large map many members are asked for.
    const auto [place, is_new] = indices_.try_emplace(&node);
    if (is_new)
        for (const Node::Member& member : node.members)
            place->second.emplace(member.name, &member.value);
    const auto found = place->second.find(name);
    return found == place->second.end() ? nullptr : found->second;
}

Reader::Target Reader::target(const Node& at, const std::string& reference) {
    const auto [place, is_new] = targets_.try_emplace({at.file, reference});
    if (!is_new) return place->second;
    const auto nowhere = [&](const std::string& why, const std::string& remedy) {
        error(at, "unknown-reference", "the reference \"" + reference + "\" leads nowhere" + why,
              remedy);
        return Target{};
    };
    const std::size_t hash = std::min(reference.find('#'), reference.size());
    const std::string file = reference.substr(0, hash);
    std::string_view pointer = std::string_view(reference).substr(hash);
    if (!pointer.empty()) pointer.remove_prefix(1);
    std::string location = *at.file;
    if (!file.empty()) {
        const std::optional<std::string> resolved = resolve_location(*at.file, file);
        if (!resolved)
            return nowhere(": a document from the network can't refer to a file of this machine",
                           "refer to a URL");
        location = *resolved;
    }
    const Document::Parts::Source* const from = source(location, at);
    if (from == nullptr) return {};
    if (!pointer.empty() && pointer.front() != '/')
        return nowhere(": names of anchors are not supported", "write a JSON Pointer");
    const Node* node = &from->root;
    std::string parent;
    std::string last;
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const std::size_t size = std::min(pointer.find('/'), pointer.size());
        parent = std::exchange(last, decode_step(pointer.substr(0, size)));
        pointer.remove_prefix(size);
        const Node* next = step(*node, last);
        if (next == nullptr && node->find("$ref") != nullptr) {
            const Node* const past = follow(*node);
            if (past != nullptr) next = step(*past, last);
        }
        if (next == nullptr) {
            std::vector<std::string> names;
            for (const Node::Member& member : node->members)
                if (member.name.size() <= 64 && last.size() <= 64) names.push_back(member.name);
            const std::string* const meant = detail::nearest(last, names);
            return nowhere(": there is no \"" + last + "\" in " + node->place(),
                           meant == nullptr ? "correct it, or add what it names"
                                            : "did you mean \"" + *meant + "\"?");
        }
        node = next;
    }
    Target found{node, {}};
    if (const auto named = names_.find(node); named != names_.end())
        found.name = named->second;
    else if (last.empty())
        found.name = stem(location);
    else if (parent == "schemas" || parent == "definitions" || parent == "$defs" ||
             from != &parts_.sources.front())
        found.name = last;
    targets_[{at.file, reference}] = found;
    return found;
}

const Node* Reader::follow(const Node& node) {
    const Node* at = &node;
    std::set<const Node*> met;
    while (true) {
        const Node* const reference = at->find("$ref");
        if (reference == nullptr || !reference->is_text()) return at;
        if (!met.insert(at).second) {
            error(*reference, "reference-cycle",
                  "the reference \"" + reference->text + "\" comes back to itself",
                  "let one of the references be what it means");
            return nullptr;
        }
        at = target(*reference, reference->text).node;
        if (at == nullptr) return nullptr;
    }
}

void Reader::read(const std::string& location) {
    const std::string text = load_(location);
    Document::Parts::Source& main = parts_.sources.emplace_back();
    main.file = location;
    main.root = read_node(text, main.file);
    by_location_[location] = &main;
    const Node& root = main.root;
    if (!root.is_map() || root.find("openapi") == nullptr) {
        const bool is_swagger = root.find("swagger") != nullptr;
        throw ReadError(root.place() + ": " +
                        (is_swagger ? "this is Swagger 2.0; convert it to OpenAPI 3 first"
                                    : "this is no OpenAPI document: it has no \"openapi\""));
    }
    const Node& version = *root.find("openapi");
    parts_.version = version.text;
    if (!version.text.starts_with("3.0") && !version.text.starts_with("3.1") &&
        !version.text.starts_with("3.2"))
        throw ReadError(version.place() + ": OpenAPI \"" + version.text +
                        "\" is not supported; 3.0, 3.1 and 3.2 are");
    version_.minor = static_cast<unsigned>(version.text[2] - '0');
    read_components();
    read_document();
    fill_schemas();
}

void Reader::read_components() {
    const Node& root = parts_.sources.front().root;
    const Node* const components = root.find("components");
    if (components == nullptr || !components->is_map()) return;
    check(*components, "components");
    if (const Node* const schemas = components->find("schemas"))
        for (const Node::Member& member : schemas->members)
            names_.emplace(&member.value, member.name);
    const auto each = [&](std::string_view kind, auto&& read) {
        const Node* const map = components->find(kind);
        if (map == nullptr) return;
        for (const Node::Member& member : map->members) {
            if (member.name.empty() ||
                member.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789._-") != member.name.npos)
                error(member.value, "bad-name",
                      "a component can't be named \"" + member.name + "\"",
                      "use letters, digits, \".\", \"-\" and \"_\" only");
            read(member);
        }
    };
    std::set<const Schema*> listed;
    each("schemas", [&](const Node::Member& member) {
        const Schema* const one = schema(member.value);
        if (listed.insert(one).second) parts_.schemas.push_back(one);
    });
    each("securitySchemes", [&](const Node::Member& member) {
        if (const Node* const node = follow(member.value))
            parts_.security_schemes.push_back(read_security_scheme(member.name, *node));
    });
    // What nothing refers to is read for its faults.
    each("parameters", [&](const Node::Member& member) {
        if (const Node* const node = follow(member.value)) {
            check(*node, "parameter");
            Parameter parameter;
            read_described(*node, parameter);
        }
    });
    each("responses", [&](const Node::Member& member) { read_response("200", member.value); });
    each("requestBodies", [&](const Node::Member& member) { read_body(member.value); });
}

std::vector<Server> Reader::read_servers(const Node* list) {
    std::vector<Server> out;
    if (list == nullptr) return out;
    for (const Node& item : list->items) {
        check(item, "server");
        Server server{
            std::string(item.text_of("url")), std::string(item.text_of("description")), {}};
        if (const Node* const variables = item.find("variables"))
            for (const Node::Member& member : variables->members) {
                check(member.value, "server variable");
                server.variables.push_back({member.name,
                                            std::string(member.value.text_of("default")),
                                            texts_of(member.value.find("enum"))});
            }
        out.push_back(std::move(server));
    }
    return out;
}

SecurityScheme Reader::read_security_scheme(const std::string& name, const Node& node) {
    check(node, "security scheme");
    SecurityScheme scheme;
    scheme.name = name;
    scheme.node = &node;
    scheme.description = node.text_of("description");
    const std::string_view type = node.text_of("type");
    const auto needs = [&](std::string_view member) {
        if (node.find(member) == nullptr)
            error(node, "missing-field",
                  "a security scheme of type " + std::string(type) + " needs \"" +
                      std::string(member) + "\"",
                  "add it");
    };
    if (type == "apiKey") {
        scheme.type = SecurityScheme::Type::api_key;
        needs("name");
        needs("in");
        scheme.parameter = node.text_of("name");
        const std::string_view in = node.text_of("in");
        scheme.in = in == "query"    ? Parameter::In::query
                    : in == "cookie" ? Parameter::In::cookie
                                     : Parameter::In::header;
    } else if (type == "http") {
        needs("scheme");
        scheme.scheme = node.text_of("scheme");
        for (char& c : scheme.scheme)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        scheme.bearer_format = node.text_of("bearerFormat");
    } else if (type == "oauth2") {
        scheme.type = SecurityScheme::Type::oauth2;
        needs("flows");
        if (const Node* const flows = node.find("flows"))
            for (const Node::Member& member : flows->members) {
                if (member.name.starts_with("x-")) continue;
                check(member.value, "flow");
                Flow flow;
                flow.kind = member.name;
                flow.authorization_url = member.value.text_of("authorizationUrl");
                flow.token_url = member.value.text_of("tokenUrl");
                flow.refresh_url = member.value.text_of("refreshUrl");
                if (const Node* const scopes = member.value.find("scopes"))
                    for (const Node::Member& scope : scopes->members)
                        flow.scopes.emplace_back(scope.name, scope.value.text);
                scheme.flows.push_back(std::move(flow));
            }
    } else if (type == "openIdConnect") {
        scheme.type = SecurityScheme::Type::open_id_connect;
        needs("openIdConnectUrl");
        scheme.open_id_connect_url = node.text_of("openIdConnectUrl");
    } else if (type == "mutualTLS" && !version_.is_3_0()) {
        scheme.type = SecurityScheme::Type::mutual_tls;
    } else if (!type.empty()) {
        error(*node.find("type"), "bad-value",
              "\"" + std::string(type) + "\" is no type of security scheme",
              "use apiKey, http, oauth2, openIdConnect or, from 3.1 on, mutualTLS");
    }
    return scheme;
}

std::vector<SecurityRequirement> Reader::read_security(const Node* list) {
    std::vector<SecurityRequirement> out;
    if (list == nullptr) return out;
    for (const Node& item : list->items) {
        SecurityRequirement requirement;
        bool is_whole = item.is_map();
        for (const Node::Member& member : item.members) {
            const auto found = std::find_if(
                parts_.security_schemes.begin(), parts_.security_schemes.end(),
                [&](const SecurityScheme& scheme) { return scheme.name == member.name; });
            if (found == parts_.security_schemes.end()) {
                is_whole = false;
                std::vector<std::string> names;
                for (const SecurityScheme& scheme : parts_.security_schemes)
                    names.push_back(scheme.name);
                const std::string* const meant = detail::nearest(member.name, names);
                error(member.value, "unknown-security-scheme",
                      "components/securitySchemes has no \"" + member.name + "\"",
                      meant == nullptr ? "add it there" : "did you mean \"" + *meant + "\"?");
                continue;
            }
            requirement.schemes.emplace_back(&*found, texts_of(&member.value));
        }
        // One that was misspelt must not become one that asks for nothing.
        if (is_whole) out.push_back(std::move(requirement));
    }
    return out;
}

void Reader::read_document() {
    const Node& root = parts_.sources.front().root;
    check(root, "document");
    if (version_.is_3_0() ? root.find("paths") == nullptr
                          : root.find("paths") == nullptr && root.find("components") == nullptr &&
                                root.find("webhooks") == nullptr)
        error(root, "missing-field", "a document needs \"paths\"", "add it");
    if (const Node* const info = root.find("info")) {
        check(*info, "info");
        if (const Node* const contact = info->find("contact")) check(*contact, "contact");
        if (const Node* const license = info->find("license")) check(*license, "license");
        parts_.title = info->text_of("title");
        parts_.description = info->text_of("description");
        if (const Node* const version = info->find("version")) parts_.api_version = version->text;
    }
    if (const Node* const tags = root.find("tags"))
        for (const Node& tag : tags->items) {
            check(tag, "tag");
            parts_.tags.push_back(
                {std::string(tag.text_of("name")), std::string(tag.text_of("description"))});
        }
    parts_.servers = read_servers(root.find("servers"));
    if (parts_.servers.empty()) parts_.servers.push_back({"/", "", {}});
    const Inherited inherited{read_security(root.find("security")), parts_.servers};
    if (const Node* const paths = root.find("paths"))
        for (const Node::Member& member : paths->members) {
            if (member.name.starts_with("x-")) continue;
            if (!member.name.starts_with("/"))
                error(member.value, "bad-path", "the path \"" + member.name + "\" has no slash",
                      "let it begin with /");
            read_path_item(member.name, member.value, inherited, parts_.operations, true);
        }
    if (const Node* const webhooks = root.find("webhooks"))
        for (const Node::Member& member : webhooks->members)
            read_path_item(member.name, member.value, inherited, parts_.webhooks, false);
}

void Reader::read_path_item(const std::string& path, const Node& node, const Inherited& inherited,
                            std::vector<Operation>& to, bool with_callbacks) {
    const Node* const item = follow(node);
    if (item == nullptr) return;
    check(*item, "path item");
    Inherited own = inherited;
    if (const Node* const servers = item->find("servers")) own.servers = read_servers(servers);
    const std::vector<Parameter> shared = read_parameters(item->find("parameters"));
    const auto add = [&](const std::string& method, const Node& operation) {
        // OpenAPI has no references here; tools that put documents together do.
        const Node* const reference = operation.find("$ref");
        if (reference != nullptr)
            warn(*reference, "reference-place", "an operation can't be a reference in OpenAPI",
                 "make the whole path item one");
        const Node* const at = follow(operation);
        if (at == nullptr) return;
        Operation made = read_operation(method, path, *at, own, with_callbacks);
        // The path's first, as readers of the path expect.
        std::vector<Parameter> all;
        for (const Parameter& parameter : shared)
            if (made.parameter(parameter.name, parameter.in) == nullptr) all.push_back(parameter);
        std::move(made.parameters.begin(), made.parameters.end(), std::back_inserter(all));
        made.parameters = std::move(all);
        to.push_back(std::move(made));
    };
    for (const Node::Member& member : item->members)
        if (std::find(methods.begin(), methods.end(), member.name) != methods.end() &&
            (member.name != "query" || version_.minor >= 2))
            add(member.name, member.value);
    if (const Node* const more = item->find("additionalOperations"))
        for (const Node::Member& member : more->members)
            add(member.name, member.value);
}

} // namespace armature::spec
