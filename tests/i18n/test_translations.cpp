#include <armature/i18n/i18n.hpp>
#include <armature/templates/templates.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace armature::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr const char* english = R"({
  "hello": "Hello, {name}!",
  "plain": "It''s plain",
  "cart": {"items": "{count, plural, =0 {Nothing} one {# thing} other {# things}}"},
  "when": "{when, date, ::yMMMMd} at {when, time, ::HHmm}",
  "who": "{gender, select, female {She} male {He} other {They}} paid {price, number, ::currency/EUR}",
  "nested": "{count, plural, other {until {when, date, short}}}"
})";
constexpr const char* german = R"({
  "hello": "Hallo {name}!",
  "plain": "Schlicht",
  "cart.items": "{count, plural, =0 {Nichts} one {# Ding} other {# Dinge}}",
  "when": "{when, date, ::yMMMMd} um {when, time, ::HHmm}",
  "who": "{gender, select, female {Sie} male {Er} other {Sie}} hat {price, number, ::currency/EUR} bezahlt",
  "nested": "{count, plural, other {bis {when, date, short}}}"
})";

Translations both(TranslationOptions options = {}) {
    return Translations{{{"en", english}, {"de", german}}, std::move(options)};
}
std::string fault(std::vector<CatalogueSource> sources, TranslationOptions options = {}) {
    try {
        (void)Translations{std::move(sources), std::move(options)};
    } catch (const CatalogueError& error) {
        return error.what();
    }
    return "none";
}

constexpr std::chrono::sys_seconds new_year{std::chrono::seconds{1'767'222'000}}; // 23:00 UTC

TEST(Translations, FormatsMessages) {
    const Translations translations = both();
    const Translator en = translations.translator("en");
    EXPECT_EQ(en("hello", {{"name", "<Ada>"}}), "Hello, <Ada>!");
    EXPECT_EQ(en("plain"), "It's plain");
    EXPECT_EQ(en("cart.items", {{"count", 0}}), "Nothing");
    EXPECT_EQ(en("cart.items", {{"count", 1}}), "1 thing");
    EXPECT_EQ(en("cart.items", {{"count", 1'000'000}}), "1,000,000 things");
    EXPECT_EQ(en("who", {{"gender", "female"}, {"price", 12.5}}), "She paid €12.50");
    EXPECT_EQ(en("when", {{"when", new_year}}), "December 31, 2025 at 23:00");
    const Translator de = translations.translator("de-AT, en;q=0.5");
    EXPECT_EQ(de.locale().tag(), "de");
    EXPECT_EQ(de("cart.items", {{"count", 1'000'000}}), "1.000.000 Dinge");
    EXPECT_EQ(de("who", {{"gender", "x"}, {"price", 12.5}}), "Sie hat 12,50\u00A0€ bezahlt");
}

TEST(Translations, ShowsTimesInTheZoneThatIsSet) {
    const Translations translations = both({.time_zone = "Europe/Berlin"});
    const Translator en = translations.translator("en");
    EXPECT_EQ(en("when", {{"when", new_year}}), "January 1, 2026 at 00:00");
    EXPECT_EQ(en("nested", {{"count", 2}, {"when", new_year}}), "until 1/1/26");
    EXPECT_EQ(en("when", {{"when", "2025-12-31T23:00:00Z"}}), "January 1, 2026 at 00:00");
    EXPECT_EQ(en("when", {{"when", 1'767'222'000'000}}), "January 1, 2026 at 00:00");
    EXPECT_THROW(static_cast<void>(en("when", {{"when", "tomorrow"}})), std::invalid_argument);
    EXPECT_THAT(fault({{"en", "{}"}}, {.time_zone = "Mars/Base"}), HasSubstr("no time zone"));
}

TEST(Translations, FallsBackToParentsAndThenToTheDefault) {
    const Translations translations{{{"en", R"({"a": "1", "b": "2", "c": "3"})"},
                                     {"pt", R"({"a": "um", "b": "dois"})"},
                                     {"pt-BR", R"({"a": "um!"})"}},
                                    {.allow_missing = true}};
    const Translator tr = translations.translator("pt-BR");
    EXPECT_EQ(tr("a") + tr("b") + tr("c"), "um!dois3");
    EXPECT_THAT(translations.missing(), UnorderedElementsAre("pt: c", "pt-BR: c"));
    EXPECT_THAT(translations.locales(), ElementsAre("en", "pt", "pt-BR"));
}

TEST(Translations, ReportsKeysThatNobodyHas) {
    const Translations translations = both();
    EXPECT_EQ(translations.translator("de")("cart.total"), "cart.total");
    EXPECT_EQ(translations.translator("en")("cart.total"), "cart.total");
    EXPECT_THAT(translations.unknown_keys(), ElementsAre("cart.total"));
}

TEST(Translations, HasAPseudoLocale) {
    const Translations translations = both({.pseudo_locale = true});
    const Translator tr = translations.translator("en-XA");
    EXPECT_EQ(tr("hello", {{"name", "Ada"}}), "[Ĥééļļöö, Ada!]");
    EXPECT_EQ(tr("cart.items", {{"count", 2}}), "[2 ţĥîîñĝš]");
    EXPECT_THAT(tr("when", {{"when", new_year}}), HasSubstr("December 31, 2025"));
}

TEST(Translations, StopsAtTheStartWhenAMessageIsWrong) {
    EXPECT_THAT(fault({{"en", "{\n  \"a\": \"x\",\n}"}}), HasSubstr("en.json:3:1: "));
    EXPECT_THAT(fault({{"en", "[]"}}), HasSubstr("isn't an object"));
    EXPECT_THAT(fault({{"en", R"({"a": 1})"}}), HasSubstr("en.json: \"a\" is neither"));
    EXPECT_THAT(fault({{"en", R"({"a": "x", "a": "y"})"}}), HasSubstr("en.json: \"/a\""));
    EXPECT_THAT(fault({{"en", R"({"a.b": "x", "a": {"b": "y"}})"}}),
                HasSubstr("en.json: \"a.b\" is there twice"));
    EXPECT_THAT(fault({{"en", R"({"a": "Hello {name"})"}}),
                HasSubstr("en.json: \"a\" isn't a message of ICU's MessageFormat at character 1, "
                          "before \"Hello {name\""));
    EXPECT_THAT(fault({{"en", R"({"a": "{n, plural, one {x}}"})"}}), HasSubstr("\"a\" isn't"));
    EXPECT_THAT(fault({{"en", R"({"a": "{n, spellout}"})"}}), HasSubstr("type \"spellout\""));
    EXPECT_THAT(fault({{"en", R"({"a": "{0}"})"}}), HasSubstr("give it a name"));
    EXPECT_THAT(fault({{"en", R"({"a": "{n, choice, 0#x|1#y}"})"}}), HasSubstr("use plural"));
    EXPECT_THAT(fault({{"en", R"({"a": "x"})"}, {"de", "{}"}}), HasSubstr("missing in de: a"));
    EXPECT_THAT(fault({{"en", R"({"a": "x"})"}, {"de", R"({"a": "x", "b": "y"})"}}),
                HasSubstr("de.json: \"b\" isn't among the messages of the default locale"));
    EXPECT_THAT(fault({{"en", R"({"a": "{x}"})"}, {"de", R"({"a": "{y}"})"}}),
                HasSubstr("de.json: \"a\" has the argument \"y\""));
    EXPECT_THAT(fault({{"de", "{}"}}), HasSubstr("default locale: en.json"));
    EXPECT_THAT(fault({{"en", "{}"}, {"EN", "{}"}}), HasSubstr("there twice"));
    EXPECT_THAT(fault({{"en", "{}"}, {"de_CH", "{}"}}), HasSubstr("no locale"));
    EXPECT_THROW(Translations{"/nowhere/at/all"}, CatalogueError);
}

TEST(Translations, HasWhatTemplatesAskFor) {
    const auto messages = [](std::string text) {
        std::vector<TemplateSource> sources{{"page.html", std::move(text)}};
        return Templates{std::move(sources)}.messages();
    };
    const Translations translations = both();
    EXPECT_NO_THROW((void)translations.require(messages("{{ t('hello', name='x') }}")));
    const auto fault_of = [&](std::string text) {
        try {
            (void)translations.require(messages(std::move(text)));
        } catch (const CatalogueError& error) {
            return std::string{error.what()};
        }
        return std::string{"none"};
    };
    EXPECT_THAT(fault_of("\n{{ t('hallo') }}"),
                HasSubstr("page.html:2: there is no message \"hallo\""));
    EXPECT_THAT(fault_of("{% if a %}\n{{ t('hello', nam='x') }}{% endif %}"),
                HasSubstr("page.html:2: the message \"hello\" needs the argument \"name\""));
}

TEST(Translations, SaysItWhenAnArgumentIsMissingOrOfTheWrongKind) {
    const Translations translations = both();
    const Translator en = translations.translator("en");
    EXPECT_EQ(en("hello"), "Hello, {name}!");
    EXPECT_THROW(static_cast<void>(en("cart.items", {{"count", "many"}})), std::invalid_argument);
}

TEST(Translations, CanBeUsedByManyThreads) {
    const Translations translations = both();
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) {
                const Translator de = translations.translator("de");
                if (de("cart.items", {{"count", 2}}) != "2 Dinge") ++wrong;
                if (de("when", {{"when", new_year}}) != "31. Dezember 2025 um 23:00") ++wrong;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(wrong, 0);
}

} // namespace
} // namespace armature::testing
