#pragma once

#include <armature/auth/bearer.hpp>
#include <armature/client/client.hpp>
#include <armature/core/task.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace armature {

struct RemoteJwksOptions {
    /// How long the keys are used before they are asked for again.
    Duration max_age = Duration::seconds(600);
    /// If the issuer can't be reached they are used longer, up to this in all; then tokens are
    /// answered with 503.
    Duration max_stale = Duration::seconds(24 * 3600);
    /// A token with an unknown `kid` has the keys asked for at once, but not more often than this:
    /// made-up tokens can't flood the issuer.
    Duration cool_down = Duration::seconds(30);
    std::size_t max_size = 256 * 1024; ///< of the document, in bytes
};

/// The keys of an issuer, fetched from its `jwks_uri` when they are needed, and again when they
/// are old or a token names one that is new. One request is under way at most, whatever the number
/// of requests and event loops that wait for it.
///
/// Threads: any. It must outlive the requests that use it, and so must the client.
class RemoteJwks {
  public:
    /// `url` is https, or http on the loopback interface. Throws std::invalid_argument.
    RemoteJwks(Client& client, std::string_view url, RemoteJwksOptions options = {});
    RemoteJwks(const RemoteJwks&) = delete;
    RemoteJwks& operator=(const RemoteJwks&) = delete;
    ~RemoteJwks();

    /// Verifies a token. Throws `JwtError` if it isn't accepted, `Error` 503 when the keys can't be
    /// had.
    [[nodiscard]] Task<JwtClaims> verify(std::string_view token, const JwtRules& rules);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// `JwtGuard` with the keys of an issuer that others run:
///
///     Client client;
///     auto keys = std::make_shared<RemoteJwks>(client, "https://login.example/jwks");
///     app.guard(RemoteJwtGuard{keys, rules})
class RemoteJwtGuard {
  public:
    static constexpr std::string_view name = "jwt";

    /// Throws std::invalid_argument without keys, issuer, audience or algorithms. The algorithms
    /// have to be named, because the issuer's keys don't always do, and none may be an HMAC.
    RemoteJwtGuard(std::shared_ptr<RemoteJwks> keys, JwtRules rules);

    [[nodiscard]] Task<void> can_activate(Request& request) const;
    void document(OperationInfo& info) const;

  private:
    std::shared_ptr<RemoteJwks> keys_;
    std::shared_ptr<const JwtRules> rules_;
};

} // namespace armature
