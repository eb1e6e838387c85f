#pragma once

#include "app/application_impl.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace armature::detail {

/// A route before the router has it.
struct PendingRoute {
    Method method;
    bool any;
    std::string pattern;
    EndpointId id;
    std::string_view name;
    std::string where;
    std::string version;   ///< empty: none
    std::size_t described; ///< its place in `Application::Impl::described`
};

/// Gives the router the routes. Those of one method and path that only their version tells apart
/// are one to it, which chooses at a request. Adds what is wrong to `problems`.
void register_routes(Application::Impl& app, const std::vector<PendingRoute>& routes,
                     RouterBuilder& router, std::vector<std::string>& problems);

/// What two patterns have in common that match the same paths.
[[nodiscard]] std::string without_names(std::string_view pattern);

/// `chain` must live as long as the endpoint.
void set_chain(Endpoint& endpoint, const std::vector<Step>& chain) noexcept;
/// Gives `hooks` to the endpoints where nothing can suspend, once everything else stands.
void compose_hooks(Application::Impl& app);

} // namespace armature::detail
