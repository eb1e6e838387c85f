#include "cli/openapi/diff.hpp"

#include <algorithm>
#include <set>

namespace armature::spec {

namespace {

using Level = Change::Level;

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

// Paths are the same whatever their variables are called.
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

template <class List, class Matches>
auto find(const List& list, Matches matches) -> decltype(&list.front()) {
    const auto found = std::find_if(list.begin(), list.end(), matches);
    return found == list.end() ? nullptr : &*found;
}

std::string_view place_words(Parameter::In in) {
    switch (in) {
    case Parameter::In::path:
        return "path";
    case Parameter::In::header:
        return "header";
    case Parameter::In::cookie:
        return "cookie";
    default:
        return "query";
    }
}

std::string type_words(const Schema& schema) {
    std::string out;
    for (const std::string_view name : schema.types.names())
        if (name != "null") out.append(out.empty() ? "" : "/").append(name);
    if (out.empty()) out = "any";
    if (!schema.format.empty()) out += " (" + schema.format + ")";
    return out;
}

// What is sent to the server may be allowed more, what comes from it may become less, never the
// other way round.
enum class Way : unsigned char { request, response };

class Comparison {
  public:
    std::vector<Change> run(const Document& before, const Document& after) {
        for (const Operation& old : before.operations()) {
            operation_ = upper(old.method) + " " + old.path;
            const std::string shape = shape_of(old.path);
            const Operation* const fresh = find(after.operations(), [&](const Operation& one) {
                return one.method == old.method && shape_of(one.path) == shape;
            });
            if (fresh == nullptr) {
                const bool has_path = find(after.operations(), [&](const Operation& one) {
                                          return shape_of(one.path) == shape;
                                      }) != nullptr;
                const std::string id = has_path ? "api-removed" : "api-path-removed";
                if (old.is_deprecated)
                    add(Level::info, id + "-with-deprecation", "removed, having been deprecated",
                        *old.node);
                else
                    add(Level::breaking, id + "-without-deprecation",
                        "removed without having been deprecated", *old.node);
                continue;
            }
            compare(old, *fresh);
        }
        for (const Operation& fresh : after.operations()) {
            operation_ = upper(fresh.method) + " " + fresh.path;
            const std::string shape = shape_of(fresh.path);
            if (find(before.operations(), [&](const Operation& one) {
                    return one.method == fresh.method && shape_of(one.path) == shape;
                }) == nullptr)
                add(Level::info, "endpoint-added", "added", *fresh.node);
        }
        return std::move(changes_);
    }

  private:
    void add(Level level, std::string id, std::string text, const Node& at) {
        changes_.push_back({level, std::move(id), operation_, std::move(text),
                            at.file != nullptr ? at.place() : ""});
    }

    void compare(const Operation& old, const Operation& fresh) {
        if (old.id != fresh.id && !old.id.empty())
            add(Level::breaking,
                fresh.id.empty() ? "api-operation-id-removed" : "api-operation-id-changed",
                "operationId \"" + old.id + "\" became \"" + fresh.id +
                    "\": generated clients name functions after it",
                *fresh.node);
        if (!old.is_deprecated && fresh.is_deprecated)
            add(Level::info, "endpoint-deprecated", "is deprecated", *fresh.node);
        compare_parameters(old, fresh);
        compare_bodies(old, fresh);
        compare_responses(old, fresh);
        compare_security(old, fresh);
    }

    void compare_parameters(const Operation& old, const Operation& fresh) {
        // Path parameters by where they stand, others by their names.
        const std::vector<std::string> old_names = variables_of(old.path);
        const std::vector<std::string> new_names = variables_of(fresh.path);
        const auto renamed = [&](const Parameter& parameter) {
            if (parameter.in != Parameter::In::path) return parameter.name;
            const auto at = std::find(old_names.begin(), old_names.end(), parameter.name);
            const auto index = static_cast<std::size_t>(at - old_names.begin());
            return index < new_names.size() ? new_names[index] : parameter.name;
        };
        std::set<const Parameter*> matched;
        for (const Parameter& parameter : old.parameters) {
            const std::string words =
                std::string(place_words(parameter.in)) + " parameter \"" + parameter.name + "\"";
            const Parameter* const same = fresh.parameter(renamed(parameter), parameter.in);
            if (same == nullptr) {
                add(Level::warning, "request-parameter-removed", "the " + words + " is gone",
                    *parameter.node);
                continue;
            }
            matched.insert(same);
            if (!parameter.is_required && same->is_required)
                add(Level::breaking, "request-parameter-became-required",
                    "the " + words + " is required now", *same->node);
            if (parameter.is_required && !same->is_required)
                add(Level::info, "request-parameter-became-optional",
                    "the " + words + " is optional now", *same->node);
            if (parameter.style != same->style || parameter.explode != same->explode)
                add(Level::breaking, "request-parameter-style-changed",
                    "the " + words + " is written in another style", *same->node);
            if (parameter.schema != nullptr && same->schema != nullptr)
                compare(*parameter.schema, *same->schema, Way::request, words, "parameter", 0);
        }
        for (const Parameter& parameter : fresh.parameters) {
            if (matched.contains(&parameter)) continue;
            const std::string words =
                std::string(place_words(parameter.in)) + " parameter \"" + parameter.name + "\"";
            if (parameter.is_required)
                add(Level::breaking, "new-required-request-parameter",
                    "the new " + words + " is required", *parameter.node);
            else
                add(Level::info, "new-optional-request-parameter", "there is a new " + words,
                    *parameter.node);
        }
    }

    static std::vector<std::string> variables_of(std::string_view path) {
        std::vector<std::string> out;
        while (true) {
            const std::size_t open = path.find('{');
            const std::size_t close = path.find('}', open);
            if (open == path.npos || close == path.npos) return out;
            out.emplace_back(path.substr(open + 1, close - open - 1));
            path.remove_prefix(close + 1);
        }
    }

    void compare_bodies(const Operation& old, const Operation& fresh) {
        if (!old.body && !fresh.body) return;
        if (!old.body) {
            add(fresh.body->is_required ? Level::breaking : Level::info,
                fresh.body->is_required ? "request-body-added-required"
                                        : "request-body-added-optional",
                "there is a request body now", *fresh.node);
            return;
        }
        if (!fresh.body) {
            add(Level::warning, "request-body-removed", "there is no request body any more",
                *old.node);
            return;
        }
        if (!old.body->is_required && fresh.body->is_required)
            add(Level::breaking, "request-body-became-required", "the request body is required now",
                *fresh.node);
        if (old.body->is_required && !fresh.body->is_required)
            add(Level::info, "request-body-became-optional", "the request body is optional now",
                *fresh.node);
        compare_content(old.body->content, fresh.body->content, Way::request, "request body",
                        *fresh.node);
    }

    void compare_content(const std::vector<Media>& old, const std::vector<Media>& fresh, Way way,
                         const std::string& words, const Node& at) {
        const bool is_request = way == Way::request;
        for (const Media& media : old) {
            const Media* const same =
                find(fresh, [&](const Media& one) { return one.type == media.type; });
            if (same == nullptr) {
                add(Level::breaking,
                    is_request ? "request-body-media-type-removed" : "response-media-type-removed",
                    "the " + words + " is no longer " + media.type, *media.node);
                continue;
            }
            if (media.schema != nullptr && same->schema != nullptr)
                compare(*media.schema, *same->schema, way, words, "body", 0);
        }
        for (const Media& media : fresh)
            if (find(old, [&](const Media& one) { return one.type == media.type; }) == nullptr)
                add(Level::info,
                    is_request ? "request-body-media-type-added" : "response-media-type-added",
                    "the " + words + " may be " + media.type, at);
    }

    void compare_responses(const Operation& old, const Operation& fresh) {
        for (const Response& response : old.responses) {
            const Response* const same = find(fresh.responses, [&](const Response& one) {
                return one.status == response.status;
            });
            const std::string words = "response " + response.status;
            if (same == nullptr) {
                if (response.status[0] == '2')
                    add(Level::breaking, "response-success-status-removed",
                        "the " + words + " is gone", *response.node);
                else
                    add(Level::warning, "response-non-success-status-removed",
                        "the " + words + " is gone", *response.node);
                continue;
            }
            for (const Parameter& header : response.headers) {
                const Parameter* const kept = find(
                    same->headers, [&](const Parameter& one) { return one.name == header.name; });
                if (kept == nullptr)
                    add(header.is_required ? Level::breaking : Level::warning,
                        header.is_required ? "required-response-header-removed"
                                           : "optional-response-header-removed",
                        "the field " + header.name + " of the " + words + " is gone", *header.node);
                else if (header.is_required && !kept->is_required)
                    add(Level::breaking, "response-header-became-optional",
                        "the field " + header.name + " of the " + words + " is optional now",
                        *kept->node);
            }
            compare_content(response.content, same->content, Way::response, words, *same->node);
        }
        for (const Response& response : fresh.responses)
            if (find(old.responses,
                     [&](const Response& one) { return one.status == response.status; }) == nullptr)
                add(Level::info,
                    response.status[0] == '2' ? "response-success-status-added"
                                              : "response-non-success-status-added",
                    "there is a response " + response.status, *response.node);
    }

    static std::set<std::string> alternatives_of(const std::vector<SecurityRequirement>& security) {
        std::set<std::string> out;
        for (const SecurityRequirement& requirement : security) {
            std::set<std::string> names;
            for (const auto& [scheme, scopes] : requirement.schemes) {
                std::string one = scheme->name;
                for (const std::string& scope : std::set(scopes.begin(), scopes.end()))
                    one += " " + scope;
                names.insert(std::move(one));
            }
            std::string all;
            for (const std::string& name : names)
                all.append(all.empty() ? "" : " and ").append(name);
            out.insert(all.empty() ? "nothing" : all);
        }
        if (security.empty()) out.insert("nothing");
        return out;
    }
    void compare_security(const Operation& old, const Operation& fresh) {
        const std::set<std::string> before = alternatives_of(old.security);
        const std::set<std::string> after = alternatives_of(fresh.security);
        for (const std::string& one : before)
            if (!after.contains(one) && !after.contains("nothing"))
                add(Level::breaking, "api-security-removed",
                    "\"" + one + "\" is not enough any more", *fresh.node);
        for (const std::string& one : after)
            if (!before.contains(one))
                add(Level::info, "api-security-added", "\"" + one + "\" is enough now",
                    *fresh.node);
    }

    // Ids are of a parameter, of the body itself or of a property in it.
    std::string id(Way way, std::string_view what, std::string_view rest) const {
        return std::string(way == Way::request ? "request-" : "response-") + std::string(what) +
               "-" + std::string(rest);
    }

    void compare(const Schema& a, const Schema& b, Way way, const std::string& words,
                 const std::string& what, unsigned depth) {
        // A type within itself, and the same pair reached twice, says nothing new.
        if (depth > 64 || !compared_.insert({operation_, &a, &b, way}).second) return;
        const Schema old = merged(a);
        const Schema fresh = merged(b);
        const Node& at = *b.node;
        const bool is_request = way == Way::request;
        Types old_types = old.types;
        Types new_types = fresh.types;
        old_types.remove(Types::null);
        new_types.remove(Types::null);
        if (old_types != new_types || old.format != fresh.format) {
            const bool widens = includes(new_types, old_types) &&
                                (fresh.format.empty() || fresh.format == old.format);
            const bool narrows = includes(old_types, new_types) &&
                                 (old.format.empty() || fresh.format == old.format);
            const bool is_fine = is_request ? widens : narrows;
            add(is_fine ? Level::info : Level::breaking, id(way, what, "type-changed"),
                "the type of the " + words + " changed from " + type_words(old) + " to " +
                    type_words(fresh),
                at);
            if (!is_fine) return;
        }
        if (old.is_nullable != fresh.is_nullable) {
            const bool is_fine = fresh.is_nullable == is_request;
            add(is_fine ? Level::info : Level::breaking,
                id(way, what, fresh.is_nullable ? "became-nullable" : "became-not-nullable"),
                "the " + words + (fresh.is_nullable ? " may be null now" : " can't be null now"),
                at);
        }
        compare_enumeration(old, fresh, way, words, what, at);
        compare_limits(old, fresh, way, words, what, at);
        compare_properties(old, fresh, way, words, depth);
        if (old.items != nullptr && fresh.items != nullptr)
            compare(*old.items, *fresh.items, way, "items of the " + words, what, depth + 1);
        if (old.additional != nullptr && fresh.additional != nullptr)
            compare(*old.additional, *fresh.additional, way, "values of the " + words, what,
                    depth + 1);
        compare_choices(old.one_of, fresh.one_of, "one-of", way, words, what, depth, at);
        compare_choices(old.any_of, fresh.any_of, "any-of", way, words, what, depth, at);
    }

    static bool includes(Types more, Types less) {
        if (more.is_any()) return true;
        if (less.is_any()) return false;
        for (const std::string_view name : less.names()) {
            bool found = false;
            for (const std::string_view other : more.names())
                found |= name == other || (name == "integer" && other == "number");
            if (!found) return false;
        }
        return true;
    }

    void compare_enumeration(const Schema& old, const Schema& fresh, Way way,
                             const std::string& words, const std::string& what, const Node& at) {
        if (old.enumeration.empty() && fresh.enumeration.empty()) return;
        const bool is_request = way == Way::request;
        const auto has = [](const Schema& schema, const Node& value) {
            return std::any_of(schema.enumeration.begin(), schema.enumeration.end(),
                               [&](const Node* one) { return *one == value; });
        };
        if (old.enumeration.empty() || fresh.enumeration.empty()) {
            const bool is_fine = fresh.enumeration.empty() == is_request;
            add(is_fine ? Level::info : Level::breaking,
                id(way, what, fresh.enumeration.empty() ? "became-not-enum" : "became-enum"),
                "the " + words +
                    (fresh.enumeration.empty() ? " may have any value now"
                                               : " may have certain values only"),
                at);
            return;
        }
        for (const Node* const value : old.enumeration)
            if (!has(fresh, *value))
                add(is_request ? Level::breaking : Level::info, id(way, what, "enum-value-removed"),
                    "the value " + to_json(*value) + " of the " + words + " is gone", *value);
        // A client's exhaustive switch doesn't know it.
        for (const Node* const value : fresh.enumeration)
            if (!has(old, *value))
                add(is_request ? Level::info : Level::warning, id(way, what, "enum-value-added"),
                    "the " + words + " may be " + to_json(*value), *value);
    }

    void compare_limits(const Schema& old, const Schema& fresh, Way way, const std::string& words,
                        const std::string& what, const Node& at) {
        const bool is_request = way == Way::request;
        const auto one = [&](const auto& before, const auto& after, std::string_view name,
                             bool is_upper) {
            if (before == after) return;
            // Whether more values are right than were.
            const bool widens =
                !after || (before && (is_upper ? *after > *before : *after < *before));
            const std::string change = !before            ? "set"
                                       : !after           ? "removed"
                                       : *after > *before ? "increased"
                                                          : "decreased";
            add(widens == is_request ? Level::info : Level::breaking,
                id(way, what, std::string(name) + "-" + change),
                "the " + std::string(name) + " of the " + words + " was " + change, at);
        };
        one(old.min_length, fresh.min_length, "min-length", false);
        one(old.max_length, fresh.max_length, "max-length", true);
        one(old.min_items, fresh.min_items, "min-items", false);
        one(old.max_items, fresh.max_items, "max-items", true);
        one(old.minimum, fresh.minimum, "min", false);
        one(old.maximum, fresh.maximum, "max", true);
        one(old.exclusive_minimum, fresh.exclusive_minimum, "exclusive-min", false);
        one(old.exclusive_maximum, fresh.exclusive_maximum, "exclusive-max", true);
        if (old.pattern != fresh.pattern) {
            const bool is_fine = fresh.pattern.empty() == is_request;
            add(is_fine && (old.pattern.empty() || fresh.pattern.empty()) ? Level::info
                : is_request                                              ? Level::breaking
                                                                          : Level::warning,
                id(way, what,
                   old.pattern.empty()     ? "pattern-added"
                   : fresh.pattern.empty() ? "pattern-removed"
                                           : "pattern-changed"),
                "the pattern of the " + words + " changed", at);
        }
    }

    void compare_properties(const Schema& old, const Schema& fresh, Way way,
                            const std::string& words, unsigned depth) {
        const bool is_request = way == Way::request;
        const auto of = [&](const std::string& name) {
            return "property \"" + name + "\" of the " + words;
        };
        for (const Property& property : old.properties) {
            // A client doesn't send what only the server writes, and the other way round.
            if (is_request ? property.schema->read_only : property.schema->write_only) continue;
            const Property* const same = fresh.find(property.name);
            if (same == nullptr) {
                if (is_request)
                    add(Level::warning, "request-property-removed",
                        "the " + of(property.name) + " is gone", *property.schema->node);
                else
                    add(property.is_required ? Level::breaking : Level::warning,
                        property.is_required ? "response-required-property-removed"
                                             : "response-optional-property-removed",
                        "the " + of(property.name) + " is gone", *property.schema->node);
                continue;
            }
            if (!property.is_required && same->is_required)
                add(is_request && same->schema->default_value == nullptr ? Level::breaking
                                                                         : Level::info,
                    id(way, "property", "became-required"),
                    "the " + of(property.name) + " is required now", *same->schema->node);
            if (property.is_required && !same->is_required)
                add(is_request ? Level::info : Level::breaking,
                    id(way, "property", "became-optional"),
                    "the " + of(property.name) + " is optional now", *same->schema->node);
            compare(*property.schema, *same->schema, way, of(property.name), "property", depth + 1);
        }
        for (const Property& property : fresh.properties) {
            if (old.find(property.name) != nullptr) continue;
            if (is_request ? property.schema->read_only : property.schema->write_only) continue;
            const bool breaks =
                is_request && property.is_required && property.schema->default_value == nullptr;
            add(breaks ? Level::breaking : Level::info,
                breaks                 ? "new-required-request-property"
                : is_request           ? "new-optional-request-property"
                : property.is_required ? "response-required-property-added"
                                       : "response-optional-property-added",
                "there is a new " + std::string(property.is_required ? "required " : "") +
                    of(property.name),
                *property.schema->node);
        }
    }

    void compare_choices(const std::vector<const Schema*>& old,
                         const std::vector<const Schema*>& fresh, std::string_view kind, Way way,
                         const std::string& words, const std::string& what, unsigned depth,
                         const Node& at) {
        if (old.empty() && fresh.empty()) return;
        const bool is_request = way == Way::request;
        const auto match = [](const std::vector<const Schema*>& list, const Schema& one,
                              std::size_t index) -> const Schema* {
            for (const Schema* const other : list)
                if (!one.name.empty() && other->name == one.name) return other;
            return one.name.empty() && index < list.size() && list[index]->name.empty()
                       ? list[index]
                       : nullptr;
        };
        const auto name_of = [](const Schema& schema) {
            return schema.name.empty() ? "written in place" : schema.name;
        };
        for (std::size_t i = 0; i != old.size(); ++i) {
            const Schema* const same = match(fresh, *old[i], i);
            if (same != nullptr)
                compare(*old[i], *same, way, words, what, depth + 1);
            else
                add(is_request ? Level::breaking : Level::info,
                    id(way, what, std::string(kind) + "-removed"),
                    "the " + words + " can't be \"" + name_of(*old[i]) + "\" any more",
                    *old[i]->node);
        }
        for (std::size_t i = 0; i != fresh.size(); ++i)
            if (match(old, *fresh[i], i) == nullptr)
                add(is_request ? Level::info : Level::warning,
                    id(way, what, std::string(kind) + "-added"),
                    "the " + words + " may be \"" + name_of(*fresh[i]) + "\" now", at);
    }

    struct Pair {
        std::string operation;
        const Schema* a;
        const Schema* b;
        Way way;
        auto operator<=>(const Pair&) const = default;
    };

    std::vector<Change> changes_;
    std::string operation_;
    std::set<Pair> compared_;
};

} // namespace

std::vector<Change> diff(const Document& before, const Document& after) {
    return Comparison().run(before, after);
}

} // namespace armature::spec
