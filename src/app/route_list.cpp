#include "app/application_impl.hpp"
#include "app/registration.hpp"
#include "app/request_path.hpp"

#include <armature/app/route_list.hpp>

#include <algorithm>
#include <map>

namespace armature {

namespace {

using RouteData = Application::Impl::Described;

const Application::Impl& impl_of(const Application& application) {
    return static_cast<const Application::Impl&>(application.dispatcher());
}

bool serves(std::string_view offered, Method method) {
    return offered == "ANY" || method_from_token(offered) == method ||
           (method == Method::head && offered == "GET");
}

// Whether a pattern alone would match, asked of the router itself.
bool matches(const std::string& pattern, std::string_view path) {
    RouterBuilder builder;
    builder.add_any(pattern, 0);
    PathParams params;
    return builder.build().match(path, params) != nullptr;
}

/// A pattern by itself, to be asked whether it matches, and its segments, which view its text.
struct LonePattern {
    explicit LonePattern(std::string_view text)
        : router([&] {
              RouterBuilder builder;
              builder.add_any(std::string{text}, 0);
              return builder.build();
          }()) {
        for (PatternReader reader{text}; reader.next();)
            segments.push_back(reader.segment());
        ends_in_slash = text.size() > 1 && text.ends_with('/');
    }
    [[nodiscard]] bool matches(std::string_view path) const {
        PathParams params;
        return router.match(path, params) != nullptr;
    }
    Router router;
    std::vector<PatternSegment> segments;
    bool ends_in_slash = false;
};

// A text that a parameter of this kind takes; of a regex it is a guess.
std::string_view sample_of(ParamKind kind) {
    switch (kind) {
    case ParamKind::uuid:
        return "01890a5d-ac96-774b-bcce-b302099a8057";
    case ParamKind::uint:
    case ParamKind::int_:
        return "1";
    case ParamKind::hex:
    case ParamKind::alpha:
    case ParamKind::alnum:
        return "a";
    default:
        return "x";
    }
}

// A path that both match; empty: there seems to be none.
std::string path_of_both(const LonePattern& one, const LonePattern& other) {
    std::string path;
    for (std::size_t i = 0;; ++i) {
        const auto at = [&](const LonePattern& pattern) -> const PatternSegment* {
            if (i < pattern.segments.size()) return &pattern.segments[i];
            const bool goes_on = !pattern.segments.empty() && pattern.segments.back().is_param &&
                                 pattern.segments.back().param.kind == ParamKind::wildcard;
            return goes_on ? &pattern.segments.back() : nullptr;
        };
        const PatternSegment* const a = at(one);
        const PatternSegment* const b = at(other);
        if (i >= one.segments.size() && i >= other.segments.size()) break;
        if (a == nullptr || b == nullptr) {
            // The rest of a path may be empty.
            const PatternSegment& rest = a == nullptr ? *b : *a;
            if (!rest.is_param || rest.param.kind != ParamKind::wildcard) return {};
            path += '/';
            break;
        }
        path += '/';
        if (!a->is_param || !b->is_param)
            path += !a->is_param ? a->literal : b->literal;
        else
            path += sample_of(std::min(a->param.kind, b->param.kind));
    }
    if (one.ends_in_slash || other.ends_in_slash) path += '/';
    if (path.empty()) path = "/";
    return one.matches(path) && other.matches(path) ? path : std::string{};
}

std::string shown(std::string_view value) {
    std::string text{value};
    std::replace(text.begin(), text.end(), '\0', '/'); // see normalise_path
    return text;
}

} // namespace

std::vector<RouteInfo> route_list(const Application& application) {
    std::vector<RouteInfo> list;
    for (const RouteData& route : impl_of(application).described) {
        RouteInfo& info = list.emplace_back();
        info.method = route.method;
        info.pattern = route.pattern;
        info.version = route.version;
        for (std::uint32_t i = 0; i < route.endpoint->step_count; ++i)
            info.chain.emplace_back(route.endpoint->steps[i].name);
        info.body_limit = route.endpoint->policy.body_limit;
        if (route.endpoint->policy.timeout)
            info.timeout_ms = route.endpoint->policy.timeout.count();
        info.where = route.where;
    }
    return list;
}

RouteExplanation explain_route(const Application& application, std::string_view method_text,
                               std::string_view target) {
    const Application::Impl& app = impl_of(application);
    const Method method = method_from_token(method_text);
    RouteExplanation found;
    Request request{method, target};
    if (!detail::normalise_path(request)) {
        found.is_malformed = true;
        return found;
    }
    const std::string_view path = request.head().path;
    PathParams params;
    const Router::Leaf* const leaf = app.router->match(path, params);
    if (leaf == nullptr) return found;
    const EndpointId id = leaf->resolve(method);
    if (id == no_endpoint) {
        found.allow = leaf->allow();
        found.is_automatic = method == Method::options;
        return found;
    }
    const detail::Endpoint* const endpoint = app.endpoint_of[id];
    const auto is_chosen = [&](const RouteData& route) {
        if (endpoint->versions == nullptr) return route.endpoint == endpoint;
        const auto& entries = endpoint->versions->entries;
        return std::any_of(entries.begin(), entries.end(),
                           [&](const auto& entry) { return entry.endpoint == route.endpoint; });
    };
    const std::string chosen_pattern = detail::without_names(endpoint->route.pattern);
    for (std::size_t i = 0; i < app.described.size(); ++i) {
        const RouteData& route = app.described[i];
        if (is_chosen(route))
            found.chosen.push_back(i);
        else if (serves(route.method, method) &&
                 detail::without_names(route.pattern) != chosen_pattern &&
                 matches(route.pattern, path))
            found.shadowed.push_back(i);
    }
    for (std::size_t i = 0; i < params.size(); ++i)
        found.params.emplace_back(std::string{endpoint->route.param_names[i]}, shown(params[i]));
    return found;
}

std::vector<RouteOverlap> route_overlaps(const Application& application) {
    const Application::Impl& app = impl_of(application);
    std::map<std::string, std::pair<std::size_t, LonePattern>> patterns; // and a route of each
    for (std::size_t i = 0; i < app.described.size(); ++i) {
        const std::string_view pattern = app.described[i].pattern;
        patterns.try_emplace(detail::without_names(pattern), i, LonePattern{pattern});
    }
    std::vector<RouteOverlap> found;
    for (std::size_t i = 0; i < app.described.size(); ++i) {
        const RouteData& route = app.described[i];
        const std::string own = detail::without_names(route.pattern);
        const LonePattern& pattern = patterns.at(own).second;
        for (const auto& [text, other] : patterns) {
            if (text == own) continue;
            const std::string path = path_of_both(other.second, pattern);
            PathParams params;
            const Router::Leaf* const leaf =
                path.empty() ? nullptr : app.router->match(path, params);
            if (leaf == nullptr || detail::without_names(leaf->pattern()) != text) continue;
            const EndpointId id = leaf->resolve(
                route.method == "ANY" ? Method::get : method_from_token(route.method));
            found.push_back({other.first, i, shown(path), id == no_endpoint});
        }
    }
    return found;
}

} // namespace armature
