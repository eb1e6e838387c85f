#include "app/registration.hpp"
#include "app/registration_data.hpp"

#include <algorithm>
#include <set>

namespace armature {

namespace {

using detail::Endpoint;
using detail::HandlerDefinition;
using detail::LayerData;
using detail::LayerLists;
using detail::MethodHandler;
using detail::ObjectNeed;
using detail::RouteSettings;
using detail::ScopeData;
using detail::Stage;
using detail::Step;

std::string location_text(const std::source_location& where) {
    std::string_view file = where.file_name();
    if (const std::size_t slash = file.rfind('/'); slash != std::string_view::npos)
        file.remove_prefix(slash + 1);
    return std::string{file} + ':' + std::to_string(where.line());
}

// What a scope hands down to its routes and inner scopes.
struct Inherited {
    std::string prefix;
    std::vector<Step> middleware;
    std::vector<Step> guards;
    std::vector<Step> interceptors;
    std::vector<detail::PipeStep> pipes;
    std::vector<const detail::ErrorMapper*> error_mappers; ///< innermost first
    std::vector<detail::Metadata> metadata;                ///< innermost first
    std::vector<const detail::StateObject*> states;        ///< innermost last
    RouteSettings settings;
    std::vector<std::string> tags;
    const Endpoint* default_service = nullptr;
    const detail::ModuleData* module = nullptr;
};

class Builder {
  public:
    explicit Builder(Application::Impl& app) : app_(app) {}

    void build(ScopeData& root, TrailingSlash trailing_slash) {
        Inherited top;
        top.settings.body_limit = RoutePolicy{}.body_limit;
        add_scope(root, std::move(top));
        detail::register_routes(app_, pending_, routes_, problems_);
        app_.error_mappers = app_.fallbacks.front().endpoint.error_mappers;
        try {
            app_.router = std::make_unique<Router>(routes_.build(trailing_slash));
            if (problems_.empty()) app_.scopes = std::make_unique<Router>(scopes_.build());
            for (const Endpoint& endpoint : app_.endpoints)
                app_.endpoint_of.push_back(&endpoint);
        } catch (const RouteTableError& error) {
            for (const std::string& problem : error.problems())
                problems_.push_back(problem);
        }
        if (app_.injection != nullptr)
            for (std::string& fault : app_.injection->check())
                problem(std::move(fault));
        if (problems_.empty()) return;
        std::string text = "the application can't be built:";
        for (const std::string& problem : problems_)
            text.append("\n  ").append(problem);
        throw BuildError{text};
    }

    std::vector<detail::BuiltHook> built_hooks;

  private:
    void add_scope(ScopeData& scope, Inherited inherited) {
        check_prefix(scope);
        if (scope.module != nullptr) inherited.module = scope.module;
        if (app_.injection != nullptr) app_.injection->take(scope, inherited.module);
        const std::string what =
            "scope \"" + scope.prefix + "\" (" + location_text(scope.where) + ')';
        inherited.prefix += version_prefix(scope.layer.settings, inherited, what) + scope.prefix;
        add_states(scope, inherited);
        add_layer(scope.layer, inherited, "scope \"" + inherited.prefix + '"');
        for (detail::BuiltHook& hook : scope.lists().built_hooks)
            built_hooks.push_back(std::move(hook));
        for (std::string& tag : scope.lists().tags)
            inherited.tags.push_back(std::move(tag));
        add_fallback(scope, inherited);
        const std::vector<Step>& chain = app_.chains.emplace_back(full_chain(inherited));
        for (detail::PathRoutes& path : scope.lists().paths)
            add_path(path, inherited, chain);
        for (ScopeData& inner : scope.lists().scopes)
            add_scope(inner, inherited);
    }

    void check_prefix(const ScopeData& scope) {
        if (scope.prefix.empty()) return;
        const PatternError error = check_pattern(scope.prefix);
        if (error != PatternError::ok)
            problem("scope \"" + scope.prefix + "\" (" + location_text(scope.where) +
                    "): " + std::string{to_string(error)});
        else if (scope.prefix.back() == '/')
            problem("scope \"" + scope.prefix + "\" (" + location_text(scope.where) +
                    "): a prefix doesn't end with '/', because every route in it starts with one");
    }

    void add_states(ScopeData& scope, Inherited& inherited) {
        std::vector<detail::StateObject>& states = scope.lists().states;
        for (std::size_t i = 0; i < states.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j)
                if (states[i].tag == states[j].tag)
                    problem("scope \"" + inherited.prefix +
                            "\": .data() was given two values of one type");
        }
        for (detail::StateObject& state : states)
            inherited.states.push_back(&app_.states.emplace_back(std::move(state)));
    }

    // Adds a layer inside of those before.
    void add_layer(LayerData& given, Inherited& inherited, const std::string& what) {
        LayerData& layer = app_.layers.emplace_back(std::move(given));
        override(inherited.settings, layer.settings);
        if (layer.lists == nullptr) return;
        LayerLists& lists = *layer.lists;
        for (detail::Middleware& step : lists.steps) {
            if (step.need.tag != nullptr)
                step.step.self = find_object(step.need, inherited, what, step.step.name);
            std::vector<Step>& stage = step.stage == Stage::middleware ? inherited.middleware
                                       : step.stage == Stage::guard    ? inherited.guards
                                                                       : inherited.interceptors;
            stage.push_back(step.step);
        }
        for (detail::Pipe& pipe : lists.pipes) {
            if (pipe.need.tag != nullptr)
                pipe.self = find_object(pipe.need, inherited, what, pipe.name);
            inherited.pipes.push_back({pipe.value_tag, pipe.apply, pipe.self});
        }
        std::vector<const detail::ErrorMapper*> mappers;
        for (const detail::ErrorMapper& mapper : lists.error_mappers)
            mappers.push_back(&mapper);
        inherited.error_mappers.insert(inherited.error_mappers.begin(), mappers.begin(),
                                       mappers.end());
        for (const detail::KeptMetadata& metadata : lists.metadata)
            inherited.metadata.insert(inherited.metadata.begin(), metadata.entry);
    }

    static std::vector<Step> full_chain(const Inherited& inherited) {
        std::vector<Step> chain = inherited.middleware;
        chain.insert(chain.end(), inherited.guards.begin(), inherited.guards.end());
        chain.insert(chain.end(), inherited.interceptors.begin(), inherited.interceptors.end());
        return chain;
    }

    // The application's object of a type: that of the innermost scope that has one.
    void* find_object(const ObjectNeed& need, const Inherited& inherited, const std::string& what,
                      std::string_view whose) {
        const auto found = std::find_if(inherited.states.rbegin(), inherited.states.rend(),
                                        [&](const auto* state) { return state->tag == need.tag; });
        if (found != inherited.states.rend()) return (*found)->object.get();
        if (app_.injection != nullptr)
            return app_.injection->bind({{need.tag, need.type, {}}, true}, inherited.module,
                                        what + ": " + std::string{whose} +
                                            " needs the application's");
        problem(what + ": " + std::string{whose} + " needs the application's " +
                std::string{need.type} + ", but no enclosing scope has .data() of that type");
        return nullptr;
    }

    void* find_service(const detail::ServiceNeed& need, const Inherited& inherited,
                       const std::string& what) {
        if (app_.injection != nullptr)
            return app_.injection->bind(need, inherited.module, what + ": its handler takes");
        problem(what + ": its handler takes Inject<" + std::string{need.key.type} +
                ">, but the application provides no services");
        return nullptr;
    }

    static void override(RouteSettings& settings, const RouteSettings& by) {
        if (by.has_body_limit) settings.body_limit = by.body_limit;
        if (by.has_timeout) settings.timeout = by.timeout;
        if (!by.version.empty()) settings.version = by.version;
    }

    // The endpoint for everything in this scope that no route takes.
    void add_fallback(ScopeData& scope, Inherited& inherited) {
        if (scope.default_handler.signature != nullptr) {
            Endpoint& endpoint = app_.endpoints.emplace_back();
            fill(endpoint, std::move(scope.default_handler), inherited, {},
                 "the default service of scope \"" + inherited.prefix + "\"");
            inherited.default_service = &endpoint;
        }
        const auto id = static_cast<EndpointId>(app_.fallbacks.size());
        Application::Impl::Fallback& fallback = app_.fallbacks.emplace_back();
        fallback.application = &app_;
        fallback.default_service = inherited.default_service;
        Endpoint& endpoint = fallback.endpoint;
        endpoint.call = &Application::Impl::call_fallback;
        endpoint.handler = &fallback;
        // A default service is behind the guards as every route is; a 404 tells nothing.
        detail::set_chain(endpoint, app_.chains.emplace_back(inherited.default_service != nullptr
                                                                 ? full_chain(inherited)
                                                                 : inherited.middleware));
        set_error_mappers(endpoint, inherited);
        endpoint.application = &app_;
        endpoint.policy.body_limit = inherited.settings.body_limit;
        endpoint.route.body_limit = inherited.settings.body_limit;
        endpoint.policy.timeout = inherited.settings.timeout;
        if (inherited.default_service != nullptr) {
            endpoint.needs_body = inherited.default_service->needs_body;
            endpoint.policy.may_suspend |= inherited.default_service->policy.may_suspend;
        }
        // Two scopes may have one prefix; what neither has a route for is the first one's.
        if (!known_scopes_.insert(detail::without_names(inherited.prefix)).second) return;
        if (!inherited.prefix.empty()) scopes_.add_any(inherited.prefix, id);
        scopes_.add_any(inherited.prefix + "/", id);
        scopes_.add_any(inherited.prefix + "/*armature_rest", id);
    }

    void add_path(detail::PathRoutes& path, const Inherited& inherited,
                  const std::vector<Step>& scope_chain) {
        // A scope's own path is written "/": scope("/users").route("/", …) serves "/users".
        const std::string where = location_text(path.where);
        std::string pattern =
            inherited.prefix + version_prefix(path.routes.layer.settings, inherited,
                                              std::string{path.pattern} + " (" + where + ')');
        if (pattern.empty() || path.pattern != "/") pattern += path.pattern;
        check_params(path, pattern, where);

        Inherited of_path = inherited;
        check_pipes(path, pattern, where);
        const LayerLists* const own = path.routes.layer.lists.get();
        const bool has_steps = own != nullptr && !own->steps.empty();
        add_layer(path.routes.layer, of_path, pattern + " (" + where + ')');
        const std::vector<Step>& chain =
            has_steps ? app_.chains.emplace_back(full_chain(of_path)) : scope_chain;

        const std::string& text = app_.texts.emplace_back(pattern);
        std::vector<std::string_view>& names = app_.param_names.emplace_back();
        if (check_pattern(text) == PatternError::ok)
            for (std::size_t i = 0; i < pattern_param_count(text); ++i)
                names.push_back(pattern_param_name(text, i));

        const Endpoint* const preflight = has_steps ? add_preflight(of_path) : nullptr;
        bool named = false;
        for (std::size_t i = 0; i < path.routes.handlers.size(); ++i) {
            MethodHandler& handler = path.routes.handlers[i];
            const auto id = static_cast<EndpointId>(app_.endpoints.size());
            Endpoint& endpoint = app_.endpoints.emplace_back();
            const std::string method{handler.any ? "ANY" : to_string(handler.method)};
            const detail::Signature* signature = handler.handler.signature;
            fill(endpoint, std::move(handler.handler), of_path, names,
                 method + ' ' + pattern + " (" + where + ')');
            detail::set_chain(endpoint, chain);
            endpoint.route.pattern = text;
            endpoint.route.param_names = names.data();
            endpoint.preflight = preflight;
            if (!handler.any) endpoint.method = handler.method;
            app_.described.push_back({method, text, of_path.settings.version, where, &endpoint,
                                      signature, std::move(handler.notes), inherited.tags});
            const std::string_view name = named ? std::string_view{} : path.routes.name;
            named = true;
            pending_.push_back({handler.method, handler.any, pattern, id, name, where,
                                of_path.settings.version, app_.described.size() - 1});
        }
    }

    // The scope's fallback, which was the last one made, behind the path's own middleware as well.
    const Endpoint* add_preflight(const Inherited& of_path) {
        Endpoint& endpoint = app_.preflights.emplace_back(app_.fallbacks.back().endpoint);
        detail::set_chain(endpoint, app_.chains.emplace_back(of_path.middleware));
        return &endpoint;
    }

    // What a version adds to the prefix.
    std::string version_prefix(const RouteSettings& own, const Inherited& inherited,
                               const std::string& what) {
        if (own.version.empty()) return {};
        if (!app_.versioning) {
            problem(what + ": .version() has no meaning without App::versioning()");
            return {};
        }
        if (app_.versioning->kind() != Versioning::Kind::path) return {};
        if (!inherited.settings.version.empty())
            problem(what + ": version " + own.version + " in the path is inside of version " +
                    inherited.settings.version);
        return '/' + app_.versioning->name() + own.version;
    }

    void check_params(const detail::PathRoutes& path, const std::string& pattern,
                      const std::string& where) {
        if (path.path_count == 0 || check_pattern(pattern) != PatternError::ok) return;
        const std::size_t count = pattern_param_count(pattern);
        if (count != path.path_count)
            problem(pattern + " (" + where + "): the pattern has " + std::to_string(count) +
                    " parameters, but its handlers take " + std::to_string(path.path_count) +
                    " Path arguments");
    }

    // A scope's pipe is for those of its routes that have what it takes; a route's own is for it.
    void check_pipes(detail::PathRoutes& path, const std::string& pattern,
                     const std::string& where) {
        detail::MethodRoutesBase& routes = path.routes;
        if (routes.layer.lists == nullptr) return;
        for (const detail::Pipe& pipe : routes.layer.lists->pipes) {
            bool is_used = false;
            for (std::size_t i = 0; i < routes.handlers.size(); ++i) {
                const detail::Signature& signature = *routes.handlers[i].handler.signature;
                for (std::size_t j = 0; j < signature.value_count; ++j)
                    is_used |= pipe.value_tag == signature.values[j].own ||
                               pipe.value_tag == signature.values[j].held;
            }
            if (!is_used)
                problem(pattern + " (" + where + "): the pipe " + std::string{pipe.name} +
                        " is for a " + std::string{pipe.value_type} +
                        ", which no handler of the route takes");
        }
    }

    void set_error_mappers(Endpoint& endpoint, const Inherited& inherited) {
        endpoint.error_mappers = app_.mapper_lists.emplace_back(inherited.error_mappers);
    }

    void check_path_names(const detail::Signature& signature,
                          const std::vector<std::string_view>& names, const std::string& what) {
        for (std::size_t i = 0; i < signature.path_name_count; ++i) {
            const std::string_view name = signature.path_names[i];
            if (std::find(names.begin(), names.end(), name) == names.end())
                problem(what + ": its handler takes Path<T, \"" + std::string{name} +
                        "\">, but the pattern has no parameter of that name");
        }
    }

    void fill(Endpoint& endpoint, HandlerDefinition definition, const Inherited& inherited,
              const std::vector<std::string_view>& params, const std::string& what) {
        const HandlerDefinition& handler = app_.handlers.emplace_back(std::move(definition));
        endpoint.call = handler.signature->call;
        endpoint.thunk = handler.thunk;
        endpoint.handler = handler.closure.object();
        if (handler.object.tag != nullptr)
            endpoint.handler = find_object(handler.object, inherited, what, "the handler");
        const auto& pipes = app_.pipes.emplace_back(inherited.pipes);
        endpoint.pipes = pipes.data();
        endpoint.pipe_count = static_cast<std::uint32_t>(pipes.size());
        endpoint.route.metadata = app_.metadata.emplace_back(inherited.metadata);
        set_error_mappers(endpoint, inherited);
        endpoint.needs_body = handler.signature->needs_body;
        endpoint.policy.body_limit = inherited.settings.body_limit;
        endpoint.route.body_limit = inherited.settings.body_limit;
        endpoint.policy.timeout = inherited.settings.timeout;
        endpoint.policy.may_suspend = handler.signature->is_task;
        endpoint.application = &app_;
        check_path_names(*handler.signature, params, what);
        bind_states(endpoint, *handler.signature, inherited, what);
    }

    void bind_states(Endpoint& endpoint, const detail::Signature& signature,
                     const Inherited& inherited, const std::string& what) {
        std::vector<void*>& bound = app_.bound_states.emplace_back();
        for (std::size_t i = 0; i < signature.state_count; ++i) {
            const ObjectNeed& need = signature.states[i];
            const std::string taker =
                "its handler, which takes State<" + std::string{need.type} + ">,";
            bound.push_back(need.service != nullptr ? find_service(*need.service, inherited, what)
                                                    : find_object(need, inherited, what, taker));
        }
        endpoint.states = bound.data();
    }

    void problem(std::string text) { problems_.push_back(std::move(text)); }

    Application::Impl& app_;
    RouterBuilder routes_;
    RouterBuilder scopes_;
    std::set<std::string> known_scopes_;
    std::vector<detail::PendingRoute> pending_;
    std::vector<std::string> problems_;
};

// While the tables were made, a placeholder stood for each service.
void put_services(Application::Impl& app) {
    const auto put = [&](auto*& pointer) {
        if (void* service = app.injection->find(pointer)) pointer = service;
    };
    for (std::vector<Step>& chain : app.chains)
        for (Step& step : chain)
            put(step.self);
    for (auto& pipes : app.pipes)
        for (detail::PipeStep& pipe : pipes)
            put(pipe.self);
    for (std::vector<void*>& states : app.bound_states)
        for (void*& state : states)
            put(state);
    for (Endpoint& endpoint : app.endpoints)
        put(endpoint.handler);
}

} // namespace

Application App::build() {
    Owned<Application::Impl> impl{new Application::Impl};
    impl->development = development_;
    if (data_.make_injection != nullptr) impl->injection = data_.make_injection();
    if (data_.versioning != nullptr)
        impl->versioning = *static_cast<const Versioning*>(data_.versioning.get());
    Builder builder{*impl};
    builder.build(data_, trailing_slash_);
    data_ = {};
    if (impl->injection != nullptr) {
        impl->injection->construct(hook_timeout_);
        put_services(*impl);
    }
    detail::compose_hooks(*impl);
    Application application{std::move(impl)};
    for (const detail::BuiltHook& hook : builder.built_hooks)
        hook.run(hook.object.get(), application);
    return application;
}

} // namespace armature
