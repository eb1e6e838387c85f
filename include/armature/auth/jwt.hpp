#pragma once

#include <armature/auth/jwk.hpp>
#include <armature/core/duration.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// What a token is for, in its `typ` (RFC 8725 §3.11): a verifier for one type refuses the others.
namespace jwt_type {
inline constexpr std::string_view access = "at+jwt";       ///< for APIs (RFC 9068)
inline constexpr std::string_view refresh = "refresh+jwt"; ///< for the next access token only
/// "JWT" or no `typ` at all: what issuers send who don't tell types apart, and ID tokens.
inline constexpr std::string_view any_jwt = "JWT";
} // namespace jwt_type

/// What a token says of its subject (RFC 7519 §4.1). Times are seconds since 1970-01-01 UTC.
struct JwtClaims {
    JwtClaims() = default; // no aggregate: g++ 12 destroys those twice in some awaited expressions

    std::string issuer = {};                     ///< `iss`
    std::string subject = {};                    ///< `sub`
    std::vector<std::string> audience = {};      ///< `aud`
    std::optional<std::int64_t> expires_at = {}; ///< `exp`, rounded down
    std::optional<std::int64_t> not_before = {}; ///< `nbf`
    std::optional<std::int64_t> issued_at = {};  ///< `iat`
    std::string id = {};                         ///< `jti`
    std::vector<std::string> scopes = {};        ///< `scope` (RFC 8693 §4.2), or `scp`
    std::vector<std::string> roles = {};         ///< `roles` (RFC 9068 §2.2.3.1)
    /// The whole claims set as JSON, as it was verified: `read_json` reads what else is in it. For
    /// signing: an object whose members are added; may be empty.
    std::string json = {};

    /// A claim of that name that is text; nullopt if it is missing or something else.
    [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
};

/// Why a token is refused.
class JwtError : public std::exception {
  public:
    enum class Reason : std::uint8_t {
        malformed, ///< no JWT in compact form, or too large
        algorithm, ///< one that isn't allowed, "none" among them
        critical,  ///< demands an extension that isn't known here (RFC 7515 §4.1.11)
        type,      ///< for something else
        key,       ///< no key of that id and algorithm
        signature, ///< not signed by that key
        claims,    ///< a claim is missing, or has the wrong form
        expired,
        not_yet_valid,
        issuer,
        audience,
    };
    explicit JwtError(Reason reason) noexcept : reason_(reason) {}
    [[nodiscard]] Reason reason() const noexcept { return reason_; }
    /// A short sentence. Nothing of the token is in it.
    [[nodiscard]] const char* what() const noexcept override;

  private:
    Reason reason_;
};

/// What a token must say to be accepted.
struct JwtRules {
    std::string issuer = {};   ///< the only `iss`; has to be set
    std::string audience = {}; ///< has to be among `aud`; has to be set
    /// The `typ`, in any case, with or without "application/".
    std::string type{jwt_type::access};
    /// Those that are accepted, if the key allows them as well. Empty: whatever the key allows,
    /// which for an RSA key without `alg` has to be narrowed here.
    std::vector<JwsAlgorithm> algorithms = {};
    /// By how much clocks may differ, for `exp`, `nbf` and `iat`. At most 10 minutes.
    Duration clock_skew = Duration::seconds(60);
    /// How long ago it may have been issued, by its `iat`; zero: as long as it isn't expired.
    Duration max_age{};
    /// In bytes; longer ones are refused unread.
    std::size_t max_size = 8 * 1024;
};

/// Verifies tokens in compact form (RFC 7519, RFC 8725) with keys that are known. Every token has
/// to have `exp`, `iss` and `aud`; a header that demands extensions, or names keys by `jku`, `x5u`
/// or `jwk`, gets nothing by it.
///
/// Threads: any; it never changes.
class JwtVerifier {
  public:
    /// Throws std::invalid_argument without keys, issuer or audience, and for keys that no
    /// algorithm of the rules suits.
    JwtVerifier(JwkSet keys, JwtRules rules);

    /// The claims of a token that is accepted. Throws `JwtError`. `now` in seconds since 1970.
    [[nodiscard]] JwtClaims verify(std::string_view token) const;
    [[nodiscard]] JwtClaims verify(std::string_view token, std::int64_t now) const;

    [[nodiscard]] const JwtRules& rules() const noexcept { return rules_; }

  private:
    JwkSet keys_;
    JwtRules rules_;
};

/// Signs tokens with one key. Threads: any; it never changes.
class JwtSigner {
  public:
    /// Throws std::invalid_argument for a public key, and for one that allows several algorithms:
    /// see `Jwk::for_algorithm`.
    explicit JwtSigner(Jwk key);

    /// A token of that type, with `typ`, `alg` and the key's `kid`. Throws std::invalid_argument
    /// without an expiry, and if `claims.json` is no object or repeats a claim that is set.
    [[nodiscard]] std::string sign(const JwtClaims& claims,
                                   std::string_view type = jwt_type::access) const;

  private:
    Jwk key_;
};

/// Claims that hold from now on for `lifetime`, with a random `jti`.
[[nodiscard]] JwtClaims jwt_claims(std::string_view issuer, std::string_view subject,
                                   std::string_view audience, Duration lifetime);

} // namespace armature
