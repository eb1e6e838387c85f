#include "auth/json_object.hpp"
#include "auth/jws.hpp"
#include "auth/oidc_metadata.hpp"
#include "auth/remote_document.hpp"
#include "auth/url_check.hpp"
#include "core/unix_time.hpp"
#include "crypto/crypto.hpp"

#include <armature/auth/oidc.hpp>
#include <armature/core/base64.hpp>
#include <armature/core/constant_time.hpp>
#include <armature/core/cookie.hpp>
#include <armature/core/url.hpp>
#include <armature/log/log.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace armature {
namespace {

using nlohmann::json;

constexpr std::size_t max_answer = 256 * 1024;
constexpr std::size_t max_return_to = 1'024;

std::string random_text() { return to_base64url(crypto::random_bytes(32)); }

// A login under way: what its cookie holds.
struct Pending {
    std::string state;
    std::string nonce;
    std::string verifier;
    std::string return_to;
    std::int64_t expires_at = 0;
};

std::string with_query(const std::string& url, const QueryPairs& pairs) {
    return url + (url.find('?') == std::string::npos ? "?" : "&") + pairs.to_string();
}

Response see_other(std::string_view url) {
    Response response = Response::redirect(url, Status::see_other);
    response.header("cache-control", "no-store");
    return response;
}

// Users are told little of a 502; the log says why.
[[noreturn]] void refuse_answer(const std::string& why) {
    log::warn("a login provider's answer doesn't hold", {{"reason", why}});
    throw Error{Status::bad_gateway, "The login provider's answer doesn't hold: " + why};
}
[[noreturn]] void refuse_login(const char* why) { throw Error::bad_request(why); }

// A code such as "access_denied", fit to be shown (RFC 6749 §4.1.2.1).
std::string error_code(std::string_view text) {
    const bool fits = !text.empty() && text.size() <= 64 &&
                      std::all_of(text.begin(), text.end(),
                                  [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    return fits ? std::string{text} : std::string{"error"};
}

// The parameter of that name, once.
std::optional<std::string> single(const QueryPairs& pairs, std::string_view name) {
    const std::vector<std::string_view> all = pairs.all(name);
    if (all.size() > 1) refuse_login("The provider's answer has a parameter twice");
    if (all.empty()) return std::nullopt;
    return std::string{all.front()};
}

OidcTokens read_tokens(const json& answer) {
    const auto text = [&answer](const char* name) {
        const std::string* const found = auth::text_member(answer, name);
        return SecretString{found == nullptr ? std::string{} : std::string{*found}};
    };
    OidcTokens tokens;
    tokens.access_token = text("access_token");
    tokens.refresh_token = text("refresh_token");
    tokens.id_token = text("id_token");
    const std::string* const type = auth::text_member(answer, "token_type");
    if (tokens.access_token.expose().empty() || type == nullptr ||
        !Headers::equal_names(*type, "bearer"))
        refuse_answer("it has no bearer token");
    if (const auto lasts = answer.find("expires_in");
        lasts != answer.end() && lasts->is_number_unsigned())
        tokens.expires_at =
            unix_seconds() + static_cast<std::int64_t>(std::min<std::uint64_t>(
                                 lasts->get<std::uint64_t>(), std::uint64_t{1} << 40));
    return tokens;
}

} // namespace

bool is_local_path(std::string_view text) noexcept {
    if (text.empty() || text.size() > max_return_to || text[0] != '/') return false;
    // Browsers read a backslash as a slash, and leave out tabs and line breaks.
    if (text.size() > 1 && text[1] == '/') return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
}

Response OidcLogin::respond() const {
    Response response = see_other(return_to);
    response.headers().append(Field::set_cookie, forget_cookie_);
    return response;
}

struct OidcClient::State {
    State(OidcOptions given, const ClientOptions& with)
        : options(std::move(given)), client(with),
          secure(options.redirect_uri.starts_with("https:")),
          cookie_name(secure ? "__Host-login" : "login"),
          context("armature login " + options.client_id + " " + options.issuer),
          metadata(client, discovery_url(options.issuer),
                   {Duration::seconds(3'600), Duration::seconds(24 * 3'600), Duration::seconds(5)},
                   max_answer, &State::read_metadata, this) {
        rules.issuer = options.issuer;
        rules.audience = options.client_id;
        rules.type = jwt_type::any_jwt;
        rules.algorithms = options.algorithms;
        rules.clock_skew = options.clock_skew;
        rules.max_size = 64 * 1024;
    }

    static std::string discovery_url(std::string issuer) {
        while (issuer.ends_with('/'))
            issuer.pop_back();
        return issuer + "/.well-known/openid-configuration";
    }
    static auth::OidcMetadata read_metadata(std::string_view text, const void* self) {
        // The client is ours, and not const; the function pointer knows no better.
        auto& state = *const_cast<State*>(static_cast<const State*>(self));
        return auth::read_oidc_metadata(text, state.options.issuer, state.client);
    }

    Task<std::shared_ptr<const auth::OidcMetadata>> provider() {
        const auto lacks = [](const auth::OidcMetadata&) { return false; };
        std::shared_ptr<const auth::OidcMetadata> found = co_await metadata.get(lacks);
        if (!found) throw Error::unavailable("The login provider can't be reached");
        co_return found;
    }

    [[nodiscard]] std::string cookie(const Pending& pending) const {
        json text{{"state", pending.state},
                  {"nonce", pending.nonce},
                  {"verifier", pending.verifier},
                  {"return_to", pending.return_to},
                  {"expires_at", pending.expires_at}};
        SetCookie made(cookie_name, to_base64url(crypto::seal(options.cookie_key.expose(), context,
                                                              text.dump())));
        // Lax: the provider's redirect back is a navigation from another site.
        made.path("/")
            .http_only()
            .same_site(SameSite::lax)
            .secure(secure)
            .max_age(options.login_timeout.count() / 1000);
        return made.to_string();
    }
    [[nodiscard]] std::string forget_cookie() const {
        SetCookie removal = SetCookie::removal(cookie_name, "/");
        removal.secure(secure).http_only();
        return removal.to_string();
    }
    [[nodiscard]] Pending pending(const Request& request) const;
    Task<json> ask_tokens(const auth::OidcMetadata& provider, QueryPairs form, Status refusal);
    Task<JwtClaims> verify(const auth::OidcMetadata& provider, const SecretString& id_token,
                           std::string nonce);

    const OidcOptions options;
    Client client;
    const bool secure;
    const std::string cookie_name;
    const std::string context; ///< what the cookie is bound to
    auth::RemoteDocument<auth::OidcMetadata> metadata;
    JwtRules rules;
};

Pending OidcClient::State::pending(const Request& request) const {
    const auto cookie = find_cookie(request.headers(), cookie_name);
    std::optional<std::string> sealed;
    if (cookie) sealed = from_base64url(*cookie);
    std::string text;
    std::optional<json> document;
    if (sealed && crypto::open(options.cookie_key.expose(), context, *sealed, text))
        document = auth::read_object(text);
    if (!document)
        refuse_login("No login is under way in this browser, or it took too long: begin again");
    Pending pending;
    pending.state = document->value("state", "");
    pending.nonce = document->value("nonce", "");
    pending.verifier = document->value("verifier", "");
    pending.return_to = document->value("return_to", "");
    pending.expires_at = document->value("expires_at", std::int64_t{0});
    if (unix_seconds() >= pending.expires_at) refuse_login("The login took too long: begin again");
    return pending;
}

// Asks the token endpoint; what it refuses is answered with `refusal`.
Task<json> OidcClient::State::ask_tokens(const auth::OidcMetadata& provider, QueryPairs form,
                                         Status refusal) {
    const std::string& secret = options.client_secret.expose();
    std::optional<std::string> credentials;
    if (!secret.empty() && provider.takes_basic) {
        // RFC 6749 §2.3.1: both are encoded first.
        credentials = percent_encode(options.client_id, EncodeSet::query_component) + ":" +
                      percent_encode(secret, EncodeSet::query_component);
    } else {
        form.append("client_id", options.client_id);
        if (!secret.empty()) form.append("client_secret", secret);
    }
    ClientRequest request = ClientRequest{Method::post, provider.token_endpoint}
                                .body("application/x-www-form-urlencoded", Body{form.to_string()})
                                .header("accept", "application/json")
                                .timeout(Duration::seconds(10));
    if (credentials)
        static_cast<void>(
            std::move(request).header("authorization", "Basic " + to_base64(*credentials)));
    ClientResponse response = co_await client.send(std::move(request));
    const std::string text = co_await response.text(max_answer);
    const std::optional<json> answer = auth::read_object(text);
    if (response.status() != Status::ok) {
        const std::string* const error = answer ? auth::text_member(*answer, "error") : nullptr;
        if (error != nullptr && *error == "invalid_grant")
            throw Error{refusal, "The login provider doesn't accept this login any more"};
        refuse_answer(error != nullptr
                          ? error_code(*error)
                          : "status " + std::to_string(status_code(response.status())));
    }
    if (!answer) refuse_answer("it is no JSON object");
    co_return *answer;
}

// OpenID Connect Core §3.1.3.7. An empty nonce isn't looked at: refreshed tokens need none.
Task<JwtClaims> OidcClient::State::verify(const auth::OidcMetadata& provider,
                                          const SecretString& id_token, std::string nonce) {
    std::optional<std::string> refused;
    JwtClaims claims;
    try {
        JwtClaims verified = co_await provider.keys->verify(id_token.expose(), rules);
        claims = std::move(verified);
    } catch (const JwtError& error) {
        refused = error.what();
    }
    if (refused) refuse_answer(*refused);
    if (claims.subject.empty()) refuse_answer("the ID token names no subject");
    if (!claims.issued_at) refuse_answer("the ID token doesn't say when it was issued");
    if (!nonce.empty() && !constant_time_equal(claims.text("nonce").value_or(""), nonce))
        refuse_answer("the ID token is of another login");
    const std::optional<std::string> party = claims.text("azp");
    if ((claims.audience.size() > 1 && !party) || (party && *party != options.client_id))
        refuse_answer("the ID token was issued to another application");
    co_return claims;
}

OidcClient::OidcClient(OidcOptions options, ClientOptions client) {
    const auto demand = [](bool fits, const char* what) {
        if (!fits) throw std::invalid_argument(std::string{"armature: OidcOptions::"} + what);
    };
    auth::check_secure_url(options.issuer, "OidcOptions::issuer");
    auth::check_secure_url(options.redirect_uri, "OidcOptions::redirect_uri");
    if (!options.post_logout_redirect_uri.empty())
        auth::check_secure_url(options.post_logout_redirect_uri,
                               "OidcOptions::post_logout_redirect_uri");
    demand(options.issuer.find('?') == std::string::npos, "issuer has no query");
    demand(!options.client_id.empty(), "client_id is what the provider calls this application");
    demand(options.cookie_key.expose().size() == 32,
           "cookie_key needs 32 random bytes, for example of `openssl rand 32`");
    demand(std::find(options.scopes.begin(), options.scopes.end(), "openid") !=
               options.scopes.end(),
           "scopes needs \"openid\" among them");
    demand(options.login_timeout >= Duration::seconds(1) &&
               options.login_timeout <= Duration::seconds(3'600),
           "login_timeout is a second to an hour");
    // What carries codes and secrets goes where the metadata says, and nowhere else.
    client.redirects = 0;
    state_ = std::make_unique<State>(std::move(options), client);
    auth::check_rules(state_->rules);
    auth::check_remote_algorithms(state_->rules);
}

OidcClient::~OidcClient() = default;

Task<Response> OidcClient::login(std::string return_to) {
    if (!is_local_path(return_to)) refuse_login("That is no path of this application");
    const std::shared_ptr<const auth::OidcMetadata> provider = co_await state_->provider();
    const OidcOptions& options = state_->options;
    Pending pending;
    pending.state = random_text();
    pending.nonce = random_text();
    pending.verifier = random_text(); // 43 characters (RFC 7636 §4.1)
    pending.return_to = std::move(return_to);
    pending.expires_at = unix_seconds() + options.login_timeout.count() / 1000;

    std::string scope;
    for (const std::string& one : options.scopes)
        scope.append(scope.empty() ? "" : " ").append(one);
    QueryPairs query;
    query.append("response_type", "code");
    query.append("client_id", options.client_id);
    query.append("redirect_uri", options.redirect_uri);
    query.append("scope", scope);
    query.append("state", pending.state);
    query.append("nonce", pending.nonce);
    query.append("code_challenge", to_base64url(crypto::sha256(pending.verifier)));
    query.append("code_challenge_method", "S256");
    Response response = see_other(with_query(provider->authorization_endpoint, query));
    response.headers().append(Field::set_cookie, state_->cookie(pending));
    co_return response;
}

Task<OidcLogin> OidcClient::finish(Request& request) {
    const Pending pending = state_->pending(request);
    const QueryPairs answer = QueryPairs::parse(request.query_text());
    const std::optional<std::string> answered_state = single(answer, "state");
    const std::optional<std::string> issuer = single(answer, "iss");
    const std::optional<std::string> failure = single(answer, "error");
    const std::optional<std::string> code = single(answer, "code");
    if (pending.state.empty() || !answered_state ||
        !constant_time_equal(*answered_state, pending.state))
        refuse_login("This answer belongs to another login: begin again");

    const std::shared_ptr<const auth::OidcMetadata> provider = co_await state_->provider();
    // RFC 9207 §2.4: against answers of one provider that are meant for another.
    if ((provider->answers_with_issuer && !issuer) || (issuer && *issuer != state_->options.issuer))
        refuse_login("This answer is of another login provider");
    if (failure) throw Error::forbidden("The login provider refused: " + error_code(*failure));
    if (!code || code->empty()) refuse_login("The login provider's answer has no code");

    QueryPairs form;
    form.append("grant_type", "authorization_code");
    form.append("code", *code);
    form.append("redirect_uri", state_->options.redirect_uri);
    form.append("code_verifier", pending.verifier);
    const json given = co_await state_->ask_tokens(*provider, std::move(form), Status::bad_request);
    OidcTokens tokens = read_tokens(given);
    if (tokens.id_token.expose().empty()) refuse_answer("it has no ID token");
    JwtClaims claims = co_await state_->verify(*provider, tokens.id_token, pending.nonce);
    co_return OidcLogin{std::move(claims), std::move(tokens), pending.return_to,
                        state_->forget_cookie()};
}

Task<OidcTokens> OidcClient::refresh(SecretString refresh_token, std::string subject) {
    if (refresh_token.expose().empty()) throw Error::unauthorized("Log in again");
    const std::shared_ptr<const auth::OidcMetadata> provider = co_await state_->provider();
    QueryPairs form;
    form.append("grant_type", "refresh_token");
    form.append("refresh_token", refresh_token.expose());
    const json given =
        co_await state_->ask_tokens(*provider, std::move(form), Status::unauthorized);
    OidcTokens tokens = read_tokens(given);
    // A provider that doesn't rotate them leaves it out (RFC 6749 §6).
    if (tokens.refresh_token.expose().empty()) tokens.refresh_token = std::move(refresh_token);
    if (!tokens.id_token.expose().empty()) {
        const JwtClaims claims = co_await state_->verify(*provider, tokens.id_token, "");
        if (claims.subject != subject) refuse_answer("the ID token is of another user");
    }
    co_return tokens;
}

Task<Response> OidcClient::logout(SecretString id_token) {
    const std::shared_ptr<const auth::OidcMetadata> provider = co_await state_->provider();
    if (provider->end_session_endpoint.empty()) co_return see_other("/");
    QueryPairs query;
    if (!id_token.expose().empty()) query.append("id_token_hint", id_token.expose());
    query.append("client_id", state_->options.client_id);
    if (!state_->options.post_logout_redirect_uri.empty())
        query.append("post_logout_redirect_uri", state_->options.post_logout_redirect_uri);
    co_return see_other(with_query(provider->end_session_endpoint, query));
}

} // namespace armature
