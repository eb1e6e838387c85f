#pragma once

#include <armature/app/injection.hpp>
#include <armature/app/provide.hpp>
#include <armature/app/route.hpp>
#include <armature/core/owned.hpp>
#include <armature/routing/router.hpp>

#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

class App;
class Scope;
class Versioning;

/// Everything that is wrong with an application, found while building it. One line for each fault.
class BuildError : public std::logic_error {
  public:
    using std::logic_error::logic_error;
};

/// An application that was built: immutable, complete, safe to use from all threads at once.
class Application {
  public:
    Application(Application&&) noexcept;
    Application& operator=(Application&&) noexcept;
    ~Application();

    /// Serves one request without any socket, on the calling thread; a handler that suspends is
    /// run to its end, within the limits of its route. Streamed content is collected; throws what
    /// its producer throws. For tests.
    [[nodiscard]] Response handle(Request request) const;

    /// Runs `on_module_init` and then `on_application_bootstrap` of all services, each after those
    /// of what it needs; see docs/dependency-injection.md. Whatever serves an application calls
    /// this before it listens; for the second one of an application it does nothing. Throws
    /// std::runtime_error, in one line, when a hook fails or takes too long.
    void start() const;
    /// Whether a service has a lifecycle hook, so that the three of this group do anything.
    [[nodiscard]] bool has_hooks() const noexcept;
    /// `before_application_shutdown`, in the reverse order, while requests are still served. What
    /// fails is logged. `signal` is "SIGTERM" for example, or empty. Runs on the loop it is started
    /// on; for the last one that serves the application.
    [[nodiscard]] Task<> before_shutdown(std::string signal) const;
    /// `on_application_shutdown` and then `on_module_destroy`, in the reverse order, once no
    /// request is served any more. The counterpart of `start`; does what `before_shutdown` does
    /// first, unless that was called.
    void shutdown(std::string signal) const noexcept;

    /// Every route with its final middleware order, limits and time-outs, for people.
    [[nodiscard]] std::string describe() const;

    /// What each route means for its clients, in the order of `describe`; collected anew at each
    /// call.
    [[nodiscard]] std::vector<OperationInfo> operations() const;

    /// The path of a named route; see `Router::url_for`.
    [[nodiscard]] Result<std::string> url_for(std::string_view name,
                                              std::initializer_list<UrlParam> params = {}) const;

    [[nodiscard]] const Router& router() const noexcept;

    /// What a protocol adapter serves.
    [[nodiscard]] const Dispatcher& dispatcher() const noexcept;

    class Impl; // defined and used inside of the library only

  private:
    friend class App;
    explicit Application(Owned<Impl> impl) noexcept;
    Owned<Impl> impl_;
};

namespace detail {

struct BuiltHook {
    void (*run)(const void* self, const Application& application);
    std::shared_ptr<const void> object;
};

struct ScopeLists; // in src/app/registration_data.hpp

// What App and Scope collect; see build.cpp. Its members and lists are the library's, so that each
// user of it needn't compile them.
struct ScopeData {
    ScopeData();
    ScopeData(ScopeData&&) noexcept;
    ScopeData& operator=(ScopeData&&) noexcept;
    ~ScopeData();

    void add(const void* tag, std::shared_ptr<void> state);
    void add(std::string_view pattern, std::source_location where, MethodRoutesBase&& routes,
             std::size_t path_count);
    void add(ScopeData&& scope);
    void add_tag(std::string text);
    void add(BuiltHook hook);
    void add(std::shared_ptr<ProviderData> provider, InjectionFactory injection);
    /// Keeps a text as long as the routes.
    std::string_view keep(std::string text);

    /// Made when first asked for, so that what was moved from is empty, not broken.
    ScopeLists& lists();

    std::string prefix;
    std::source_location where;
    LayerData layer;
    HandlerDefinition default_handler;
    std::shared_ptr<const void> versioning;    ///< an App's Versioning
    const ModuleData* module = nullptr;        ///< whose scope this is
    InjectionFactory make_injection = nullptr; ///< not null when something here needs it

  private:
    Owned<ScopeLists> lists_;
};

/// What App and Scope have in common. `Derived` is one of them: every member returns it, so that
/// calls chain both on a temporary and on a variable.
template <class Derived, bool Exact>
class RouteCollection : public Layer<Derived> {
  public:
    /// Serves a path: `route("/users/{id}", get(find).put(replace))`. The pattern is checked while
    /// compiling, also against the number of the handlers' `Path` arguments.
    template <std::size_t PathCount>
    Derived& route(std::type_identity_t<CheckedPattern<PathCount, Exact>> pattern,
                   MethodRoutes<PathCount> routes) & {
        data_.add(pattern.text(), pattern.where(), std::move(routes), PathCount);
        return self();
    }
    template <std::size_t PathCount>
    Derived&& route(std::type_identity_t<CheckedPattern<PathCount, Exact>> pattern,
                    MethodRoutes<PathCount> routes) && {
        return std::move(route(pattern, std::move(routes)));
    }
    /// The same for a pattern that is only known at run time; `build` checks it.
    template <std::size_t PathCount>
    Derived& route_at_runtime(std::string pattern, MethodRoutes<PathCount> routes,
                              std::source_location where = std::source_location::current()) & {
        data_.add(data_.keep(std::move(pattern)), where, std::move(routes), PathCount);
        return self();
    }
    template <std::size_t PathCount>
    Derived&& route_at_runtime(std::string pattern, MethodRoutes<PathCount> routes,
                               std::source_location where = std::source_location::current()) && {
        return std::move(route_at_runtime(std::move(pattern), std::move(routes), where));
    }

    /// Adds a scope with routes and middleware of its own; nests to any depth.
    Derived& service(Scope scope) &;
    Derived&& service(Scope scope) &&;

    /// Adds a controller: a class whose member functions are handlers, with its routes in
    /// `ARMATURE_CONTROLLER` form or as `static Scope routes()`. One object of it serves all
    /// requests. It is made from `args`; where its constructor takes services before them, or it
    /// has lifecycle hooks, by the container: then <armature/di/di.hpp> is needed. Needs
    /// <armature/app/controller.hpp>.
    template <class C, class... Args>
    Derived& controller(Args&&... args) &;
    template <class C, class... Args>
    Derived&& controller(Args&&... args) &&;

    /// Shares a value with the handlers of this scope and those inside, as `State<T>`. One value of
    /// a type; an inner scope's hides an outer one's.
    template <class T>
    Derived& data(T value) & {
        data_.add(&type_tag<T>, std::make_shared<T>(std::move(value)));
        return self();
    }
    template <class T>
    Derived&& data(T value) && {
        return std::move(data(std::move(value)));
    }
    /// The same for an object that is shared already.
    template <class T>
    Derived& data(std::shared_ptr<T> object) & {
        data_.add(&type_tag<T>, std::move(object));
        return self();
    }
    template <class T>
    Derived&& data(std::shared_ptr<T> object) && {
        return std::move(data(std::move(object)));
    }

    /// Serves every request of this scope that no route matches; without one the answer is 404.
    template <class F>
    Derived& default_service(F handler) & {
        static_assert(path_count<F>() == 0,
                      "armature: a default service has no path parameters; take Request&");
        data_.default_handler = make_handler(std::move(handler));
        return self();
    }
    template <class F>
    Derived&& default_service(F handler) && {
        return std::move(default_service(std::move(handler)));
    }

    /// A group that documents put the routes of this scope in.
    Derived& tag(std::string text) & {
        data_.add_tag(std::move(text));
        return self();
    }
    Derived&& tag(std::string text) && { return std::move(tag(std::move(text))); }

    /// Runs `function(const Application&)` once everything is built and checked, before anything is
    /// served: for what is made from the whole application. What it throws, `build` throws.
    template <class F>
    Derived& on_built(F function) & {
        const auto run = [](const void* self, const Application& application) {
            (*static_cast<const F*>(self))(application);
        };
        data_.add(BuiltHook{run, std::make_shared<const F>(std::move(function))});
        return self();
    }
    template <class F>
    Derived&& on_built(F function) && {
        return std::move(on_built(std::move(function)));
    }

    // For the library.
    [[nodiscard]] LayerData& layer_data() noexcept { return data_.layer; }

  protected:
    RouteCollection() = default;
    [[nodiscard]] Derived& self() noexcept { return static_cast<Derived&>(*this); }

    ScopeData data_;
};

} // namespace detail

/// Routes under a common prefix, with middleware and state of their own.
class Scope : public detail::RouteCollection<Scope, false> {
  public:
    explicit Scope(std::string prefix,
                   std::source_location where = std::source_location::current()) {
        data_.prefix = std::move(prefix);
        data_.where = where;
    }

  private:
    friend class Module;
    template <class, bool>
    friend class detail::RouteCollection;
};

/// A scope: `scope("/api/v1").route("/users", get(list))`. The prefix may have parameters.
[[nodiscard]] inline Scope scope(std::string prefix,
                                 std::source_location where = std::source_location::current()) {
    return Scope{std::move(prefix), where};
}

/// An application in the making. See docs/getting-started.md.
class App : public detail::RouteCollection<App, true>, public detail::Provides<App> {
  public:
    [[nodiscard]] static App create() { return App{}; }

    /// Has a provider take the place of all that are known by the same types, in all modules: for
    /// tests. `replace(provider<FakeMailer>().as<Mailer>())`.
    App& replace(const Provider& provider) &;
    App&& replace(const Provider& provider) && { return std::move(replace(provider)); }

    /// How long each lifecycle hook and each coroutine factory may take; 30 s by default.
    App& hook_timeout(Duration duration) & {
        hook_timeout_ = duration;
        return *this;
    }
    App&& hook_timeout(Duration duration) && { return std::move(hook_timeout(duration)); }

    /// Shows clients the details of 5xx errors. For development only.
    App& development(bool on = true) & {
        development_ = on;
        return *this;
    }
    App&& development(bool on = true) && { return std::move(development(on)); }

    /// What `/a` and `/a/` are to each other; `TrailingSlash::strict` by default.
    App& trailing_slash(TrailingSlash policy) & {
        trailing_slash_ = policy;
        return *this;
    }
    App&& trailing_slash(TrailingSlash policy) && { return std::move(trailing_slash(policy)); }

    /// How clients choose among the versions that scopes and routes have.
    /// Needs <armature/app/versioning.hpp>.
    App& versioning(Versioning chosen_by) &;
    App&& versioning(Versioning chosen_by) &&;

    /// Checks everything and composes every chain. Throws `BuildError`, which lists all faults.
    /// The App is empty afterwards.
    [[nodiscard]] Application build();

    /// Builds and serves until SIGTERM or SIGINT, then drains. `address` is "HOST:PORT" or
    /// "unix:PATH". Returns the process' exit status; start-up faults are printed to standard
    /// error. Needs armature::server.
    int run(std::string_view address);
    /// The same with all options; see server/server.hpp.
    int run(const struct ServerOptions& options);

  private:
    friend class detail::Provides<App>;
    App() = default;
    void take(const Provider& provider);
    void take(const Module& module);
    void take(Module (*module)());

    TrailingSlash trailing_slash_ = TrailingSlash::strict;
    Duration hook_timeout_ = Duration::seconds(30);
    bool development_ = false;
};

namespace detail {

template <class Derived, bool Exact>
Derived& RouteCollection<Derived, Exact>::service(Scope scope) & {
    data_.add(std::move(scope.data_));
    return self();
}
template <class Derived, bool Exact>
Derived&& RouteCollection<Derived, Exact>::service(Scope scope) && {
    return std::move(service(std::move(scope)));
}

} // namespace detail

} // namespace armature
