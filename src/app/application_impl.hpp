#pragma once

#include "app/registration_data.hpp"
#include "app/version_group.hpp"

#include <armature/app/app.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace armature {

namespace detail {
/// An endpoint's, composed from its steps.
struct Hooks {
    std::vector<BeforeHook> before;
    std::vector<AfterHook> after; ///< innermost first
};
} // namespace detail

/// Everything a built application consists of. Nothing here changes after `build`.
class Application::Impl final : public Dispatcher {
  public:
    const RoutePolicy& route(Exchange& exchange) const override;
    bool dispatch(Exchange& exchange) const override;
    void render(const Error& error, Exchange& exchange) const override;
    void report(const Exchange& exchange) const noexcept override;

    /// Turns the exception being handled into the exchange's response.
    void fail(Exchange& exchange) const noexcept;

    /// One route for `describe` and `operations`.
    struct Described {
        std::string method;
        std::string pattern;
        std::string version; ///< empty without one
        std::string where;
        const detail::Endpoint* endpoint;
        const detail::Signature* signature;
        Owned<detail::OperationNotes> notes; ///< null without any
        std::vector<std::string> tags;       ///< its scopes'
    };

    /// What answers a request of a scope that no route takes: its own default service, 404, 405,
    /// the automatic OPTIONS, or the redirect to the other trailing slash.
    struct Fallback {
        detail::Endpoint endpoint;
        const detail::Endpoint* default_service = nullptr;
        const Impl* application = nullptr;
    };
    static bool call_fallback(const detail::Endpoint& endpoint, Exchange& exchange);

    const detail::Endpoint* preflight_of(const Request& request, const Router::Leaf& leaf) const;
    std::span<const detail::ErrorMapper* const> mappers_of(Exchange& exchange) const noexcept;
    bool map_exception(Exchange& exchange) const;
    Error as_error(const Exchange& exchange) const;
    void write_error(const Error& error, Exchange& exchange) const;

    std::unique_ptr<detail::Injection> injection; ///< first: everything else may use its services
    // How many serve the application, and how many of these haven't begun to stop.
    std::mutex lifecycle;
    unsigned started = 0;
    unsigned serving = 0;

    // The tables. Deques, because endpoints point at what is in them.
    std::unique_ptr<Router> router;
    std::unique_ptr<Router> scopes; ///< leads from a path to the innermost scope's fallback
    std::deque<detail::Endpoint> endpoints;
    std::vector<const detail::Endpoint*> endpoint_of; ///< the same, by `EndpointId`
    std::deque<Fallback> fallbacks;                   ///< the first one is the application's own
    std::deque<detail::Endpoint> preflights;          ///< of routes that have middleware
    std::vector<Described> described;

    // What they point to.
    std::deque<detail::HandlerDefinition> handlers;
    std::deque<detail::LayerData> layers;
    std::deque<std::vector<detail::PipeStep>> pipes;
    std::deque<std::vector<detail::Metadata>> metadata;
    std::deque<std::vector<const detail::ErrorMapper*>> mapper_lists;
    std::deque<std::vector<detail::Step>> chains;
    std::deque<detail::Hooks> hooks;
    std::deque<detail::StateObject> states;
    std::deque<std::vector<void*>> bound_states;
    std::deque<std::vector<std::string_view>> param_names;
    std::deque<std::string> texts;
    std::optional<Versioning> versioning;
    std::deque<detail::VersionGroup> version_groups;
    std::span<const detail::ErrorMapper* const> error_mappers; ///< the App's
    bool development = false;
};

} // namespace armature
