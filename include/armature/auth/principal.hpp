#pragma once

#include <armature/app/extract.hpp>
#include <armature/core/request.hpp>
#include <armature/core/task.hpp>

#include <algorithm>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature {

/// Who sends a request, as a guard found out; the guard attached it to the request.
struct Principal {
    std::string subject = {}; ///< who: the token's `sub`, the user's name, the key's owner
    std::vector<std::string> roles = {};
    std::vector<std::string> scopes = {}; ///< what the client may do on the subject's behalf
    std::string claims = {};              ///< of a JWT: all that it says, as JSON, for `read_json`

    [[nodiscard]] bool has_role(std::string_view role) const noexcept {
        return std::find(roles.begin(), roles.end(), role) != roles.end();
    }
    [[nodiscard]] bool has_scope(std::string_view scope) const noexcept {
        return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
    }
};

/// A handler's parameter: who sends the request. A route that no guard of this area stands before
/// answers 401, so forgetting the guard lets nobody in. `std::optional<Authenticated>` is for
/// routes that are open to everybody.
class Authenticated {
  public:
    explicit Authenticated(const Principal& principal) noexcept : principal_(&principal) {}
    [[nodiscard]] const Principal& operator*() const noexcept { return *principal_; }
    [[nodiscard]] const Principal* operator->() const noexcept { return principal_; }

  private:
    const Principal* principal_;
};

namespace detail {
/// The principal of a request. Throws `Error` 401 without one.
[[nodiscard]] const Principal& authenticated(Request& request);
} // namespace detail

template <>
struct Extract<Authenticated> {
    static bool is_present(const ExtractInput& input) noexcept {
        return input.request.find<Principal>() != nullptr;
    }
    static Authenticated from(const ExtractInput& input) {
        return Authenticated{detail::authenticated(input.request)};
    }
    static void document(OperationInfo& info) { info.error(Status::unauthorized); }
};

/// A guard that lets principals pass who have one of some roles; the others get 403. It stands
/// inside of the guard that finds out who they are; without that one everybody gets 401.
class RoleGuard {
  public:
    static constexpr std::string_view name = "require_role";

    /// Throws std::invalid_argument for no roles, or an empty one.
    explicit RoleGuard(std::vector<std::string> roles);
    void can_activate(Request& request) const;
    void document(OperationInfo& info) const;

  private:
    std::vector<std::string> roles_;
};

/// The same for scopes, all of which are needed. Who lacks one gets 403 with
/// `error="insufficient_scope"` and the scopes to ask for (RFC 6750 §3.1).
class ScopeGuard {
  public:
    static constexpr std::string_view name = "require_scope";

    /// Throws std::invalid_argument for no scopes, or one that RFC 6749 §3.3 doesn't allow.
    explicit ScopeGuard(std::vector<std::string> scopes);
    void can_activate(Request& request) const;
    void document(OperationInfo& info) const;

  private:
    std::vector<std::string> scopes_;
    std::string challenge_;
};

template <std::convertible_to<std::string>... Roles>
[[nodiscard]] RoleGuard require_role(Roles&&... any_of) {
    return RoleGuard{{std::string{std::forward<Roles>(any_of)}...}};
}
template <std::convertible_to<std::string>... Scopes>
[[nodiscard]] ScopeGuard require_scope(Scopes&&... all_of) {
    return ScopeGuard{{std::string{std::forward<Scopes>(all_of)}...}};
}

namespace detail {
template <class Policy>
concept AsksPrincipal = std::is_invocable_v<const Policy&, const Principal&>;
template <class Policy>
concept AsksPrincipalAndRequest = std::is_invocable_v<const Policy&, const Principal&, Request&>;
} // namespace detail

/// A guard that asks a policy of your own; false is 403.
template <class Policy>
class PolicyGuard {
  public:
    static constexpr std::string_view name = "require_policy";

    explicit PolicyGuard(Policy policy) : policy_(std::move(policy)) {}
    auto can_activate(Request& request) const {
        const Principal& principal = detail::authenticated(request);
        if constexpr (detail::AsksPrincipal<Policy>)
            return policy_(principal);
        else
            return policy_(principal, request);
    }
    void document(OperationInfo& info) const {
        info.error(Status::unauthorized);
        info.error(Status::forbidden);
    }

  private:
    Policy policy_;
};

/// `policy` takes a `const Principal&`, or that and a `Request&`, and returns `bool`, or
/// `Task<bool>` if it has to ask somebody.
template <class Policy>
    requires detail::AsksPrincipal<Policy> || detail::AsksPrincipalAndRequest<Policy>
[[nodiscard]] PolicyGuard<Policy> require_policy(Policy policy) {
    return PolicyGuard<Policy>{std::move(policy)};
}

} // namespace armature
