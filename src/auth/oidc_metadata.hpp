#pragma once

#include <armature/auth/remote_jwks.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace armature::auth {

/// What a provider says of itself (OpenID Connect Discovery 1.0 §3, RFC 8414).
struct OidcMetadata {
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string end_session_endpoint; ///< empty without one
    bool answers_with_issuer = false; ///< RFC 9207 §3
    bool takes_basic = true;          ///< the client's secret, as Basic credentials
    std::shared_ptr<RemoteJwks> keys;
};

/// Throws std::invalid_argument for what is no provider's, or another one's.
[[nodiscard]] OidcMetadata read_oidc_metadata(std::string_view text, std::string_view issuer,
                                              Client& client);

} // namespace armature::auth
