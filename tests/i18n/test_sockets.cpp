#include "support/process.hpp"

#include <armature/app/app.hpp>
#include <armature/i18n/i18n.hpp>
#include <armature/templates/templates.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Translations in an application, asked by curl.
namespace armature::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Translations translations() {
    return Translations{
        {{"en", R"({"items": "{count, plural, one {# thing} other {# things}}"})"},
         {"pl",
          R"({"items": "{count, plural, one {# rzecz} few {# rzeczy} many {# rzeczy} other {# rzeczy}}"})"},
         {"ar",
          R"({"items": "{count, plural, zero {لا شيء} one {شيء واحد} two {شيئان} few {# أشياء} many {# شيئًا} other {# شيء}}"})"},
         {"pt-BR", R"({"items": "{count, plural, one {# <coisa>} other {# <coisas>}}"})"}},
        {.query = "lang", .cookie = "lang"}};
}

struct Cart {
    int count;
};
ARMATURE_DESCRIBE(Cart, count);

App shop() {
    std::vector<TemplateSource> sources{{"cart.html",
                                         "<html lang=\"{{ locale }}\" dir=\"{{ direction }}\">"
                                         "<p>{{ t('items', count=count) }}</p>"}};
    Templates pages{std::move(sources)};
    pages.require<Cart>("cart.html");
    return App::create()
        .wrap(translations().require(pages.messages()))
        .data(std::move(pages))
        .route("/text/{count}",
               get([](Translator tr, Path<int> count) { return tr("items", {{"count", *count}}); }))
        .route("/page/{count}",
               get([](State<Templates> templates, Request& request, Path<int> count) {
                   return templates->render(request, "cart.html", Cart{*count});
               }))
        .route("/locale", get([](Locale locale) {
                   return std::string{locale.tag()} + " " + std::string{locale.direction()};
               }))
        .route("/own", get([] { return Response::text("x").header("content-language", "la"); }));
}

std::string curl(const TestClient& client, const std::string& arguments,
                 const std::string& target) {
    const Ran ran =
        shell("curl -sSk -i --max-time 60 " + arguments + " '" + client.origin() + target + "'");
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.output;
}

void expect_languages(const TestClient& client, const std::string& flag,
                      const std::string& version) {
    const std::string polish =
        curl(client, flag + " -H 'accept-language: xx, pl-PL;q=0.9, en;q=0.1'", "/text/5");
    EXPECT_THAT(polish, StartsWith(version + " 200"));
    EXPECT_THAT(polish, HasSubstr("content-language: pl\r\n"));
    EXPECT_THAT(polish, HasSubstr("vary: Accept-Language, Cookie\r\n"));
    EXPECT_THAT(polish, EndsWith("5 rzeczy"));
    EXPECT_THAT(curl(client, flag, "/text/1"), EndsWith("1 thing"));
    EXPECT_THAT(curl(client, flag + " -H 'accept-language: ar'", "/page/2"),
                EndsWith("<html lang=\"ar\" dir=\"rtl\"><p>شيئان</p>"));
    EXPECT_THAT(curl(client, flag + " -H 'accept-language: pt-br'", "/page/2"),
                EndsWith("<p>2 &lt;coisas&gt;</p>"));
    // Query before cookie before browser.
    const std::string others = flag + " -H 'accept-language: ar' -H 'cookie: lang=pl'";
    EXPECT_THAT(curl(client, others, "/locale?lang=pt-BR"), EndsWith("pt-BR ltr"));
    EXPECT_THAT(curl(client, others, "/locale"), EndsWith("pl ltr"));
    EXPECT_THAT(curl(client, others, "/locale?lang=nothing"), EndsWith("pl ltr"));
    EXPECT_THAT(
        curl(client, flag + " -H 'accept-language: ar' -H 'cookie: lang=%2e%2e'", "/locale"),
        EndsWith("ar rtl"));
    // Several lines are one list.
    EXPECT_THAT(curl(client,
                     flag + " -H 'accept-language: en;q=0.1' -H 'accept-language: pl;q=0.2'",
                     "/locale"),
                EndsWith("pl ltr"));
    EXPECT_THAT(curl(client, flag, "/own"), HasSubstr("content-language: la\r\n"));
    EXPECT_THAT(curl(client, flag + " -H 'accept-language: pl'", "/nothing"),
                HasSubstr("content-language: pl\r\n"));
}

TEST(TranslationsOverSockets, SpeakHttp1) {
    const TestClient client = TestClient::over_http(shop());
    expect_languages(client, "--http1.1", "HTTP/1.1");
}

TEST(TranslationsOverSockets, SpeakHttp2OverTls) {
    const TestClient client = TestClient::over_https(shop());
    expect_languages(client, "--http2", "HTTP/2");
}

TEST(TranslationsOverSockets, NameWhatIsMissingAroundARoute) {
    TestClient client{App::create().route("/", get([](Translator tr) { return tr("items"); }))};
    EXPECT_EQ(client.get("/").send().status(), Status::internal_server_error);
}

} // namespace
} // namespace armature::testing
