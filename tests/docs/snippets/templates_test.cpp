// The C++ of docs/templates.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/middleware/security_headers.hpp>
#include <armature/templates/templates.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace templates_page {

using namespace armature;

// [data]
struct Item {
    std::string name;
    int price;
};
ARMATURE_DESCRIBE(Item, name, price);

struct Cart {
    std::string owner;
    std::vector<Item> items;
};
ARMATURE_DESCRIBE(Cart, owner, items);
// [/data]

Cart find_cart(int) { return {"Ada <ada@example.com>", {{"Apple", 3}}}; }

// [app]
App shop() {
    Templates templates{"templates"};
    templates.require<Cart>("cart.html");
    return App::create()
        .data(std::move(templates))
        .route("/carts/{id}", get([](Path<int> id, State<Templates> pages) {
                   return pages->render("cart.html", find_cart(*id));
               }));
}
// [/app]

// [values]
std::string greeting(const Templates& templates) {
    return templates.text("mail.html", TemplateValues{}.set("name", "Ada").set("count", 3));
}
// [/values]

// [html]
struct Article {
    std::string title;
    TrustedHtml content; // what your sanitizer or Markdown renderer made
};
ARMATURE_DESCRIBE(Article, title, content);
// [/html]

// [nonce]
App with_nonces(Templates templates) {
    return App::create()
        .wrap(SecurityHeaders{}.csp(ContentSecurityPolicy{}.nonce("script-src")))
        .data(std::move(templates))
        .route("/", get([](Request& request, State<Templates> pages) {
                   return pages->render(request, "start.html", Cart{"Ada", {}});
               }));
}
// [/nonce]

// [reload]
Templates development_templates() { return Templates{"templates", {.reload = true}}; }
// [/reload]

class TemplatesPage : public ::testing::Test {
  protected:
    TemplatesPage() {
        std::string name = std::filesystem::temp_directory_path() / "armature-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        folder_ = name;
        before_ = std::filesystem::current_path();
        std::filesystem::current_path(folder_);
        std::filesystem::create_directory("templates");
        std::ofstream{"templates/layout.html"}
            << "<!DOCTYPE html>\n<title>{% block title %}Shop{% endblock %}</title>\n"
               "{% block main %}{% endblock %}\n";
        std::ofstream{"templates/cart.html"}
            << "{% extends \"layout.html\" %}\n{% block title %}{{ owner }}{% endblock %}\n"
               "{% block main %}{% for item in items %}<li>{{ item.name }}: {{ item.price }}"
               "{% else %}Nothing yet{% endfor %}{% endblock %}\n";
    }
    ~TemplatesPage() override {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(folder_);
    }

  private:
    std::filesystem::path folder_;
    std::filesystem::path before_;
};

TEST_F(TemplatesPage, ShowsACart) {
    TestClient client{shop()};
    const TestResponse response = client.get("/carts/1").send();
    EXPECT_EQ(response.text(), "<!DOCTYPE html>\n<title>Ada &lt;ada@example.com&gt;</title>\n"
                               "<li>Apple: 3\n");
    EXPECT_EQ(response.header("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(development_templates().text("cart.html", Cart{"x", {}}),
              "<!DOCTYPE html>\n<title>x</title>\nNothing yet\n");
}

TEST_F(TemplatesPage, ShowsWhatElseThereIs) {
    std::vector<TemplateSource> sources{
        {"mail.html", "{{ name }}: {{ count }}"},
        {"article.html", "{{ title }}{{ content }}"},
        {"start.html", "<script nonce=\"{{ csp_nonce }}\">start({{ items }})</script>"}};
    Templates templates{std::move(sources)};
    EXPECT_EQ(greeting(templates), "Ada: 3");
    EXPECT_EQ(templates.text("article.html", Article{"<", TrustedHtml{"<b>x</b>"}}),
              "&lt;<b>x</b>");
    TestClient client{with_nonces(std::move(templates))};
    EXPECT_THAT(client.get("/").send().text(),
                ::testing::ContainsRegex("<script nonce=\"[A-Za-z0-9+/]{22}==\">start\\( \\[\\] "));
}

} // namespace templates_page
