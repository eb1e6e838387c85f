#pragma once

#include "auth/key.hpp"

#include <armature/auth/jwt.hpp>
#include <armature/core/base64.hpp>

#include <string>
#include <string_view>

// Tokens made by hand, so that they can be wrong in every way.
namespace armature::testing {

inline constexpr std::int64_t now = 1'800'000'000;
inline constexpr std::string_view secret_text =
    "an HMAC secret of sixty-four bytes, which is enough for each of them";

inline JwtRules rules() {
    JwtRules rules;
    rules.issuer = "https://login.example";
    rules.audience = "api";
    return rules;
}

inline JwtClaims claims() {
    JwtClaims claims;
    claims.issuer = "https://login.example";
    claims.subject = "user-7";
    claims.audience = {"api"};
    claims.issued_at = now;
    claims.expires_at = now + 600;
    return claims;
}

inline std::string segments(std::string_view header, std::string_view payload) {
    return to_base64url(header) + "." + to_base64url(payload);
}
inline std::string with_signature(const std::string& signed_part, std::string_view signature) {
    return signed_part + "." + to_base64url(signature);
}
/// Header and payload as they are, signed by `key`, in the way of `algorithm`.
inline std::string forge(std::string_view header, std::string_view payload, const Jwk& key,
                         JwsAlgorithm algorithm) {
    const std::string signed_part = segments(header, payload);
    return with_signature(signed_part, auth::sign(key.data(), algorithm, signed_part));
}

inline std::string payload() {
    return R"({"iss":"https://login.example","sub":"user-7","aud":"api","iat":1800000000,"exp":1800000600})";
}

} // namespace armature::testing
