#pragma once

#include <armature/app/app.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// One method of one path, as the application was built: for people and their tools.
struct RouteInfo {
    std::string method;             ///< "GET"; "ANY" for a handler of every method
    std::string pattern;            ///< with its scopes' prefixes
    std::string version;            ///< of the API; empty without one
    std::vector<std::string> chain; ///< middleware, guards, interceptors: the outermost first
    std::uint64_t body_limit = 0;   ///< bytes
    std::optional<std::int64_t> timeout_ms;
    std::string where; ///< "users.cpp:12"
};

/// Every route, in the order of `Application::describe`.
[[nodiscard]] std::vector<RouteInfo> route_list(const Application& application);

/// What becomes of a request's method and target, and why.
struct RouteExplanation {
    /// Places in `route_list`. Several: the request's version chooses among them. None: nobody
    /// serves this method of this path.
    std::vector<std::size_t> chosen;
    /// Routes that match too, and would serve the method, if the chosen ones weren't there.
    std::vector<std::size_t> shadowed;
    /// Names and decoded values of the path's parameters.
    std::vector<std::pair<std::string, std::string>> params;
    bool is_malformed = false; ///< 400
    std::string allow;         ///< of a path that hasn't the method: 405
    bool is_automatic = false; ///< an OPTIONS that the application answers by itself
};

/// `target` as a client sends it: "/users/a%20b?page=2".
[[nodiscard]] RouteExplanation explain_route(const Application& application,
                                             std::string_view method, std::string_view target);

/// Two routes of different patterns that a path of both goes to one of.
struct RouteOverlap {
    std::size_t first;  ///< place in `route_list` of the one that such paths go to
    std::size_t second; ///< of the other, which would serve its method there
    std::string path;   ///< an example
    /// The pattern of `first` hasn't the method of `second`: the answer is 405, though there is a
    /// route that would serve it.
    bool is_refused;
};

/// All of them, by `second`. What only an expression of `regex(…)` tells apart may be missing.
[[nodiscard]] std::vector<RouteOverlap> route_overlaps(const Application& application);

} // namespace armature
