#pragma once

#include <armature/app/app.hpp>
#include <armature/app/hooks.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

/// Makes a class a controller: a class whose member functions serve routes. The routes stand
/// between this macro and ARMATURE_END_CONTROLLER, each beside the function that serves it:
///
///     class Users {
///         ARMATURE_CONTROLLER(Users, "/users", .tags = {"users"});
///
///       public:
///         explicit Users(Database& database);
///
///         ARMATURE_GET("/{id}", find, .summary = "One user");
///         Task<std::optional<Json<User>>> find(Path<std::uint64_t> id);
///
///         ARMATURE_POST("/", create, .guards = guards<Editors>());
///         Created<Json<User>> create(Json<NewUser> user);
///
///         ARMATURE_END_CONTROLLER();
///     };
///
/// What follows the name are `RouteOptions`. Nothing happens before `app.controller<Users>()`; the
/// macros declare static functions, each found by its line. Without macros, the same is
///
///     static Scope routes() {
///         return scope("/users").tag("users")
///             .route("/{id}", get<&Users::find>().summary("One user"))
///             .route("/", post<&Users::create>().guard<Editors>());
///     }
#define ARMATURE_CONTROLLER(Type, prefix, ...)                                                     \
    friend struct ::armature::detail::ControllerAccess;                                            \
    using armature_self = Type;                                                                    \
    static constexpr int armature_first_line = __LINE__;                                           \
    static ::armature::Scope armature_scope() {                                                    \
        return ::armature::detail::controller_scope(prefix,                                        \
                                                    ::armature::RouteOptions{__VA_ARGS__});        \
    }                                                                                              \
    static_assert(true)
#define ARMATURE_END_CONTROLLER()                                                                  \
    static constexpr int ARMATURE_END_CONTROLLER_is_missing = __LINE__;                            \
    static_assert(true)

/// A route of a controller: the path behind the prefix ("/" for the prefix itself), the member
/// function that serves it, and RouteOptions.
#define ARMATURE_GET(path, function, ...) ARMATURE_DETAIL_ROUTE(get, path, function, __VA_ARGS__)
#define ARMATURE_POST(path, function, ...) ARMATURE_DETAIL_ROUTE(post, path, function, __VA_ARGS__)
#define ARMATURE_PUT(path, function, ...) ARMATURE_DETAIL_ROUTE(put, path, function, __VA_ARGS__)
#define ARMATURE_PATCH(path, function, ...)                                                        \
    ARMATURE_DETAIL_ROUTE(patch, path, function, __VA_ARGS__)
#define ARMATURE_DELETE(path, function, ...)                                                       \
    ARMATURE_DETAIL_ROUTE(delete_, path, function, __VA_ARGS__)
#define ARMATURE_HEAD(path, function, ...) ARMATURE_DETAIL_ROUTE(head, path, function, __VA_ARGS__)
#define ARMATURE_OPTIONS(path, function, ...)                                                      \
    ARMATURE_DETAIL_ROUTE(options, path, function, __VA_ARGS__)

// The function is named twice, so that an editor's "go to definition" works on the decorator, and
// looked up only when the class is complete, so that it may be declared after it.
#define ARMATURE_DETAIL_ROUTE(method, path, function, ...)                                         \
    static void armature_route(::armature::detail::Line<__LINE__>,                                 \
                               ::armature::Scope& armature_routes) {                               \
        ::armature::detail::add_controller_route<&armature_self::function, armature_self>(         \
            armature_routes, ::armature::Method::method, path,                                     \
            ::armature::RouteOptions{__VA_ARGS__});                                                \
    }                                                                                              \
    static_assert(true)

namespace armature {

namespace detail {

/// Steps of one stage, as RouteOptions take them.
struct Steps {
    std::vector<Middleware> items;
};
struct Pipes {
    std::vector<Pipe> items;
};
struct Filters {
    std::vector<ErrorMapper> items;
};

} // namespace detail

/// Middleware for RouteOptions: named as types, which are the application's objects, or as values.
template <class... M>
[[nodiscard]] detail::Steps middleware() {
    return {{detail::found_step<M>(detail::middleware_step<M>(), detail::Stage::middleware)...}};
}
template <class... M>
    requires(sizeof...(M) > 0)
[[nodiscard]] detail::Steps middleware(M... values) {
    return {{detail::own_step(detail::middleware_step<M>(), detail::Stage::middleware,
                              std::move(values))...}};
}
/// Guards for RouteOptions: `guards<Authenticated>()` or `guards(ApiKey{"…"})`.
template <class... G>
[[nodiscard]] detail::Steps guards() {
    return {{detail::found_step<G>(detail::guard_step<G>(), detail::Stage::guard)...}};
}
template <class... G>
    requires(sizeof...(G) > 0)
[[nodiscard]] detail::Steps guards(G... values) {
    return {
        {detail::own_step(detail::guard_step<G>(), detail::Stage::guard, std::move(values))...}};
}
/// Interceptors for RouteOptions.
template <class... I>
[[nodiscard]] detail::Steps interceptors() {
    return {{detail::found_step<I>(detail::middleware_step<I>(), detail::Stage::interceptor)...}};
}
template <class... I>
    requires(sizeof...(I) > 0)
[[nodiscard]] detail::Steps interceptors(I... values) {
    return {{detail::own_step(detail::middleware_step<I>(), detail::Stage::interceptor,
                              std::move(values))...}};
}
/// Pipes for RouteOptions.
template <class... P>
[[nodiscard]] detail::Pipes pipes() {
    return {{detail::found_pipe<P>()...}};
}
template <class... P>
    requires(sizeof...(P) > 0)
[[nodiscard]] detail::Pipes pipes(P... values) {
    return {{detail::own_pipe(std::move(values))...}};
}
/// Exception filters for RouteOptions: what `on_error` takes.
template <class... F>
[[nodiscard]] detail::Filters filters(F... mappers) {
    return {{detail::make_error_mapper(std::move(mappers))...}};
}

/// What a decorator says of its route, or of all of its controller's. Every member may be left out;
/// C++ wants those that are given in this order. Each means what the member function of its name
/// means for a route or scope.
struct RouteOptions {
    std::string_view summary = {};
    std::string_view description = {};
    std::vector<std::string_view> tags = {};
    std::string_view operation_id = {};
    std::string_view name = {};
    bool deprecated = false;
    bool hidden = false;
    /// The status of a success that the handler gives no other status than 200.
    std::optional<Status> status = {};
    /// The Cache-Control field of a success, unless the handler sets one.
    std::string_view cache_control = {};
    std::optional<std::uint64_t> body_limit = {};
    std::optional<Duration> timeout = {};
    detail::Steps middleware = {};
    detail::Steps guards = {};
    detail::Steps interceptors = {};
    detail::Pipes pipes = {};
    detail::Filters filters = {};
};

namespace detail {

template <int Number>
struct Line {};

[[nodiscard]] Scope controller_scope(std::string_view prefix, RouteOptions options);
void apply_options(MethodRoutesBase& routes, RouteOptions&& options);

template <auto Function, class Self>
void add_controller_route(
    Scope& scope, Method method,
    CheckedPattern<path_count<MemberHandler<Function, Self>>(), false> pattern,
    RouteOptions options) {
    auto routes = MethodRoutes<0>{}.with(method, MemberHandler<Function, Self>{});
    apply_options(routes, std::move(options));
    scope.route(pattern, std::move(routes));
}

// A friend of every decorated controller.
struct ControllerAccess {
    template <class C, int Number>
    static constexpr bool has_route =
        requires(Scope& scope) { C::armature_route(Line<Number>{}, scope); };

    template <class C, int Number>
    static bool add_line(Scope& scope) {
        if constexpr (has_route<C, Number>) C::armature_route(Line<Number>{}, scope);
        return has_route<C, Number>;
    }

    template <class C>
    static constexpr bool is_decorated = requires { C::armature_first_line; };

    template <class C>
    static Scope routes() {
        Scope scope = C::armature_scope();
        constexpr int first = C::armature_first_line;
        constexpr int last = C::ARMATURE_END_CONTROLLER_is_missing;
        // An array, because compilers bound the depth of folds.
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            [[maybe_unused]] const bool found[] = {
                add_line<C, first + static_cast<int>(I)>(scope)..., false};
        }(std::make_index_sequence<static_cast<std::size_t>(last - first)>{});
        return scope;
    }
};

template <class C>
Scope controller_routes() {
    if constexpr (ControllerAccess::is_decorated<C>) {
        return ControllerAccess::routes<C>();
    } else {
        static_assert(
            requires {
                { C::routes() } -> std::same_as<Scope>;
            },
            "armature: a controller has ARMATURE_CONTROLLER(Type, \"/prefix\") and a decorator for "
            "each route, or a static Scope routes()");
        return C::routes();
    }
}

template <class Derived, bool Exact>
template <class C, class... Args>
Derived& RouteCollection<Derived, Exact>::controller(Args&&... args) & {
    Scope scope = controller_routes<C>();
    if constexpr (std::is_constructible_v<C, Args...> && !has_hooks<C>())
        scope.data(std::make_shared<C>(std::forward<Args>(args)...));
    else
        detail::provide(scope.data_,
                        include_armature_di_di_hpp<C>::for_controller(std::forward<Args>(args)...));
    return service(std::move(scope));
}
template <class Derived, bool Exact>
template <class C, class... Args>
Derived&& RouteCollection<Derived, Exact>::controller(Args&&... args) && {
    return std::move(this->template controller<C>(std::forward<Args>(args)...));
}

} // namespace detail

} // namespace armature
