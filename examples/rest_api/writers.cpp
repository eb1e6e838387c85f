#include "writers.hpp"

using namespace armature;

namespace rest_api {
namespace {

constexpr std::string_view issuer = "rest_api";
constexpr std::string_view audience = "todos";

Jwk key_of(const Settings& settings) { return Jwk::secret(settings.secret, JwsAlgorithm::hs256); }

std::string_view user_of(Request& request) {
    const Principal* const user = request.find<Principal>();
    return user != nullptr ? std::string_view{user->subject} : std::string_view{};
}

} // namespace

std::string issue_token(const Settings& settings, std::string_view subject) {
    JwtClaims claims = jwt_claims(issuer, subject, audience, Duration::seconds(3600));
    claims.scopes = {"todos:write"};
    return JwtSigner{key_of(settings)}.sign(claims);
}

Writers::Writers(const Settings& settings) {
    if (settings.secret.empty()) return;
    JwtRules rules;
    rules.issuer = issuer;
    rules.audience = audience;
    tokens_.emplace(key_of(settings), rules);
}

void Writers::can_activate(Request& request) const {
    if (!tokens_) throw Error::forbidden("Nobody may change todos: the service has no secret");
    tokens_->can_activate(request);
    scope_.can_activate(request);
}

void Writers::document(OperationInfo& operation) const {
    operation.requires_security(SecurityScheme::bearer("JWT"));
    operation.error(Status::bad_request);
    scope_.document(operation);
}

WriteLimit::WriteLimit(std::uint32_t each_minute)
    : RateLimit(RateLimitPolicy::gcra(each_minute, Duration::seconds(60))
                    .name("writes")
                    .key(RateLimitKey::by(user_of))) {}

std::optional<Response> WriteLimit::before(Request& request) const {
    if (is_safe(request.method())) return std::nullopt;
    return RateLimit::before(request);
}

void WriteLimit::document(OperationInfo& operation) const {
    if (!is_safe(method_from_token(operation.method))) RateLimit::document(operation);
}

} // namespace rest_api
