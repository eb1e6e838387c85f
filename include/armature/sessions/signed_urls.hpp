#pragma once

#include <armature/app/operation.hpp>
#include <armature/core/duration.hpp>
#include <armature/core/request.hpp>
#include <armature/sessions/secret_keys.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// Links that hold for a while and can't be changed: `sign` makes them, and as a guard it lets only
/// requests pass that have one.
///
///     SignedUrls urls{keys};
///     urls.sign("/files/7?inline=1", Duration::seconds(600))
///     scope("/files").guard(urls)
///
/// The signature (HMAC-SHA256) covers path and query as they are written, the end of its time
/// included; not the host, nor the method. Whoever has the link can use it and pass it on.
class SignedUrls {
  public:
    explicit SignedUrls(const SecretKeys& keys);

    /// The target with `expires` and `signature` added to its query. Throws std::invalid_argument
    /// unless it begins with "/", and if it has parameters of those names already.
    [[nodiscard]] std::string sign(std::string_view target, Duration valid) const;
    /// Whether the request's target was signed, with one of the keys, and holds still.
    [[nodiscard]] bool verify(const Request& request) const;

    /// Throws 403.
    void can_activate(Request& request) const;
    void document(OperationInfo& operation) const { operation.error(Status::forbidden); }

  private:
    std::shared_ptr<const std::vector<SecretString>> keys_;
};

} // namespace armature
