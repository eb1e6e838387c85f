#include "account.hpp"

using namespace armature;

namespace {{name}} {

namespace {

constexpr std::string_view issuer = "{{name}}";

Jwk key_of(const Settings& settings) {
    return Jwk::secret(settings.secret.expose(), JwsAlgorithm::hs256);
}

struct Account {
    std::string user;
};
ARMATURE_DESCRIBE(Account, user);

Json<Account> me(Extension<Principal> principal) {
    return Json<Account>{Account{principal->subject}};
}

} // namespace

std::string issue_token(const Settings& settings, std::string_view user) {
    return JwtSigner{key_of(settings)}.sign(
        jwt_claims(issuer, user, issuer, Duration::seconds(3600)));
}

LoggedIn::LoggedIn(const Settings& settings) {
    if (settings.secret.expose().empty()) return;
    JwtRules rules;
    rules.issuer = issuer;
    rules.audience = issuer;
    tokens_.emplace(key_of(settings), rules);
}

void LoggedIn::can_activate(Request& request) const {
    if (!tokens_) throw Error::forbidden("Nobody can log in: the service has no secret");
    tokens_->can_activate(request);
}

void LoggedIn::document(OperationInfo& operation) const {
    operation.requires_security(SecurityScheme::bearer("JWT"));
    operation.error(Status::unauthorized);
}

Scope account(const Settings& settings) {
    return scope("/me")
        .tag("account")
        .guard(LoggedIn{settings})
        .route("/", get(me).summary("Who is logged in"));
}

} // namespace {{name}}
