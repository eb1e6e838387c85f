#include "cli/openapi/validate.hpp"

#include "cli/openapi/structure.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <set>

namespace armature::spec {

namespace {

using enum Finding::Severity;

// The names in braces of a path, in order.
std::vector<std::string> variables_of(std::string_view path) {
    std::vector<std::string> out;
    while (true) {
        const std::size_t open = path.find('{');
        if (open == path.npos) return out;
        const std::size_t close = path.find('}', open);
        if (close == path.npos) return out;
        out.emplace_back(path.substr(open + 1, close - open - 1));
        path.remove_prefix(close + 1);
    }
}

// Two paths that differ only in the names of their variables are the same path.
std::string shape_of(std::string_view path) {
    std::string out;
    bool is_inside = false;
    for (const char c : path) {
        if (c == '}') is_inside = false;
        if (!is_inside) out += c;
        if (c == '{') is_inside = true;
    }
    return out;
}

bool fits(const Node& value, const Schema& schema) {
    if (schema.types.is_any() || (value.is_null() && schema.allows_null())) return true;
    const auto has = [&](Types::Type type) { return schema.types.has(type); };
    switch (value.kind) {
    case Node::Kind::null:
        return false;
    case Node::Kind::boolean:
        return has(Types::boolean);
    case Node::Kind::number:
        return has(Types::number) || (has(Types::integer) && value.is_integer());
    case Node::Kind::text:
        return has(Types::text);
    case Node::Kind::list:
        return has(Types::list);
    case Node::Kind::map:
        return has(Types::map);
    }
    return false;
}

class Validator {
  public:
    explicit Validator(const Document& document)
        : document_(document), findings_(document.findings()) {}

    std::vector<Finding> run() {
        check_operation_ids();
        check_paths();
        for (const Operation& operation : document_.operations())
            check(operation, true);
        for (const Operation& operation : document_.webhooks())
            check(operation, false);
        for (const Schema* const schema : document_.schemas())
            visit(*schema);
        check_unused();
        check_servers();
        const std::vector<std::string> files = document_.files();
        // By place; in one line in the order in which they were found.
        std::map<std::pair<std::ptrdiff_t, unsigned>, std::vector<Finding>> by_place;
        for (Finding& finding : findings_) {
            const auto file = std::find(files.begin(), files.end(), finding.file) - files.begin();
            by_place[{file, finding.line}].push_back(std::move(finding));
        }
        findings_.clear();
        for (auto& [place, found] : by_place)
            std::move(found.begin(), found.end(), std::back_inserter(findings_));
        return std::move(findings_);
    }

  private:
    void add(Finding::Severity severity, const Node& at, std::string rule, std::string what,
             std::string remedy) {
        add_finding(findings_, severity, at, std::move(rule), std::move(what), std::move(remedy));
    }

    void check_operation_ids() {
        std::map<std::string_view, const Operation*> first;
        for (const Operation& operation : document_.operations()) {
            const std::string where = operation.method + " " + operation.path;
            if (operation.id.empty()) {
                add(warning, *operation.node, "operation-id-missing", where + " has no operationId",
                    "add one: generated clients name their functions after it");
                continue;
            }
            const auto [place, is_new] = first.emplace(operation.id, &operation);
            if (!is_new)
                add(error, *operation.node, "operation-id-duplicate",
                    "the operationId \"" + operation.id + "\" is taken by " +
                        place->second->method + " " + place->second->path + " in line " +
                        std::to_string(place->second->node->line),
                    "give each operation its own");
        }
    }

    void check_paths() {
        const Node* const paths = document_.root().find("paths");
        if (paths == nullptr) return;
        std::map<std::string, const Node::Member*> first;
        for (const Node::Member& member : paths->members) {
            if (member.name.starts_with("x-")) continue;
            const auto [place, is_new] = first.emplace(shape_of(member.name), &member);
            if (!is_new)
                add(error, member.value, "path-conflict",
                    "\"" + member.name + "\" and \"" + place->second->name + "\" are the same path",
                    "write their operations below one of them");
            if (member.name.find_first_of("?#") != member.name.npos)
                add(error, member.value, "bad-path",
                    "the path \"" + member.name + "\" has a query or fragment",
                    "describe it as a parameter in query");
        }
    }

    void check(const Operation& operation, bool has_path) {
        const std::string where = operation.method + " " + operation.path;
        if (has_path) {
            const std::vector<std::string> variables = variables_of(operation.path);
            for (const std::string& name : std::set(variables.begin(), variables.end())) {
                if (std::count(variables.begin(), variables.end(), name) > 1)
                    add(error, *operation.node, "path-parameter-twice",
                        "\"" + operation.path + "\" has {" + name + "} twice", "rename one");
                if (operation.parameter(name, Parameter::In::path) == nullptr)
                    add(error, *operation.node, "path-parameter-missing",
                        where + " doesn't describe the path parameter \"" + name + "\"",
                        "add it to \"parameters\", with in: path and required: true");
            }
            for (const Parameter& parameter : operation.parameters) {
                if (parameter.in != Parameter::In::path) continue;
                if (std::find(variables.begin(), variables.end(), parameter.name) ==
                    variables.end())
                    add(error, *parameter.node, "path-parameter-unknown",
                        "\"" + operation.path + "\" has no {" + parameter.name + "}",
                        "add it to the path, or correct the parameter");
            }
        }
        for (const Parameter& parameter : operation.parameters)
            check(parameter);
        if (operation.body) {
            if (operation.method == "get" || operation.method == "head" ||
                operation.method == "delete")
                add(warning, *operation.node, "body-without-meaning",
                    where + " has a requestBody, which has no meaning there (RFC 9110 §9.3.1)",
                    "use parameters or POST");
            for (const Media& media : operation.body->content)
                check(media);
        }
        bool succeeds = operation.responses.empty();
        for (const Response& response : operation.responses) {
            const std::string& status = response.status;
            const bool is_number =
                status.size() == 3 && status[0] >= '1' && status[0] <= '5' &&
                (status.substr(1) == "XX" || status.find_first_not_of("0123456789") == status.npos);
            if (!is_number && status != "default")
                add(error, *response.node, "bad-status", "\"" + status + "\" is no status",
                    "use a number from 100 to 599, 1XX to 5XX, or default");
            succeeds |=
                status[0] == '1' || status[0] == '2' || status[0] == '3' || status == "default";
            for (const Parameter& header : response.headers)
                if (header.schema != nullptr) visit(*header.schema);
            for (const Media& media : response.content)
                check(media);
        }
        if (!succeeds)
            add(warning, *operation.node, "no-success", where + " describes no success",
                "add its response, \"200\" for example");
        for (const auto& [name, operations] : operation.callbacks)
            for (const Operation& callback : operations)
                check(callback, false);
    }

    void check(const Parameter& parameter) {
        if (parameter.in == Parameter::In::path && !parameter.is_required)
            add(error, *parameter.node, "path-parameter-optional",
                "the path parameter \"" + parameter.name + "\" isn't required",
                "write required: true; a path without it is another path");
        const std::string& style = parameter.style;
        const auto is_one_of = [&](std::initializer_list<std::string_view> styles) {
            return std::find(styles.begin(), styles.end(), style) != styles.end();
        };
        const bool is_right =
            parameter.in == Parameter::In::path ? is_one_of({"simple", "label", "matrix"})
            : parameter.in == Parameter::In::query
                ? is_one_of({"form", "spaceDelimited", "pipeDelimited", "deepObject"})
            : parameter.in == Parameter::In::header ? is_one_of({"simple"})
                                                    : is_one_of({"form", "simple", "cookie"});
        if (!is_right)
            add(error, *parameter.node, "bad-style",
                "the parameter \"" + parameter.name + "\" can't have the style " + style,
                "leave \"style\" out, or see the table of styles in the specification");
        std::string lower = parameter.name;
        for (char& c : lower)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (parameter.in == Parameter::In::header &&
            (lower == "accept" || lower == "content-type" || lower == "authorization"))
            add(warning, *parameter.node, "ignored-header",
                "a header parameter named " + parameter.name + " is ignored",
                "describe it by \"content\" or by a security scheme");
        if (parameter.schema != nullptr) visit(*parameter.schema);
        if (parameter.content) check(*parameter.content);
    }

    void check(const Media& media) {
        if (media.schema != nullptr) visit(*media.schema);
        if (media.item_schema != nullptr) visit(*media.item_schema);
        if (media.type.find('/') == media.type.npos)
            add(error, *media.node, "bad-media-type", "\"" + media.type + "\" is no media type",
                "write one such as application/json");
    }

    // Each schema once, however it is reached; a list, so that long chains don't nest.
    void visit(const Schema& first) {
        std::vector<const Schema*> next{&first};
        while (!next.empty()) {
            const Schema& schema = *next.back();
            next.pop_back();
            if (!visited_.insert(&schema).second) continue;
            check(schema);
            for (const Property& property : schema.properties)
                next.push_back(property.schema);
            for (const auto* list :
                 {&schema.all_of, &schema.any_of, &schema.one_of, &schema.prefix_items})
                next.insert(next.end(), list->begin(), list->end());
            for (const Schema* one : {schema.items, schema.additional, schema.not_})
                if (one != nullptr) next.push_back(one);
            for (const auto& [pattern, one] : schema.pattern_properties)
                next.push_back(one);
        }
    }

    void check(const Schema& schema) {
        const Node& at = *schema.node;
        if (at.file == nullptr) return;
        for (const Node* const value : schema.enumeration)
            if (!fits(*value, schema))
                add(error, *value, "enum-type",
                    "the value " + to_json(*value) + " is not of the schema's type",
                    value->is_number() || value->is_boolean() ? "put it in quotes, or correct it"
                                                              : "correct it or the type");
        if (schema.default_value != nullptr && !fits(*schema.default_value, schema))
            add(error, *schema.default_value, "default-type",
                "the default " + to_json(*schema.default_value) + " is not of the schema's type",
                "correct it or the type");
        for (const Node* const example : schema.examples)
            if (!fits(*example, schema))
                add(warning, *example, "example-type", "the example is not of the schema's type",
                    "correct it or the type");
        const auto order = [&](const auto& least, const auto& most, std::string_view name) {
            if (least && most && *least > *most)
                add(error, at, "no-value",
                    "no value is right: the least " + std::string(name) + " is above the greatest",
                    "exchange the two");
        };
        order(schema.minimum, schema.maximum, "number");
        order(schema.min_length, schema.max_length, "length");
        order(schema.min_items, schema.max_items, "count of items");
        if (document_.version().starts_with("3.0") && schema.types.is_only(Types::list) &&
            schema.items == nullptr)
            add(error, at, "missing-field", "an array needs \"items\" in 3.0",
                "add it; {} allows anything");
        if (!schema.properties.empty() && schema.all_of.empty())
            for (const std::string& name : schema.required)
                if (schema.find(name) == nullptr)
                    add(warning, at, "required-unknown",
                        "\"" + name + "\" is required, but not among the properties",
                        "describe it, or correct \"required\"");
        if (schema.discriminator)
            for (const Schema* const alternative :
                 schema.one_of.empty() ? schema.any_of : schema.one_of) {
                const Schema whole = merged(*alternative);
                if (whole.find(schema.discriminator->property) == nullptr &&
                    !whole.properties.empty())
                    add(warning, *alternative->node, "discriminator-missing",
                        "the discriminator \"" + schema.discriminator->property +
                            "\" is no property of " +
                            (alternative->name.empty() ? "an alternative" : alternative->name),
                        "add it there, and to \"required\"");
                if (alternative->name.empty())
                    add(warning, *alternative->node, "discriminator-inline",
                        "a discriminator can't name a schema that is written in place",
                        "move it to components/schemas");
            }
    }

    void check_unused() {
        std::set<std::string> used;
        collect(document_.root(), used);
        const Node* const components = document_.root().find("components");
        const Node* const schemas = components != nullptr ? components->find("schemas") : nullptr;
        if (schemas == nullptr || document_.files().size() > 1) return;
        for (const Node::Member& member : schemas->members)
            if (!used.contains("#/components/schemas/" + member.name) &&
                !used.contains(member.name))
                add(warning, member.value, "unused-schema",
                    "nothing refers to the schema \"" + member.name + "\"", "remove it");
    }
    static void collect(const Node& node, std::set<std::string>& used) {
        for (const Node& item : node.items)
            collect(item, used);
        for (const Node::Member& member : node.members) {
            if (member.name == "$ref") used.insert(member.value.text);
            if (member.name == "mapping")
                for (const Node::Member& one : member.value.members)
                    used.insert(one.value.text);
            collect(member.value, used);
        }
    }

    void check_servers() {
        for (const Server& server : document_.servers()) {
            const Node* const list = document_.root().find("servers");
            if (list == nullptr) return;
            for (const std::string& name : variables_of(server.url))
                if (std::none_of(server.variables.begin(), server.variables.end(),
                                 [&](const Server::Variable& one) { return one.name == name; }))
                    add(error, *list, "server-variable",
                        "the server's URL has {" + name + "}, but no such variable",
                        "add it to \"variables\"");
            for (const Server::Variable& variable : server.variables)
                if (!variable.choices.empty() &&
                    std::find(variable.choices.begin(), variable.choices.end(), variable.value) ==
                        variable.choices.end())
                    add(error, *list, "server-variable",
                        "the default of the server's variable \"" + variable.name +
                            "\" is not in its enum",
                        "use one of these");
        }
    }

    const Document& document_;
    std::vector<Finding> findings_;
    std::set<const Schema*> visited_;
};

} // namespace

std::vector<Finding> validate(const Document& document) { return Validator(document).run(); }

} // namespace armature::spec
