#include "auth/jws.hpp"
#include "auth/remote_document.hpp"
#include "auth/url_check.hpp"
#include "core/unix_time.hpp"

#include <armature/auth/remote_jwks.hpp>

#include <optional>
#include <stdexcept>
#include <utility>

namespace armature {

struct RemoteJwks::State {
    State(Client& client, std::string url, const RemoteJwksOptions& options)
        : keys(client, std::move(url), {options.max_age, options.max_stale, options.cool_down},
               options.max_size,
               [](std::string_view text, const void*) { return JwkSet::from_json(text); }) {}

    auth::RemoteDocument<JwkSet> keys;
};

RemoteJwks::RemoteJwks(Client& client, std::string_view url, RemoteJwksOptions options) {
    auth::check_secure_url(url, "RemoteJwks");
    if (options.max_age <= Duration{} || options.max_stale < options.max_age ||
        options.cool_down <= Duration{})
        throw std::invalid_argument("armature: RemoteJwksOptions needs a max_age and cool_down "
                                    "above zero, and a max_stale that isn't below max_age");
    state_ = std::make_unique<State>(client, std::string{url}, options);
}

RemoteJwks::~RemoteJwks() = default;

Task<JwtClaims> RemoteJwks::verify(std::string_view token, const JwtRules& rules) {
    const auth::Jws jws = auth::take_apart(token, rules);
    const auto find = [&jws](const JwkSet& set) { return set.find(jws.key_id, jws.algorithm); };
    const auto lacks = [&find](const JwkSet& set) { return find(set) == nullptr; };
    const std::shared_ptr<const JwkSet> keys = co_await state_->keys.get(lacks);
    if (!keys) throw Error::unavailable("The keys to verify tokens with can't be had");
    co_return auth::check(jws, find(*keys), rules, unix_seconds());
}

RemoteJwtGuard::RemoteJwtGuard(std::shared_ptr<RemoteJwks> keys, JwtRules rules)
    : keys_(std::move(keys)) {
    if (!keys_) throw std::invalid_argument("armature: RemoteJwtGuard needs the issuer's keys");
    auth::check_rules(rules);
    auth::check_remote_algorithms(rules);
    rules_ = std::make_shared<const JwtRules>(std::move(rules));
}

Task<void> RemoteJwtGuard::can_activate(Request& request) const {
    const std::string_view token = detail::bearer_token(request);
    std::optional<JwtError> refused;
    try {
        JwtClaims claims = co_await keys_->verify(token, *rules_);
        request.set(detail::principal_of(std::move(claims)));
    } catch (const JwtError& error) {
        refused = error;
    }
    if (refused) detail::refuse_token(*refused);
}

void RemoteJwtGuard::document(OperationInfo& info) const {
    detail::document_bearer(info);
    info.error(Status::service_unavailable);
}

} // namespace armature
