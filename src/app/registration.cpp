#include "app/registration.hpp"

#include <algorithm>
#include <map>

namespace armature::detail {

void set_chain(Endpoint& endpoint, const std::vector<Step>& chain) noexcept {
    endpoint.steps = chain.data();
    endpoint.step_count = static_cast<std::uint32_t>(chain.size());
    for (const Step& step : chain)
        endpoint.policy.may_suspend |= step.around != nullptr;
}

namespace {

void compose(Endpoint& endpoint, Hooks& hooks) {
    const std::span<const Step> steps{endpoint.steps, endpoint.step_count};
    for (std::size_t i = steps.size(); i-- > 0;)
        if (steps[i].after != nullptr) hooks.after.push_back({steps[i].after, steps[i].self});
    const AfterHook* const end = &hooks.after.emplace_back();
    std::ptrdiff_t outside = 0;
    for (const Step& step : steps) {
        const bool runs = step.runs_before == nullptr || !endpoint.method ||
                          step.runs_before(step.self, *endpoint.method);
        if (step.before != nullptr && runs)
            hooks.before.push_back({step.before, step.self, end - outside});
        if (step.after != nullptr) ++outside;
    }
    hooks.before.push_back({nullptr, nullptr, end - outside});
    endpoint.hooks = hooks.before.data();
}

} // namespace

void compose_hooks(Application::Impl& app) {
    const auto compose_for = [&](Endpoint& endpoint) {
        if (!endpoint.policy.may_suspend && !endpoint.needs_body)
            compose(endpoint, app.hooks.emplace_back());
    };
    for (Endpoint& endpoint : app.endpoints)
        compose_for(endpoint);
    for (Application::Impl::Fallback& fallback : app.fallbacks)
        compose_for(fallback.endpoint);
    for (Endpoint& endpoint : app.preflights)
        compose_for(endpoint);
}

std::string without_names(std::string_view pattern) {
    std::string text;
    for (PatternReader reader{pattern}; reader.next();) {
        const PatternSegment& segment = reader.segment();
        text += '/';
        if (segment.is_param)
            text.append("{")
                .append(std::to_string(static_cast<int>(segment.param.kind)))
                .append(":")
                .append(segment.param.regex);
        else
            text += segment.literal;
    }
    return text;
}

namespace {

using Alike = std::vector<const PendingRoute*>;

std::string key_of(const PendingRoute& route) {
    return std::string{route.any ? "ANY" : to_string(route.method)}.append(" ").append(
        without_names(route.pattern));
}

// A document has one operation for each method and path: that of the default version.
void hide_all_but(const PendingRoute* shown, const Alike& routes, Application::Impl& app) {
    for (const PendingRoute* route : routes) {
        if (route == shown) continue;
        Owned<OperationNotes>& notes = app.described[route->described].notes;
        if (notes == nullptr) notes.reset(new OperationNotes);
        notes->info.hidden = true;
    }
}

EndpointId add_version_group(Application::Impl& app, const Alike& routes,
                             std::vector<std::string>& problems) {
    VersionGroup& group = app.version_groups.emplace_back();
    group.versioning = &*app.versioning;
    const PendingRoute* shown = routes.back();
    for (const PendingRoute* route : routes) {
        for (const VersionGroup::Entry& other : group.entries)
            if (other.version == route->version)
                problems.push_back(route->pattern + " (" + route->where +
                                   "): another route has version \"" + route->version + "\" of it");
        Endpoint& endpoint = app.endpoints[route->id];
        group.entries.push_back({route->version, &endpoint});
        std::vector<Step>& chain = app.chains.emplace_back();
        chain.push_back(version_step(*app.versioning));
        chain.insert(chain.end(), endpoint.steps, endpoint.steps + endpoint.step_count);
        set_chain(endpoint, chain);
        if (route->version == app.versioning->default_version()) shown = route;
    }
    hide_all_but(shown, routes, app);

    // It refuses versions that nobody serves, behind what the first of them has before it.
    const auto id = static_cast<EndpointId>(app.endpoints.size());
    Endpoint& unknown = app.endpoints.emplace_back(app.endpoints[routes.front()->id]);
    unknown.call = &VersionGroup::call_unknown;
    unknown.handler = &group;
    unknown.versions = &group;
    unknown.needs_body = false;
    unknown.pipe_count = 0;
    return id;
}

bool has_version(const PendingRoute* route) noexcept { return !route->version.empty(); }

} // namespace

void register_routes(Application::Impl& app, const std::vector<PendingRoute>& routes,
                     RouterBuilder& router, std::vector<std::string>& problems) {
    std::map<std::string, Alike> alike;
    if (app.versioning && app.versioning->kind() != Versioning::Kind::path)
        for (const PendingRoute& route : routes)
            alike[key_of(route)].push_back(&route);
    for (const PendingRoute& route : routes) {
        EndpointId id = route.id;
        const auto same = alike.empty() ? alike.end() : alike.find(key_of(route));
        if (same != alike.end() &&
            std::any_of(same->second.begin(), same->second.end(), &has_version)) {
            if (same->second.front() != &route) continue;
            id = add_version_group(app, same->second, problems);
        }
        if (route.any)
            router.add_any(route.pattern, id, route.name, route.where);
        else
            router.add(route.method, route.pattern, id, route.name, route.where);
    }
}

} // namespace armature::detail
