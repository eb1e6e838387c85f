#include <armature/app/header.hpp>
#include <armature/auth/bearer.hpp>

#include <utility>

namespace armature {

namespace detail {

std::string_view bearer_token(Request& request) {
    ExtractInput input{request, 0, nullptr};
    return Extract<BearerToken>::from(input).view();
}

void refuse_token(const JwtError& error) {
    const std::string reason = error.what();
    throw Error::unauthorized(reason).header(
        "www-authenticate",
        "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"" + reason + "\"");
}

Principal principal_of(JwtClaims claims) {
    Principal principal;
    principal.subject = std::move(claims.subject);
    principal.roles = std::move(claims.roles);
    principal.scopes = std::move(claims.scopes);
    principal.claims = std::move(claims.json);
    return principal;
}

void document_bearer(OperationInfo& info) {
    info.requires_security(SecurityScheme::bearer("JWT"));
    info.error(Status::bad_request);
    info.error(Status::unauthorized);
}

} // namespace detail

JwtGuard::JwtGuard(JwtVerifier verifier) : verifier_(std::move(verifier)) {}
JwtGuard::JwtGuard(JwkSet keys, JwtRules rules) : verifier_(std::move(keys), std::move(rules)) {}

void JwtGuard::can_activate(Request& request) const {
    const std::string_view token = detail::bearer_token(request);
    try {
        request.set(detail::principal_of(verifier_.verify(token)));
    } catch (const JwtError& error) {
        detail::refuse_token(error);
    }
}

void JwtGuard::document(OperationInfo& info) const { detail::document_bearer(info); }

} // namespace armature
