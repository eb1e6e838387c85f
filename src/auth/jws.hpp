#pragma once

#include <armature/auth/jwt.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace armature::auth {

/// A token taken apart: what can be said without a key. The views are into the token.
struct Jws {
    JwsAlgorithm algorithm = JwsAlgorithm::hs256;
    std::optional<std::string> key_id;
    std::string type; ///< lower case, without "application/"; "jwt" without one
    std::string_view signed_part;
    std::string_view payload;
    std::string signature;
};

/// Throws `JwtError` for what no key could make right. `algorithms` empty: all.
[[nodiscard]] Jws take_apart(std::string_view token, const JwtRules& rules);
/// Verifies signature and claims. Throws `JwtError`.
[[nodiscard]] JwtClaims check(const Jws& jws, const Jwk* key, const JwtRules& rules,
                              std::int64_t now);
/// Throws std::invalid_argument for rules that can't be right.
void check_rules(const JwtRules& rules);
/// The same for keys that others publish: algorithms are named, and none is an HMAC.
void check_remote_algorithms(const JwtRules& rules);

} // namespace armature::auth
