#pragma once

#include <armature/core/method.hpp>
#include <armature/core/owned.hpp>
#include <armature/core/path_params.hpp>
#include <armature/core/result.hpp>
#include <armature/routing/pattern.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// What a route leads to: an index that belongs to the caller.
using EndpointId = std::uint32_t;
inline constexpr EndpointId no_endpoint = ~EndpointId{0};

/// One registered route.
struct Route {
    std::optional<Method> method; ///< nothing: every method that the path doesn't list itself
    std::string pattern;
    EndpointId endpoint = no_endpoint;
    std::string name;  ///< for `Router::url_for`; empty without one
    std::string where; ///< where it was registered, for example "users.cpp:12"; may be empty

    /// For people: "GET /users/{id} (users.cpp:12)".
    [[nodiscard]] std::string describe() const;
};

/// What `/a` and `/a/` are to each other.
enum class TrailingSlash : std::uint8_t {
    strict,   ///< two paths
    ignore,   ///< one path: a route of either form serves both
    redirect, ///< two paths; `Router::match_other_slash` tells that the other one exists
};

/// Every fault of a route table at once: malformed patterns and regexes, routes that take the same
/// method of the same path, names that mean two patterns. Thrown by `RouterBuilder::build`.
class RouteTableError : public std::logic_error {
  public:
    explicit RouteTableError(std::vector<std::string> problems);

    /// One sentence for each problem, naming the routes and where they were registered.
    [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return problems_; }

  private:
    std::vector<std::string> problems_;
};

/// A parameter's value for `Router::url_for`, not encoded.
struct UrlParam {
    std::string_view name;
    std::string_view value;
};

/// An immutable table of routes, made by `RouterBuilder`.
///
/// Precedence, segment by segment from the left, whatever the order of registration: literal text,
/// then the kinds of `ParamKind` in their order (several regexes in the order of their text), then
/// the wildcard. A choice that leads nowhere is taken back, so `/users/me/posts` and
/// `/users/{id}` serve `/users/me` together. The method plays no part: a path that matches without
/// having the method is for the caller to answer with 405.
///
/// Threads: all members may be called from any thread at once.
class Router {
    struct Table;

  public:
    /// What one path offers. Lives as long as the router, also when the router is moved.
    class Leaf {
      public:
        /// The endpoint registered for exactly this method, or `no_endpoint`.
        [[nodiscard]] EndpointId endpoint(Method method) const noexcept {
            const Route* found = routes_[static_cast<std::size_t>(method)];
            return found != nullptr ? found->endpoint : no_endpoint;
        }
        /// The endpoint that serves a method: its own, else that of GET for HEAD (RFC 9110
        /// §9.3.2), else the one for any method, else `no_endpoint`.
        [[nodiscard]] EndpointId resolve(Method method) const noexcept {
            return resolved_[static_cast<std::size_t>(method)];
        }
        /// The route behind `resolve(method)`, or null.
        [[nodiscard]] const Route* route(Method method) const noexcept;
        /// True when an endpoint takes every method.
        [[nodiscard]] bool has_any() const noexcept { return any_ != nullptr; }
        /// The value for an Allow field: every method that `resolve` serves, and OPTIONS.
        [[nodiscard]] std::string_view allow() const noexcept { return allow_; }
        /// The path's pattern as its first route wrote it. Routes of other methods may have other
        /// parameter names: those are in `route(method)->pattern`.
        [[nodiscard]] std::string_view pattern() const noexcept { return first_->pattern; }
        [[nodiscard]] std::size_t param_count() const noexcept { return param_count_; }

      private:
        friend struct Table;

        std::array<EndpointId, method_count> resolved_{};
        std::uint32_t param_count_ = 0;
        std::array<const Route*, method_count> routes_{};
        const Route* any_ = nullptr;
        const Route* first_ = nullptr;
        std::string allow_;
    };

    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;
    ~Router();

    /// The path's leaf and, in `params`, the values of its parameters; null when no pattern
    /// matches, which leaves `params` empty.
    ///
    /// `path` starts with `/`, has no query, and is percent-decoded segment by segment, a slash
    /// inside of a segment being the byte 0. `params` holds views into it.
    ///
    /// Cost: no allocation, except by RE2 for the first matches of a `regex(…)`. At most one visit
    /// to each place in the table: a parameter takes exactly one segment, so backtracking never
    /// comes to the same place twice, and no path makes it exponential.
    [[nodiscard]] const Leaf* match(std::string_view path, PathParams& params) const noexcept;

    /// With `TrailingSlash::redirect`: the leaf that `path` would have with a slash more or less at
    /// its end. Null under the other policies. For paths that `match` doesn't know.
    [[nodiscard]] const Leaf* match_other_slash(std::string_view path) const noexcept;

    /// All routes in the order of registration.
    [[nodiscard]] std::span<const Route> routes() const noexcept;

    /// The path of the route with this name, parameters filled in and percent-encoded. The slashes
    /// of a wildcard's value are kept; in other values `/`, and the byte 0 that stands for it in a
    /// matched path, become %2F.
    ///
    /// Errors: unknown name; a parameter missing, unknown or not accepted by its constraint;
    /// a value that would give another path, such as "..", or a wildcard's that starts with `/`.
    [[nodiscard]] Result<std::string> url_for(std::string_view name,
                                              std::span<const UrlParam> params) const;
    [[nodiscard]] Result<std::string> url_for(std::string_view name,
                                              std::initializer_list<UrlParam> params = {}) const;

  private:
    friend class RouterBuilder;

    explicit Router(Owned<Table> table) noexcept;

    Owned<Table> table_;
};

/// Collects routes and compiles them. One thread at a time.
class RouterBuilder {
  public:
    /// Registers a route. Faults are reported by `build`, all together.
    void add(Method method, std::string pattern, EndpointId endpoint, std::string_view name = {},
             std::string_view where = {});

    /// Registers a route for every method that the path doesn't list itself.
    void add_any(std::string pattern, EndpointId endpoint, std::string_view name = {},
                 std::string_view where = {});

    /// The router; the builder is empty afterwards. Throws `RouteTableError`.
    [[nodiscard]] Router build(TrailingSlash trailing_slash = TrailingSlash::strict);

  private:
    std::vector<Route> routes_;
};

} // namespace armature
