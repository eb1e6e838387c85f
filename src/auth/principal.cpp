#include <armature/auth/principal.hpp>

#include <stdexcept>

namespace armature {

namespace detail {

const Principal& authenticated(Request& request) {
    if (const Principal* const principal = request.find<Principal>()) return *principal;
    throw Error::unauthorized("Say who you are").header("www-authenticate", "Bearer realm=\"api\"");
}

} // namespace detail

RoleGuard::RoleGuard(std::vector<std::string> roles) : roles_(std::move(roles)) {
    const bool has_empty = std::find(roles_.begin(), roles_.end(), "") != roles_.end();
    if (roles_.empty() || has_empty)
        throw std::invalid_argument("armature: require_role needs the name of a role");
}

void RoleGuard::can_activate(Request& request) const {
    const Principal& principal = detail::authenticated(request);
    for (const std::string& role : roles_)
        if (principal.has_role(role)) return;
    throw Error::forbidden("Your role doesn't allow this");
}

void RoleGuard::document(OperationInfo& info) const {
    info.error(Status::unauthorized);
    info.error(Status::forbidden);
}

ScopeGuard::ScopeGuard(std::vector<std::string> scopes) : scopes_(std::move(scopes)) {
    if (scopes_.empty())
        throw std::invalid_argument("armature: require_scope needs the name of a scope");
    for (const std::string& scope : scopes_) {
        // scope-token of RFC 6749 §3.3: it stands in a list, in quotes, in a field.
        const bool fits = !scope.empty() && std::all_of(scope.begin(), scope.end(), [](char c) {
            return c > ' ' && c < 0x7f && c != '"' && c != '\\';
        });
        if (!fits)
            throw std::invalid_argument("armature: a scope is visible ASCII without quotes, "
                                        "backslashes and spaces; name several one by one");
        challenge_.append(challenge_.empty() ? "" : " ").append(scope);
    }
    challenge_ = "Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"" + challenge_ + "\"";
}

void ScopeGuard::can_activate(Request& request) const {
    const Principal& principal = detail::authenticated(request);
    for (const std::string& scope : scopes_)
        if (!principal.has_scope(scope))
            throw Error::forbidden("This token may not do that")
                .header("www-authenticate", challenge_);
}

void ScopeGuard::document(OperationInfo& info) const {
    info.error(Status::unauthorized);
    info.error(Status::forbidden);
    for (SecurityScheme& scheme : info.security)
        scheme.scopes.insert(scheme.scopes.end(), scopes_.begin(), scopes_.end());
}

} // namespace armature
