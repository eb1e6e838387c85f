// The C++ of docs/translations.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/i18n/i18n.hpp>
#include <armature/templates/templates.hpp>
#include <armature/testing/client.hpp>

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace translations_page {

using namespace armature;

struct Cart {
    int count;
};
ARMATURE_DESCRIBE(Cart, count);

// [app]
App shop() {
    return App::create()
        .wrap(Translations{"locales", {.query = "lang", .cookie = "lang"}})
        .route("/cart/{count}", get([](Path<int> count, Translator tr) {
                   return tr("cart.items", {{"count", *count}});
               }));
}
// [/app]

// [locale]
std::string whoami(Locale locale) { return std::string{locale.tag()}; }
// [/locale]

// [templates]
App pages() {
    Templates templates{"templates"};
    Translations translations{"locales"};
    translations.require(templates.messages());
    return App::create()
        .wrap(std::move(translations))
        .data(std::move(templates))
        .route("/", get([](Request& request, State<Templates> pages) {
                   return pages->render(request, "cart.html", Cart{3});
               }));
}
// [/templates]

// [mail]
std::string subject(const Translations& translations, std::string_view language, int count) {
    return translations.translator(language)("cart.items", {{"count", count}});
}
// [/mail]

// [options]
Translations with_everything() {
    TranslationOptions options;
    options.default_locale = "en";
    options.query = "lang";              // ?lang=pl, for a link
    options.cookie = "lang";             // for a choice that is kept
    options.time_zone = "Europe/Warsaw"; // of dates and times in messages
    options.allow_missing = true;        // while translators are at work
    options.pseudo_locale = true;        // en-XA
    return Translations{"locales", std::move(options)};
}
// [/options]

class TranslationsPage : public ::testing::Test {
  protected:
    TranslationsPage() {
        std::string name = std::filesystem::temp_directory_path() / "armature-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        folder_ = name;
        before_ = std::filesystem::current_path();
        std::filesystem::current_path(folder_);
        std::filesystem::create_directory("locales");
        std::filesystem::create_directory("templates");
        std::ofstream{"locales/en.json"}
            << R"({"cart": {"items": "{count, plural, =0 {Nothing} one {# thing} other {# things}}"}})";
        std::ofstream{"locales/pl.json"}
            << R"({"cart.items": "{count, plural, =0 {Nic} one {# rzecz} few {# rzeczy} many {# rzeczy} other {# rzeczy}}"})";
        std::ofstream{"templates/cart.html"}
            << "<html lang=\"{{ locale }}\" dir=\"{{ direction }}\">\n"
               "<p>{{ t(\"cart.items\", count=count) }}</p>\n";
    }
    ~TranslationsPage() override {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(folder_);
    }

  private:
    std::filesystem::path folder_;
    std::filesystem::path before_;
};

TEST_F(TranslationsPage, SpeaksTheLanguageOfTheRequest) {
    TestClient client{shop()};
    EXPECT_EQ(client.get("/cart/5").header("accept-language", "pl").send().text(), "5 rzeczy");
    EXPECT_EQ(client.get("/cart/5?lang=pl").send().text(), "5 rzeczy");
    EXPECT_EQ(client.get("/cart/0").send().text(), "Nothing");
    TestClient site{pages()};
    EXPECT_EQ(site.get("/").header("accept-language", "pl").send().text(),
              "<html lang=\"pl\" dir=\"ltr\">\n<p>3 rzeczy</p>\n");
    EXPECT_EQ(subject(with_everything(), "pl-PL", 1), "1 rzecz");
    TestClient named{App::create().wrap(with_everything()).route("/", get(whoami))};
    EXPECT_EQ(named.get("/?lang=en-XA").send().text(), "en-XA");
}

} // namespace translations_page
