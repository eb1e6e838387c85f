#include "program/routes.hpp"

#include <armature/app/route_list.hpp>
#include <armature/describe/describe.hpp>
#include <armature/json/write.hpp>
#include <armature/routing/pattern.hpp>

#include <fnmatch.h>

#include <algorithm>
#include <array>

namespace armature::detail {

namespace {

using terminal::Arguments;
using terminal::Colour;
using terminal::Terminal;

constexpr terminal::Option options[] = {
    {"--json", 'j', "", "for machines"},
    {"--markdown", '\0', "", "a table for a page"},
    {"--method", 'm', "METHOD", "only these, such as GET"},
    {"--path", 'p', "GLOB", "only these, such as '/users/*'"},
    {"--why", 'w', "REQUEST", "which route answers \"GET /users/1\", and why"},
    {"--lint", 'l', "", "which routes hide others"},
};

/// A route as JSON has it.
struct Listed {
    std::string method;
    std::string pattern;
    std::optional<std::string> version;
    std::optional<std::string> summary;
    std::vector<std::string> tags;
    std::vector<std::string> middleware;
    std::uint64_t body_limit;
    std::optional<std::int64_t> timeout_ms;
    std::string where;
};
ARMATURE_DESCRIBE(Listed, method, pattern, version, summary, tags, middleware, body_limit,
                  timeout_ms, where);

struct Param {
    std::string name;
    std::string value;
};
ARMATURE_DESCRIBE(Param, name, value);

/// What --why says as JSON.
struct Explained {
    int status;
    std::vector<Listed> chosen;
    std::vector<Param> params;
    std::vector<Listed> shadowed;
    std::optional<std::string> allow;
};
ARMATURE_DESCRIBE(Explained, status, chosen, params, shadowed, allow);

/// What --lint says as JSON.
struct Overlap {
    std::string path;
    Listed first;
    Listed second;
    bool refused;
};
ARMATURE_DESCRIBE(Overlap, path, first, second, refused);

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

std::vector<Listed> list_of(const Application& application) {
    const std::vector<RouteInfo> routes = route_list(application);
    const std::vector<OperationInfo> operations = application.operations(); // in the same order
    std::vector<Listed> list;
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const RouteInfo& route = routes[i];
        list.push_back({route.method, route.pattern, unless_empty(route.version),
                        unless_empty(operations[i].summary), operations[i].tags, route.chain,
                        route.body_limit, route.timeout_ms, route.where});
    }
    return list;
}

std::string chain_of(const Listed& route) {
    std::string text;
    for (const std::string& step : route.middleware)
        text.append(text.empty() ? "" : " > ").append(step);
    return text;
}

using Row = std::array<std::string, 4>;

Row row_of(const Listed& route) {
    std::string pattern = route.pattern;
    if (route.version) pattern.append(" (").append(*route.version).append(")");
    return {route.method, pattern, chain_of(route), route.where};
}

void print_table(const std::vector<Listed>& routes, Terminal& terminal) {
    const Row head{"METHOD", "PATH", "MIDDLEWARE", "WHERE"};
    std::vector<Row> rows;
    std::array<std::size_t, 4> widths{};
    const auto measure = [&](const Row& row) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    };
    measure(head);
    for (const Listed& route : routes)
        measure(rows.emplace_back(row_of(route)));
    const auto line = [&](const Row& row) {
        std::string text;
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            text += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
        return text + row.back();
    };
    std::string text = terminal.paint(Colour::bold, line(head)) + '\n';
    for (const Row& row : rows)
        text += line(row) + '\n';
    terminal.out(text);
}

void print_markdown(const std::vector<Listed>& routes, Terminal& terminal) {
    std::string text = "| Method | Path | Middleware | Summary |\n|---|---|---|---|\n";
    for (const Listed& route : routes) {
        const auto cell = [&](std::string_view content) {
            text += "| ";
            for (const char c : content) {
                if (c == '|') text += '\\';
                text += c;
            }
            text += ' ';
        };
        const Row row = row_of(route);
        cell(row[0]);
        cell('`' + row[1] + '`');
        cell(row[2]);
        cell(route.summary.value_or(""));
        text += "|\n";
    }
    terminal.out(text);
}

std::string named(const Listed& route) {
    return route.method + ' ' + row_of(route)[1] +
           (route.where.empty() ? "" : " (" + route.where + ')');
}

int explain(const Application& application, const std::string& request, bool as_json,
            Terminal& terminal) {
    const std::size_t space = request.find(' ');
    const std::string method = space == std::string::npos ? "GET" : request.substr(0, space);
    const std::string target = space == std::string::npos
                                   ? request
                                   : request.substr(request.find_first_not_of(' ', space));
    if (!target.starts_with('/'))
        throw terminal::UsageError{"--why takes a request such as \"GET /users/1\", not '" +
                                   request + '\''};
    const RouteExplanation found = explain_route(application, method, target);
    const std::vector<Listed> routes = list_of(application);
    const bool is_served = !found.chosen.empty() || found.is_automatic;
    if (as_json) {
        Explained explained{is_served              ? 200
                            : found.is_malformed   ? 400
                            : !found.allow.empty() ? 405
                                                   : 404,
                            {},
                            {},
                            {},
                            unless_empty(found.allow)};
        for (const std::size_t i : found.chosen)
            explained.chosen.push_back(routes[i]);
        for (const std::size_t i : found.shadowed)
            explained.shadowed.push_back(routes[i]);
        for (const auto& [name, value] : found.params)
            explained.params.push_back({name, value});
        terminal.out(to_json(explained) + '\n');
        return is_served ? 0 : 1;
    }
    const std::string asked = method + ' ' + target;
    if (found.is_malformed) {
        terminal.out(asked + ": 400, its path isn't well-formed\n");
    } else if (found.is_automatic) {
        terminal.out(asked + " is answered by the application itself\n  Allow: " + found.allow +
                     '\n');
    } else if (!found.allow.empty()) {
        terminal.out(asked + ": 405, the path has other methods\n  Allow: " + found.allow + '\n');
    } else if (found.chosen.empty()) {
        terminal.out(asked + ": 404, no pattern matches the path\n");
    } else {
        std::string text = asked + " is answered by " +
                           terminal.paint(Colour::bold, named(routes[found.chosen[0]])) + '\n';
        for (std::size_t i = 1; i < found.chosen.size(); ++i)
            text +=
                "  or, as the request's version says, by " + named(routes[found.chosen[i]]) + '\n';
        for (const auto& [name, value] : found.params)
            text.append("  ").append(name).append(" = ").append(value).append("\n");
        const std::string chain = chain_of(routes[found.chosen[0]]);
        text += "  through " + (chain.empty() ? "no middleware" : chain) + '\n';
        for (const std::size_t i : found.shadowed)
            text += "  before " + named(routes[i]) +
                    ", which matches too: literal text comes first, then the narrower "
                    "parameter\n";
        terminal.out(text);
    }
    return is_served ? 0 : 1;
}

bool has_wildcard(std::string_view pattern) {
    bool found = false;
    for (PatternReader reader{pattern}; reader.next();)
        found = reader.segment().is_param && reader.segment().param.kind == ParamKind::wildcard;
    return found;
}

// Exit status 1 if a request is refused though a route would serve it. A wildcard takes what nobody
// else wants: that others come first is what it is for.
int lint(const Application& application, bool as_json, Terminal& terminal) {
    const std::vector<Listed> routes = list_of(application);
    std::vector<Overlap> overlaps;
    bool is_any_refused = false;
    for (const RouteOverlap& found : route_overlaps(application)) {
        const Listed& second = routes[found.second];
        const bool is_wildcard = has_wildcard(second.pattern);
        if (is_wildcard && !found.is_refused) continue;
        overlaps.push_back({found.path, routes[found.first], second, found.is_refused});
        is_any_refused = is_any_refused || (found.is_refused && !is_wildcard);
    }
    if (as_json) {
        terminal.out(to_json(overlaps) + '\n');
        return is_any_refused ? 1 : 0;
    }
    for (const Overlap& overlap : overlaps) {
        const std::string asked = overlap.second.method + ' ' + overlap.path;
        if (overlap.refused)
            terminal.out(terminal.paint(Colour::red, "refused") + "  " + asked + ": 405, because " +
                         row_of(overlap.first)[1] + " has the path and not the method; " +
                         named(overlap.second) + " would serve it\n");
        else
            terminal.out("first    " + asked + ": " + named(overlap.first) + ", and not " +
                         named(overlap.second) + '\n');
    }
    if (overlaps.empty()) terminal.err("No route hides another.\n");
    return is_any_refused ? 1 : 0;
}

} // namespace

std::span<const terminal::Option> routes_options() noexcept { return options; }

int show_routes(const Application& application, const Arguments& arguments, Terminal& terminal) {
    if (const auto request = arguments.value("--why"))
        return explain(application, std::string{*request}, arguments.has("--json"), terminal);
    if (arguments.has("--lint")) return lint(application, arguments.has("--json"), terminal);
    std::vector<Listed> routes = list_of(application);
    if (const auto method = arguments.value("--method"))
        std::erase_if(routes, [&](const Listed& route) {
            return route.method != *method && route.method != "ANY";
        });
    if (const auto glob = arguments.value("--path"))
        std::erase_if(routes, [text = std::string{*glob}](const Listed& route) {
            return ::fnmatch(text.c_str(), route.pattern.c_str(), 0) != 0;
        });
    if (arguments.has("--json"))
        terminal.out(to_json(routes) + '\n');
    else if (arguments.has("--markdown"))
        print_markdown(routes, terminal);
    else
        print_table(routes, terminal);
    return 0;
}

} // namespace armature::detail
