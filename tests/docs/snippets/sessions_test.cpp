// The C++ of docs/sessions.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/sessions/csrf.hpp>
#include <armature/sessions/session.hpp>
#include <armature/sessions/signed_urls.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/response.hpp>

#include <gtest/gtest.h>

namespace sessions_page {

using namespace armature;

bool password_is_right(std::string_view user) { return user == "ana"; }

// [handlers]
struct Login {
    std::string user;
};
ARMATURE_DESCRIBE(Login, user);

Response login(Session session, Form<Login> form) {
    if (!password_is_right(form->user)) throw Error::unauthorized("Unknown user or password");
    session.renew();
    session.set("user", form->user);
    session.flash("notice", "Welcome back");
    return Response::redirect("/", Status::see_other);
}

std::string home(Session session) {
    const std::string notice = session.take_flash("notice").value_or("");
    return notice + " " + std::string{session.get("user").value_or("nobody")};
}

void logout(Session session) { session.end(); }
// [/handlers]

// [app]
App shop(SecretString key) {
    return App::create()
        .wrap(CookieSessions{SecretKeys{std::move(key)}})
        .wrap(CsrfForms{})
        .route("/", get(home))
        .route("/login", post(login))
        .route("/logout", post(logout));
}
// [/app]

// [stored]
StoredSessions on_a_server(std::shared_ptr<KeyValueStore> store) {
    SessionOptions options;
    options.idle = Duration::seconds(15 * 60);
    options.absolute = Duration::seconds(8 * 3600);
    return StoredSessions{std::move(store), options};
}
// [/stored]

// [rotate]
SecretKeys keys(SecretString newest, SecretString last_months) {
    return SecretKeys{std::move(newest)}.older(std::move(last_months));
}
// [/rotate]

// [guard]
void signed_in(Request& request) {
    if (!Session::of(request).get("user")) throw Error::unauthorized("Log in first");
}
// [/guard]

// [form]
Response order_form(CsrfToken token) {
    return Response::html("<form method=post action=/orders>" + token.input() +
                          "<button>Order</button></form>");
}
// [/form]

// [urls]
App downloads(const SecretKeys& keys) {
    const SignedUrls urls{keys};
    return App::create()
        .route("/link", get([urls] { return urls.sign("/files/7", Duration::seconds(600)); }))
        .service(scope("/files").guard(urls).route(
            "/{id}", get([](Path<std::string> id) { return "file " + *id; })));
}
// [/urls]

SecretString key(char fill) { return SecretString{std::string(40, fill) + "0"}; }

TEST(SessionsPage, IsTrue) {
    TestClient browser{shop(key('a')), {.secure = true}};
    browser.header("sec-fetch-site", "same-origin");
    EXPECT_EQ(browser.post("/login").form("user", "eve").send().status(), Status::unauthorized);
    EXPECT_EQ(browser.post("/login").form("user", "ana").send().status(), Status::see_other);
    EXPECT_EQ(browser.get("/").send().text(), "Welcome back ana");
    EXPECT_EQ(browser.get("/").send().text(), " ana");
    EXPECT_EQ(browser.post("/logout").send().status(), Status::no_content);
    EXPECT_EQ(browser.get("/").send().text(), " nobody");

    TestClient stored{App::create()
                          .wrap(on_a_server(std::make_shared<MemoryStore>()))
                          .service(scope("/me").guard(signed_in).route("/", get(home)))
                          .route("/order", get(order_form)),
                      {.secure = true}};
    EXPECT_EQ(stored.get("/me").send().status(), Status::unauthorized);
    EXPECT_NE(stored.get("/order").send().text().find("csrf_token"), std::string::npos);

    TestClient files{downloads(keys(key('a'), key('b')))};
    EXPECT_EQ(files.get(files.get("/link").send().text()).send().text(), "file 7");
    EXPECT_EQ(files.get("/files/7").send().status(), Status::forbidden);
}

} // namespace sessions_page
