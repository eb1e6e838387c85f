#pragma once

#include <armature/core/request.hpp>
#include <armature/core/response.hpp>
#include <armature/middleware/content_security_policy.hpp>

#include <memory>
#include <string_view>
#include <utility>

namespace armature {

/// The nonce of the page under way, when the policy has one: 128 bits from the system's random
/// number generator, new for every request. A handler takes `Extension<CspNonce>`.
struct CspNonce {
    std::string_view text; ///< base64 as in the field; lives as long as the request
};

/// Middleware that has browsers be careful with the responses: helmet 8's twelve fields.
///
///     SecurityHeaders{}.set("x-frame-options", "DENY").remove("cross-origin-resource-policy")
///
/// What a handler says itself stays. Strict-Transport-Security goes out over TLS only. Cost: about
/// 230 instructions; with a nonce 540 more, and a system call.
///
/// Copies share what they know until one of them is changed.
class SecurityHeaders {
  public:
    static constexpr std::string_view name = "security-headers";

    SecurityHeaders();

    /// Changes or adds a field, for example Permissions-Policy. Throws std::invalid_argument as
    /// `Headers::set` does.
    SecurityHeaders& set(std::string_view field, std::string_view value) &;
    SecurityHeaders&& set(std::string_view field, std::string_view value) && {
        return std::move(set(field, value));
    }
    /// Throws std::invalid_argument for a field that isn't in the set.
    SecurityHeaders& remove(std::string_view field) &;
    SecurityHeaders&& remove(std::string_view field) && { return std::move(remove(field)); }
    /// Replaces the Content-Security-Policy.
    SecurityHeaders& csp(const ContentSecurityPolicy& policy) &;
    SecurityHeaders&& csp(const ContentSecurityPolicy& policy) && { return std::move(csp(policy)); }

    [[nodiscard]] bool runs_before(Method) const noexcept { return has_nonce_; }
    void before(Request& request) const {
        if (has_nonce_) add_nonce(request);
    }
    void after(Request& request, Response& response) const;

  private:
    struct Fields;
    Fields& change();
    void finish(Fields& fields);
    static void add_nonce(Request& request);
    void add_policy(Request& request, Response& response) const;

    std::shared_ptr<const Fields> fields_;
    bool has_nonce_ = false;
};

} // namespace armature
