#pragma once

#include <armature/auth/jwt.hpp>
#include <armature/auth/principal.hpp>

#include <string_view>

namespace armature {

/// A guard: lets requests pass that bear a token which the verifier accepts (RFC 6750), and
/// attaches a `Principal` to them.
///
/// Without a token the answer is 401 with `WWW-Authenticate: Bearer`; with a wrong one 401 with
/// `error="invalid_token"`; with a malformed field, or two of them, 400. Tokens in a query or form
/// are not looked at: they end up in logs.
class JwtGuard {
  public:
    static constexpr std::string_view name = "jwt";

    explicit JwtGuard(JwtVerifier verifier);
    /// Throws what JwtVerifier throws.
    JwtGuard(JwkSet keys, JwtRules rules);

    void can_activate(Request& request) const;
    void document(OperationInfo& info) const;

  private:
    JwtVerifier verifier_;
};

namespace detail {
/// The token of a request. Throws `Error` as JwtGuard answers.
[[nodiscard]] std::string_view bearer_token(Request& request);
[[noreturn]] void refuse_token(const JwtError& error);
[[nodiscard]] Principal principal_of(JwtClaims claims);
void document_bearer(OperationInfo& info);
} // namespace detail

} // namespace armature
