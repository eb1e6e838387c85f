#pragma once

#include <armature/app/error_mapper.hpp>
#include <armature/app/guard.hpp>
#include <armature/app/handler.hpp>
#include <armature/app/pipe.hpp>
#include <armature/core/owned.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace armature::detail {

/// Settings that a route has or inherits from its scope.
struct RouteSettings {
    std::uint64_t body_limit = 0;
    Duration timeout;
    bool has_body_limit = false;
    bool has_timeout = false;
    std::string version; ///< empty: that of the layer around
};

struct LayerLists; // in src/app/registration_data.hpp

// What a route, a scope or an App adds to the way of a request. Its members and lists are the
// library's, so that each user of it needn't compile them.
struct LayerData {
    LayerData();
    LayerData(LayerData&&) noexcept;
    LayerData& operator=(LayerData&&) noexcept;
    ~LayerData();

    void add(Middleware step);
    void add(Pipe pipe);
    void add(ErrorMapper mapper);
    void add(const void* tag, std::shared_ptr<const void> metadata);

    RouteSettings settings;
    Owned<LayerLists> lists; ///< null until something is added, so that a route costs no allocation
};

/// What routes, scopes and Apps have in common: everything that stands between a request and its
/// handler. A request passes, in this order,
///
/// 1. all middleware, from the App's to the route's own;
/// 2. all guards, in the same order;
/// 3. all interceptors, in the same order;
/// 4. the pipes of each of the handler's parameters, in the same order;
/// 5. the handler;
///
/// and what any of them throws goes to the error mappers, the route's own first. The chain is
/// composed once, at build. Each of them is given as a value, or named as a type,
/// `guard<Authenticated>()`: then it is the application's object of that type, given by `.data(…)`
/// or provided to the container.
///
/// `Derived` is a route, Scope or App: every member returns it, so that calls chain both on a
/// temporary and on a variable.
template <class Derived>
class Layer {
  public:
    /// Adds middleware. It runs in the order written: the first one is the outermost. A scope's
    /// runs for every request below its prefix, also for those that end in 404, 405 or an automatic
    /// OPTIONS; a route's for the methods of its path.
    template <class M>
    Derived& wrap(M middleware) & {
        layer().add(own_step(middleware_step<M>(), Stage::middleware, std::move(middleware)));
        return self();
    }
    template <class M>
    Derived&& wrap(M middleware) && {
        return std::move(wrap(std::move(middleware)));
    }
    template <class M>
    Derived& wrap() & {
        layer().add(found_step<M>(middleware_step<M>(), Stage::middleware));
        return self();
    }
    template <class M>
    Derived&& wrap() && {
        return std::move(this->template wrap<M>());
    }

    /// Adds a guard, which says whether a request may reach its handler: it has
    /// `can_activate(Request&) const`, or is called with the request, and returns bool, or a
    /// Task<bool> if it has to wait. False is answered with 403; to answer anything else, such as
    /// 401, it throws an Error. Guards run for routes only, not for 404 and 405.
    template <class G>
    Derived& guard(G added) & {
        layer().add(own_step(guard_step<G>(), Stage::guard, std::move(added)));
        return self();
    }
    template <class G>
    Derived&& guard(G added) && {
        return std::move(guard(std::move(added)));
    }
    template <class G>
    Derived& guard() & {
        layer().add(found_step<G>(guard_step<G>(), Stage::guard));
        return self();
    }
    template <class G>
    Derived&& guard() && {
        return std::move(this->template guard<G>());
    }

    /// Adds an interceptor, which has the form of a middleware and runs inside of all guards: only
    /// for requests that reach the handler.
    template <class I>
    Derived& intercept(I interceptor) & {
        layer().add(own_step(middleware_step<I>(), Stage::interceptor, std::move(interceptor)));
        return self();
    }
    template <class I>
    Derived&& intercept(I interceptor) && {
        return std::move(intercept(std::move(interceptor)));
    }
    template <class I>
    Derived& intercept() & {
        layer().add(found_step<I>(middleware_step<I>(), Stage::interceptor));
        return self();
    }
    template <class I>
    Derived&& intercept() && {
        return std::move(this->template intercept<I>());
    }

    /// Adds a pipe: a function that checks or changes each value of its parameter's type that a
    /// handler is called with, `pipe([](NewUser& user) { user.name = trim(user.name); })`. It also
    /// sees the T of a Json<T>, Query<T>, Path<T> and so on. It throws an Error to refuse. A
    /// route's own pipe that no handler of the route has a parameter for is a fault at build.
    template <class P>
    Derived& pipe(P added) & {
        layer().add(own_pipe(std::move(added)));
        return self();
    }
    template <class P>
    Derived&& pipe(P added) && {
        return std::move(pipe(std::move(added)));
    }
    template <class P>
    Derived& pipe() & {
        layer().add(found_pipe<P>());
        return self();
    }
    template <class P>
    Derived&& pipe() && {
        return std::move(this->template pipe<P>());
    }

    /// Maps an exception type to a response: `on_error([](const DbTimeout& e) { return
    /// Error::unavailable("…"); })`. The callable takes `const E&`, and `Request&` if it wants, and
    /// returns what a handler may return. The first mapper that takes the exception wins, a route's
    /// before its scope's before the App's. A mapper of `const Error&` also renders the framework's
    /// own errors, an App's or scope's also 404 and 405; their fields, such as Allow, are added to
    /// what it returns.
    template <class F>
    Derived& on_error(F mapper) & {
        layer().add(make_error_mapper(std::move(mapper)));
        return self();
    }
    template <class F>
    Derived&& on_error(F mapper) && {
        return std::move(on_error(std::move(mapper)));
    }

    /// Lets the route carry a value of any type, for guards and interceptors to read by
    /// `Request::metadata<T>()`: `metadata(Roles{"admin"})`. An inner layer's value of a type hides
    /// an outer one's.
    template <class T>
    Derived& metadata(T value) & {
        layer().add(&type_tag<T>, std::make_shared<const T>(std::move(value)));
        return self();
    }
    template <class T>
    Derived&& metadata(T value) && {
        return std::move(metadata(std::move(value)));
    }

    /// The largest content accepted, in bytes, unless something further in says otherwise; more is
    /// answered with 413. 1 MiB by default.
    Derived& body_limit(std::uint64_t bytes) & {
        layer().settings.body_limit = bytes;
        layer().settings.has_body_limit = true;
        return self();
    }
    Derived&& body_limit(std::uint64_t bytes) && { return std::move(body_limit(bytes)); }

    /// How long a response may take unless something further in says otherwise; then the handler is
    /// cancelled. Zero means no limit, which is the default.
    Derived& timeout(Duration duration) & {
        layer().settings.timeout = duration;
        layer().settings.has_timeout = true;
        return self();
    }
    Derived&& timeout(Duration duration) && { return std::move(timeout(duration)); }

    /// Which version of the API this is; see `App::versioning`.
    Derived& version(std::string text) & {
        layer().settings.version = std::move(text);
        return self();
    }
    Derived&& version(std::string text) && { return std::move(version(std::move(text))); }

  private:
    [[nodiscard]] Derived& self() noexcept { return static_cast<Derived&>(*this); }
    [[nodiscard]] LayerData& layer() noexcept { return self().layer_data(); }
};

} // namespace armature::detail
