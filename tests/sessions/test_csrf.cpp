#include "sessions/sessions_app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;

template <class Protection>
App bank(Protection protection) {
    return App::create()
        .wrap(CookieSessions{keys()})
        .wrap(std::move(protection))
        .route("/token", get([](CsrfToken token) { return token.text(); }))
        .route("/form", get([](CsrfToken token) { return Response::html(token.input()); }))
        .route("/login", post([](Session session) { session.renew(); }))
        .route("/pay",
               any([](Request& request) { return std::string{request.method_text()} + " done"; }));
}

TestClient over_tls(App app) {
    TestClientOptions options;
    options.secure = true;
    options.host = "bank.example";
    return TestClient{app, options};
}

// A browser's page of another site, or somebody who pretends to be one of ours.
TEST(Csrf, HoldsAgainstEachAttack) {
    struct Field {
        const char* name;
        const char* value;
    };
    const struct {
        const char* why;
        const char* method;
        std::vector<Field> fields;
        int expected;
    } cases[] = {
        {"our own page", "POST", {{"sec-fetch-site", "same-origin"}}, 200},
        {"our own page", "DELETE", {{"sec-fetch-site", "same-origin"}}, 200},
        {"the user's own doing", "POST", {{"sec-fetch-site", "none"}}, 200},
        {"another site", "POST", {{"sec-fetch-site", "cross-site"}}, 403},
        {"another site", "PUT", {{"sec-fetch-site", "cross-site"}}, 403},
        {"another site", "PATCH", {{"sec-fetch-site", "cross-site"}}, 403},
        {"another site", "DELETE", {{"sec-fetch-site", "cross-site"}}, 403},
        {"another site, a method of its own", "STEAL", {{"sec-fetch-site", "cross-site"}}, 403},
        {"a sibling's domain", "POST", {{"sec-fetch-site", "same-site"}}, 403},
        {"another site reads", "GET", {{"sec-fetch-site", "cross-site"}}, 200},
        {"another site reads", "HEAD", {{"sec-fetch-site", "cross-site"}}, 200},
        {"a value that no browser sends", "POST", {{"sec-fetch-site", "SAME-ORIGIN"}}, 403},
        {"a value that no browser sends", "POST", {{"sec-fetch-site", "same-origin, none"}}, 403},
        {"both at once",
         "POST",
         {{"sec-fetch-site", "same-origin"}, {"sec-fetch-site", "cross-site"}},
         403},
        {"the browser knows better than the Origin",
         "POST",
         {{"sec-fetch-site", "cross-site"}, {"origin", "https://bank.example"}},
         403},
        {"an older browser, our own page", "POST", {{"origin", "https://bank.example"}}, 200},
        {"an older browser, in capitals", "POST", {{"origin", "https://BANK.example"}}, 200},
        {"an older browser, another site", "POST", {{"origin", "https://evil.example"}}, 403},
        {"our name as a subdomain", "POST", {{"origin", "https://bank.example.evil.test"}}, 403},
        {"our name as an ending", "POST", {{"origin", "https://evilbank.example"}}, 403},
        {"our name as a user", "POST", {{"origin", "https://bank.example@evil.test"}}, 403},
        {"our name as a path", "POST", {{"origin", "https://evil.test/bank.example"}}, 403},
        {"a subdomain of ours", "POST", {{"origin", "https://www.bank.example"}}, 403},
        {"another port", "POST", {{"origin", "https://bank.example:8443"}}, 403},
        {"our page by http, as whoever is on the way writes it",
         "POST",
         {{"origin", "http://bank.example"}},
         403},
        {"a sandboxed page", "POST", {{"origin", "null"}}, 403},
        {"an empty Origin", "POST", {{"origin", ""}}, 403},
        {"no scheme", "POST", {{"origin", "bank.example"}}, 403},
        {"nothing behind the scheme", "POST", {{"origin", "https://"}}, 403},
        {"two Origins",
         "POST",
         {{"origin", "https://bank.example"}, {"origin", "https://evil.example"}},
         403},
        {"a trusted page", "POST", {{"origin", "https://shop.example"}}, 200},
        {"a trusted page",
         "POST",
         {{"sec-fetch-site", "cross-site"}, {"origin", "https://shop.example"}},
         200},
        {"nearly a trusted page", "POST", {{"origin", "https://shop.example.evil.test"}}, 403},
        {"no browser, no token", "POST", {}, 403},
        {"no browser, a Referer", "POST", {{"referer", "https://bank.example/"}}, 403},
        {"no browser, an X-Requested-With", "POST", {{"x-requested-with", "fetch"}}, 403},
        {"no browser, an empty token", "POST", {{"x-csrf-token", ""}}, 403},
        {"no browser, a wrong token", "POST", {{"x-csrf-token", "AAAA"}}, 403},
        {"a method in a field", "GET", {{"x-http-method-override", "POST"}}, 200}, // stays a GET
    };
    CsrfOptions options;
    options.trusted_origins = {"https://shop.example"};
    TestClient client = over_tls(bank(Csrf{options}));
    TestClient forms = over_tls(bank(CsrfForms{options}));
    for (const auto& [why, method, fields, expected] : cases)
        for (TestClient* const one : {&client, &forms}) {
            TestRequest request = one->request(method, "/pay");
            try {
                for (const Field& field : fields)
                    request.header(field.name, field.value);
                const TestResponse response = request.send();
                EXPECT_EQ(status_code(response.status()), expected) << method << ": " << why;
                if (expected == 200 && method != std::string{"HEAD"}) {
                    EXPECT_EQ(response.text(), std::string{method} + " done");
                }
            } catch (const std::exception& error) {
                ADD_FAILURE() << why << ": " << error.what();
            }
        }
}

TEST(Csrf, TakesTheTokenOfTheSession) {
    TestClient client = over_tls(bank(Csrf{}));
    const std::string token = client.get("/token").send().text();
    const std::string another = client.get("/token").send().text();
    EXPECT_NE(token, another); // masked anew
    const auto pay = [](TestClient& by, const std::string& with) {
        return status_code(by.post("/pay").header("x-csrf-token", with).send().status());
    };
    EXPECT_EQ(pay(client, token), 200);
    EXPECT_EQ(pay(client, token), 200);
    EXPECT_EQ(pay(client, another), 200);
    // Of another session, though by the same key.
    TestClient attacker = over_tls(bank(Csrf{}));
    EXPECT_EQ(pay(client, attacker.get("/token").send().text()), 403);
    // Changed anywhere.
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string turned = token;
        turned[i] = turned[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(pay(client, turned), 403) << i;
    }
    EXPECT_EQ(pay(client, token.substr(1)), 403);
    EXPECT_EQ(pay(client, token + "A"), 403);
    // Two of them at once.
    EXPECT_EQ(client.post("/pay")
                  .header("x-csrf-token", token)
                  .header("x-csrf-token", another)
                  .send()
                  .status(),
              Status::forbidden);
    // Of the time before the login.
    EXPECT_EQ(client.post("/login").header("x-csrf-token", token).send().status(),
              Status::no_content);
    EXPECT_EQ(pay(client, token), 403);
    EXPECT_EQ(pay(client, client.get("/token").send().text()), 200);
}

TEST(Csrf, AsksForATokenTooWhereItShould) {
    CsrfOptions options;
    options.require_token = true;
    TestClient client = over_tls(bank(Csrf{options}));
    const auto pay = [&](const char* site, const std::string& token) {
        TestRequest request = client.post("/pay");
        request.header("sec-fetch-site", site);
        if (!token.empty()) request.header("x-csrf-token", token);
        return status_code(request.send().status());
    };
    const std::string token = client.get("/token").send().text();
    EXPECT_EQ(pay("same-origin", ""), 403);
    EXPECT_EQ(pay("same-origin", token), 200);
    EXPECT_EQ(pay("cross-site", token), 403); // a token that leaked is of no use there
}

TEST(Csrf, FindsTheTokenInForms) {
    TestClient client = over_tls(bank(CsrfForms{}));
    const std::string input = client.get("/form").send().text();
    EXPECT_THAT(input, HasSubstr("<input type=\"hidden\" name=\"csrf_token\" value=\""));
    const std::size_t begin = input.find("value=\"") + 7;
    const std::string token = input.substr(begin, input.find('"', begin) - begin);
    EXPECT_EQ(client.post("/pay").form("csrf_token", token).form("sum", "5").send().status(),
              Status::ok);
    EXPECT_EQ(client.post("/pay").form("sum", "5").send().status(), Status::forbidden);
    EXPECT_EQ(client.post("/pay").form("csrf_token", token).form("csrf_token", "x").send().status(),
              Status::forbidden);
    EXPECT_EQ(client.post("/pay?csrf_token=" + token).form("sum", "5").send().status(),
              Status::forbidden); // URLs end in logs
    EXPECT_EQ(client.post("/pay").body("text/plain", "csrf_token=" + token).send().status(),
              Status::forbidden);
    EXPECT_EQ(
        client.post("/pay").body("text/plain", "x").header("x-csrf-token", token).send().status(),
        Status::ok);
    // One that comes in pieces.
    TestCall upload =
        client.post("/pay").header("content-type", "application/x-www-form-urlencoded").upload();
    upload.write("sum=5&csrf_");
    upload.write("token=" + token);
    upload.finish();
    EXPECT_EQ(upload.response().status(), Status::ok);
}

TEST(Csrf, RefusesOriginsThatNoBrowserSends) {
    for (const std::string origin :
         {"shop.example", "https://shop.example/", "https://shop.example/path",
          "ftp://shop.example", "https://user@shop.example", "*", "null", ""}) {
        CsrfOptions options;
        options.trusted_origins = {origin};
        EXPECT_THROW(Csrf{options}, std::invalid_argument) << origin;
    }
}

TEST(Csrf, SaysWhenThereIsNoSession) {
    TestClient client{App::create().wrap(Csrf{}).route("/pay", post([] { return "done"; }))};
    EXPECT_EQ(client.post("/pay").header("x-csrf-token", "x").send().status(),
              Status::internal_server_error);
    EXPECT_EQ(client.post("/pay").header("sec-fetch-site", "same-origin").send().status(),
              Status::ok);
}

} // namespace
} // namespace armature::testing
