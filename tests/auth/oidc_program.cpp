// A web application that logs its users in at an OpenID provider, for oidc.mjs.
// oidc_program ISSUER CLIENT_ID CLIENT_SECRET: prints its URL, serves until SIGTERM.
#include "crypto/crypto.hpp"

#include <armature/app/app.hpp>
#include <armature/auth/oidc.hpp>
#include <armature/auth/principal.hpp>
#include <armature/core/cookie.hpp>
#include <armature/server/server.hpp>

#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <string>

using namespace armature;

namespace {

// Sessions in memory: who has which cookie, and the tokens that belong to it.
struct Session {
    std::string subject;
    std::string refresh_token;
    std::string id_token;
};
class Sessions {
  public:
    std::string add(Session session) {
        std::string id;
        for (const char byte : crypto::random_bytes(16))
            id += "0123456789abcdef"[byte & 0xf];
        const std::lock_guard lock{mutex_};
        all_[id] = std::move(session);
        return id;
    }
    std::optional<Session> find(Request& request) {
        const auto id = find_cookie(request.headers(), "session");
        const std::lock_guard lock{mutex_};
        const auto found = all_.find(std::string{id.value_or("")});
        if (found == all_.end()) return std::nullopt;
        return found->second;
    }
    void change(Request& request, Session session) {
        const std::string id{find_cookie(request.headers(), "session").value_or("")};
        const std::lock_guard lock{mutex_};
        all_[id] = std::move(session);
    }
    void remove(Request& request) {
        const std::string id{find_cookie(request.headers(), "session").value_or("")};
        const std::lock_guard lock{mutex_};
        all_.erase(id);
    }

  private:
    std::mutex mutex_;
    std::map<std::string, Session> all_;
};

} // namespace

int main(int, char* argv[]) {
    Sessions sessions;
    std::optional<OidcClient> oidc; // made when the server's port is known

    const auto login = [&](Request& request) -> Task<Response> {
        std::string to{request.query("return_to").value_or("/me")};
        co_return co_await oidc->login(std::move(to));
    };
    const auto callback = [&](Request& request) -> Task<Response> {
        OidcLogin done = co_await oidc->finish(request);
        Response response = done.respond();
        const std::string id =
            sessions.add({done.claims.subject, done.tokens.refresh_token.expose(),
                          done.tokens.id_token.expose()});
        response.headers().append(
            Field::set_cookie,
            SetCookie("session", id).path("/").http_only().same_site(SameSite::lax).to_string());
        co_return response;
    };
    const auto me = [&](Request& request) {
        const std::optional<Session> session = sessions.find(request);
        if (!session) throw Error::unauthorized("Log in");
        return Response::html("<p id=\"who\">" + session->subject + "</p>");
    };
    const auto refresh = [&](Request& request) -> Task<std::string> {
        std::optional<Session> session = sessions.find(request);
        if (!session) throw Error::unauthorized("Log in");
        SecretString given{std::string{session->refresh_token}};
        OidcTokens tokens = co_await oidc->refresh(std::move(given), session->subject);
        const bool rotated = tokens.refresh_token.expose() != session->refresh_token;
        // ?old=1 keeps the token that is used up, to see it refused.
        if (!request.query("old")) session->refresh_token = tokens.refresh_token.expose();
        sessions.change(request, *session);
        co_return rotated ? "rotated" : "the same";
    };
    const auto logout = [&](Request& request) -> Task<Response> {
        const std::optional<Session> session = sessions.find(request);
        sessions.remove(request);
        SecretString token{session ? std::string{session->id_token} : std::string{}};
        co_return co_await oidc->logout(std::move(token));
    };

    const Application app = App::create()
                                .route("/", get([] { return "home"; }))
                                .route("/login", get(login))
                                .route("/callback", get(callback))
                                .route("/me", get(me))
                                .route("/refresh", get(refresh))
                                .route("/logout", get(logout))
                                .build();
    ServerOptions options;
    options.http = {"127.0.0.1:0"};
    options.threads = 2;
    Server server{app, options};
    const std::string url = "http://" + server.addresses().at(0);

    OidcOptions settings;
    settings.issuer = argv[1];
    settings.client_id = argv[2];
    settings.client_secret = SecretString{std::string{argv[3]}};
    settings.redirect_uri = url + "/callback";
    settings.post_logout_redirect_uri = url + "/";
    settings.scopes = {"openid", "offline_access"};
    settings.cookie_key = SecretString{crypto::random_bytes(32)};
    oidc.emplace(std::move(settings));

    std::cout << url << std::endl; // NOLINT: whoever started us waits for it
    server.run();
}
