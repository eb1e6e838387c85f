#include "app/application_impl.hpp"

#include <algorithm>
#include <cstring>
#include <set>

namespace armature {

namespace detail {

Closure::Closure(Closure&& other) noexcept { take(other); }
Closure& Closure::operator=(Closure&& other) noexcept {
    if (this != &other) {
        if (manage_ != nullptr) manage_(storage_, nullptr);
        take(other);
    }
    return *this;
}
Closure::~Closure() {
    if (manage_ != nullptr) manage_(storage_, nullptr);
}
void Closure::take(Closure& other) noexcept {
    manage_ = other.manage_;
    on_heap_ = other.on_heap_;
    if (manage_ != nullptr)
        manage_(other.storage_, storage_);
    else
        std::memcpy(storage_, other.storage_, sizeof storage_);
    other.manage_ = nullptr;
}

void MethodHandlers::add(Method method, bool any, HandlerDefinition handler) {
    if (size_ < inline_capacity)
        inline_[size_] = {method, any, std::move(handler), nullptr};
    else
        more_.push_back({method, any, std::move(handler), nullptr});
    ++size_;
}

MethodRoutesBase::MethodRoutesBase() = default;
MethodRoutesBase::MethodRoutesBase(MethodRoutesBase&&) noexcept = default;
MethodRoutesBase& MethodRoutesBase::operator=(MethodRoutesBase&&) noexcept = default;
MethodRoutesBase::~MethodRoutesBase() = default;
void MethodRoutesBase::add(Middleware added) { middleware.push_back(std::move(added)); }
OperationNotes& MethodRoutesBase::notes() {
    std::unique_ptr<OperationNotes>& kept = handlers[handlers.size() - 1].notes;
    if (kept == nullptr) kept = std::make_unique<OperationNotes>();
    return *kept;
}

ScopeData::ScopeData() = default;
ScopeData::ScopeData(ScopeData&&) noexcept = default;
ScopeData& ScopeData::operator=(ScopeData&&) noexcept = default;
ScopeData::~ScopeData() = default;
void ScopeData::add(Middleware added) { middleware.push_back(std::move(added)); }
void ScopeData::add(const void* tag, std::shared_ptr<void> state) {
    states.push_back({tag, std::move(state)});
}
void ScopeData::add(std::string_view pattern, std::source_location at, MethodRoutesBase&& routes,
                    std::size_t path_count) {
    paths.push_back({pattern, at, std::move(routes), path_count});
}
void ScopeData::add(ScopeData&& scope) { scopes.push_back(std::move(scope)); }
void ScopeData::add(ErrorMapper mapper) { error_mappers.push_back(std::move(mapper)); }
std::string_view ScopeData::keep(std::string text) {
    return *texts.emplace_back(std::make_unique<std::string>(std::move(text)));
}

} // namespace detail

namespace {

using detail::Endpoint;
using detail::HandlerDefinition;
using detail::MethodHandler;
using detail::RouteSettings;
using detail::ScopeData;
using detail::StateNeed;
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
    std::vector<Step> chain;
    std::vector<const detail::StateObject*> states; ///< innermost last
    RouteSettings settings;
    std::vector<std::string> tags;
    const Endpoint* default_service = nullptr;
};

class Builder {
  public:
    explicit Builder(Application::Impl& app) : app_(app) {}

    void build(ScopeData& root, TrailingSlash trailing_slash) {
        Inherited top;
        top.settings.body_limit = RoutePolicy{}.body_limit;
        add_scope(root, std::move(top));
        try {
            app_.router = std::make_unique<Router>(routes_.build(trailing_slash));
            if (problems_.empty()) app_.scopes = std::make_unique<Router>(scopes_.build());
            for (const Endpoint& endpoint : app_.endpoints)
                app_.endpoint_of.push_back(&endpoint);
        } catch (const RouteTableError& error) {
            for (const std::string& problem : error.problems())
                problems_.push_back(problem);
        }
        if (problems_.empty()) return;
        std::string text = "the application can't be built:";
        for (const std::string& problem : problems_)
            text.append("\n  ").append(problem);
        throw BuildError{text};
    }

  private:
    void add_scope(ScopeData& scope, Inherited inherited) {
        check_prefix(scope);
        inherited.prefix += scope.prefix;
        for (detail::Middleware& middleware : scope.middleware)
            inherited.chain.push_back(app_.middleware.emplace_back(std::move(middleware)).step);
        add_states(scope, inherited);
        override(inherited.settings, scope.settings);
        for (std::string& tag : scope.tags)
            inherited.tags.push_back(std::move(tag));
        add_fallback(scope, inherited);
        const std::vector<Step>& chain = app_.chains.emplace_back(inherited.chain);
        for (ScopeData::PathRoutes& path : scope.paths)
            add_path(path, inherited, chain);
        for (ScopeData& inner : scope.scopes)
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
        for (std::size_t i = 0; i < scope.states.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j)
                if (scope.states[i].tag == scope.states[j].tag)
                    problem("scope \"" + inherited.prefix +
                            "\": .data() was given two values of one type");
        }
        for (detail::StateObject& state : scope.states)
            inherited.states.push_back(&app_.states.emplace_back(std::move(state)));
    }

    static void override(RouteSettings& settings, const RouteSettings& by) {
        if (by.has_body_limit) settings.body_limit = by.body_limit;
        if (by.has_timeout) settings.timeout = by.timeout;
    }

    // The endpoint for everything in this scope that no route takes.
    void add_fallback(ScopeData& scope, Inherited& inherited) {
        if (scope.default_handler.signature != nullptr) {
            Endpoint& endpoint = app_.endpoints.emplace_back();
            fill(endpoint, std::move(scope.default_handler), inherited,
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
        set_chain(endpoint, app_.chains.emplace_back(inherited.chain));
        endpoint.application = &app_;
        endpoint.policy.body_limit = inherited.settings.body_limit;
        endpoint.policy.timeout = inherited.settings.timeout;
        if (inherited.default_service != nullptr) {
            endpoint.needs_body = inherited.default_service->needs_body;
            endpoint.policy.may_suspend |= inherited.default_service->policy.may_suspend;
        }
        set_synchronous(endpoint);
        // Two scopes may have one prefix; what neither has a route for is the first one's.
        if (!known_scopes_.insert(without_names(inherited.prefix)).second) return;
        if (!inherited.prefix.empty()) scopes_.add_any(inherited.prefix, id);
        scopes_.add_any(inherited.prefix + "/", id);
        scopes_.add_any(inherited.prefix + "/*armature_rest", id);
    }

    // What two prefixes have in common that match the same paths.
    static std::string without_names(std::string_view prefix) {
        std::string text;
        for (PatternReader reader{prefix}; reader.next();) {
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

    void add_path(ScopeData::PathRoutes& path, const Inherited& inherited,
                  const std::vector<Step>& scope_chain) {
        // A scope's own path is written "/": scope("/users").route("/", …) serves "/users".
        std::string pattern = inherited.prefix;
        if (pattern.empty() || path.pattern != "/") pattern += path.pattern;
        const std::string where = location_text(path.where);
        check_params(path, pattern, where);

        const std::vector<Step>* chain = &scope_chain;
        if (!path.routes.middleware.empty()) {
            std::vector<Step>& own = app_.chains.emplace_back(scope_chain);
            for (detail::Middleware& middleware : path.routes.middleware)
                own.push_back(app_.middleware.emplace_back(std::move(middleware)).step);
            chain = &own;
        }
        Inherited of_path = inherited;
        override(of_path.settings, path.routes.settings);

        const std::string& text = app_.texts.emplace_back(pattern);
        std::vector<std::string_view>& names = app_.param_names.emplace_back();
        if (check_pattern(text) == PatternError::ok)
            for (std::size_t i = 0; i < pattern_param_count(text); ++i)
                names.push_back(pattern_param_name(text, i));

        bool named = false;
        for (std::size_t i = 0; i < path.routes.handlers.size(); ++i) {
            MethodHandler& handler = path.routes.handlers[i];
            const auto id = static_cast<EndpointId>(app_.endpoints.size());
            Endpoint& endpoint = app_.endpoints.emplace_back();
            const std::string method{handler.any ? "ANY" : to_string(handler.method)};
            const detail::Signature* signature = handler.handler.signature;
            fill(endpoint, std::move(handler.handler), of_path,
                 method + ' ' + pattern + " (" + where + ')');
            set_chain(endpoint, *chain);
            endpoint.pattern = text;
            endpoint.param_names = names.data();
            app_.described.push_back({method, text, where, &endpoint, signature,
                                      std::move(handler.notes), inherited.tags});
            const std::string_view name = named ? std::string_view{} : path.routes.name;
            named = true;
            if (handler.any)
                routes_.add_any(pattern, id, name, where);
            else
                routes_.add(handler.method, pattern, id, name, where);
        }
    }

    void check_params(const ScopeData::PathRoutes& path, const std::string& pattern,
                      const std::string& where) {
        if (path.path_count == 0 || check_pattern(pattern) != PatternError::ok) return;
        const std::size_t count = pattern_param_count(pattern);
        if (count != path.path_count)
            problem(pattern + " (" + where + "): the pattern has " + std::to_string(count) +
                    " parameters, but its handlers take " + std::to_string(path.path_count) +
                    " Path arguments");
    }

    void fill(Endpoint& endpoint, HandlerDefinition definition, const Inherited& inherited,
              const std::string& what) {
        const HandlerDefinition& handler = app_.handlers.emplace_back(std::move(definition));
        endpoint.call = handler.signature->call;
        endpoint.thunk = handler.thunk;
        endpoint.handler = handler.closure.object();
        endpoint.needs_body = handler.signature->needs_body;
        endpoint.policy.body_limit = inherited.settings.body_limit;
        endpoint.policy.timeout = inherited.settings.timeout;
        endpoint.policy.may_suspend = handler.signature->is_task;
        endpoint.application = &app_;
        bind_states(endpoint, *handler.signature, inherited, what);
    }

    void bind_states(Endpoint& endpoint, const detail::Signature& signature,
                     const Inherited& inherited, const std::string& what) {
        std::vector<void*>& bound = app_.bound_states.emplace_back();
        for (std::size_t i = 0; i < signature.state_count; ++i) {
            const StateNeed& need = signature.states[i];
            const auto found =
                std::find_if(inherited.states.rbegin(), inherited.states.rend(),
                             [&](const auto* state) { return state->tag == need.tag; });
            if (found == inherited.states.rend()) {
                problem(what + ": its handler takes State<" + std::string{need.type} +
                        ">, but no enclosing scope has .data() of that type");
                bound.push_back(nullptr);
            } else {
                bound.push_back((*found)->object.get());
            }
        }
        endpoint.states = bound.data();
    }

    static void set_synchronous(Endpoint& endpoint) {
        endpoint.is_synchronous = !endpoint.policy.may_suspend && !endpoint.needs_body;
    }

    static void set_chain(Endpoint& endpoint, const std::vector<Step>& chain) {
        endpoint.steps = chain.data();
        endpoint.step_count = static_cast<std::uint32_t>(chain.size());
        for (const Step& step : chain)
            endpoint.policy.may_suspend |= step.around != nullptr;
        set_synchronous(endpoint);
    }

    void problem(std::string text) { problems_.push_back(std::move(text)); }

    Application::Impl& app_;
    RouterBuilder routes_;
    RouterBuilder scopes_;
    std::set<std::string> known_scopes_;
    std::vector<std::string> problems_;
};

} // namespace

Application App::build() {
    auto impl = std::make_unique<Application::Impl>();
    impl->error_mappers = std::move(data_.error_mappers);
    impl->development = development_;
    Builder{*impl}.build(data_, trailing_slash_);
    data_ = {};
    return Application{std::move(impl)};
}

} // namespace armature
