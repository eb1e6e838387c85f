#include "app/application_impl.hpp"
#include "app/registration.hpp"
#include "app/request_path.hpp"

#include <armature/app/route_list.hpp>

#include <algorithm>

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

} // namespace armature
