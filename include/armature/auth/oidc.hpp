#pragma once

#include <armature/auth/jwt.hpp>
#include <armature/client/client.hpp>
#include <armature/config/secret.hpp>
#include <armature/core/request.hpp>
#include <armature/core/response.hpp>
#include <armature/core/task.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// What an OpenID provider knows of this application, and the other way round.
struct OidcOptions {
    /// Who logs users in, exactly as its metadata says it: "https://login.example". http on the
    /// loopback interface only, and so for every URL here.
    std::string issuer = {};
    std::string client_id = {};
    SecretString client_secret = {}; ///< empty for a public client
    /// Where the provider sends users back to, as it is registered there: an absolute URL whose
    /// path is routed to a handler that calls `finish`.
    std::string redirect_uri = {};
    std::vector<std::string> scopes = {"openid"};
    /// Where the provider sends users after a logout, as it is registered there; may be empty.
    std::string post_logout_redirect_uri = {};
    /// 32 random bytes that encrypt the cookie of a login under way: `openssl rand 32`. The same in
    /// every process of the application, and for nothing else.
    SecretString cookie_key = {};
    /// What ID tokens may be signed with.
    std::vector<JwsAlgorithm> algorithms = {JwsAlgorithm::rs256, JwsAlgorithm::es256,
                                            JwsAlgorithm::ps256, JwsAlgorithm::eddsa};
    /// How long users may take at the provider.
    Duration login_timeout = Duration::seconds(600);
    Duration clock_skew = Duration::seconds(60);
};

/// What the provider gives out at a login or a refresh.
struct OidcTokens {
    OidcTokens() = default; // no aggregate: g++ 12 destroys those twice in some awaited expressions
    SecretString access_token;
    SecretString refresh_token;             ///< empty if there is none
    SecretString id_token;                  ///< for `logout`; empty if there is none
    std::optional<std::int64_t> expires_at; ///< of the access token, in seconds since 1970
};

/// A login that succeeded.
class OidcLogin {
  public:
    OidcLogin(JwtClaims said, OidcTokens given, std::string path, std::string forget_cookie)
        : claims(std::move(said)), tokens(std::move(given)), return_to(std::move(path)),
          forget_cookie_(std::move(forget_cookie)) {}

    JwtClaims claims; ///< of the ID token: `subject` is the user, for ever and at this issuer
    OidcTokens tokens;
    std::string return_to; ///< a path of this application

    /// 303 to `return_to`, without the login's cookie. Add your session's: a new one, never one
    /// that the browser had before (session fixation).
    [[nodiscard]] Response respond() const;

  private:
    std::string forget_cookie_;
};

/// Whether a text is a path of this application that users may be sent to: "/cart?x=1", and nothing
/// that a browser takes for another host ("//evil.example", "/\evil.example", "https:…").
[[nodiscard]] bool is_local_path(std::string_view text) noexcept;

/// Logs users in at an OpenID provider: authorisation code with PKCE (OAuth 2.1, OpenID Connect
/// Core 1.0), with the provider's metadata found by discovery.
///
///     .route("/login",    get([](Request& r, State<OidcClient> oidc) { return oidc->login(r); }))
///     .route("/callback", get(finish_login))   // calls oidc->finish(request)
///
/// `state`, `nonce` and the PKCE verifier are fresh for each login and travel in a cookie that is
/// encrypted with AES-256-GCM: nothing is kept here, and any process can finish the login. Of two
/// logins that one browser begins, the later one can be finished.
///
/// Threads: any. It must outlive its tasks.
class OidcClient {
  public:
    /// Throws std::invalid_argument, which says what to set.
    explicit OidcClient(OidcOptions options, ClientOptions client = {});
    OidcClient(const OidcClient&) = delete;
    OidcClient& operator=(const OidcClient&) = delete;
    ~OidcClient();

    /// 303 to the provider. The user comes back to `return_to`, from the query for example; if that
    /// isn't a path of this application the answer is 400. Throws `Error` 503 when the provider
    /// can't be had.
    [[nodiscard]] Task<Response> login(std::string return_to = "/");

    /// What the provider's redirect to `redirect_uri` means. Throws `Error`: 400 for a login that
    /// began elsewhere, took too long or was tampered with; 403 when the user or provider refused;
    /// 502 for answers of the provider that don't hold.
    [[nodiscard]] Task<OidcLogin> finish(Request& request);

    /// New tokens for a refresh token, which is used up: store the new one at once. `subject` is
    /// whose it is. Throws `Error` 401 when the provider doesn't accept it any more.
    [[nodiscard]] Task<OidcTokens> refresh(SecretString refresh_token, std::string subject);

    /// 303 to the provider's logout page (RP-Initiated Logout 1.0), or to "/" if it has none. End
    /// your own session first.
    [[nodiscard]] Task<Response> logout(SecretString id_token);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace armature
