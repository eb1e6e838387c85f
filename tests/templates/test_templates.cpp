#include <armature/templates/templates.hpp>
#include <armature/templates/translation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace armature::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

enum class Size { small, large };
ARMATURE_DESCRIBE_ENUM(Size, small, large);

struct Item {
    std::string name;
    int price = 0;
    std::optional<std::string> note = std::nullopt;
    std::vector<std::string> tags = {};
};
ARMATURE_DESCRIBE(Item, name, price, note, tags);

struct Shop {
    std::string title = "Fruit & more";
    std::vector<Item> items = {{"Apple", 3, "red", {"sweet", "sour"}}, {"Kiwi", 12}};
    std::map<std::string, int> stock = {{"Apple", 5}, {"Kiwi", 0}};
    std::vector<bool> days = {true, false};
    Size size = Size::large;
    double rate = 1.5;
    bool is_open = true;
    TrustedHtml legal{"<em>All rights</em>"};
    std::optional<Item> offer = std::nullopt;
};
ARMATURE_DESCRIBE(Shop, title, items, stock, days, size, rate, is_open, legal, offer);

Templates of(std::vector<TemplateSource> sources) { return Templates{std::move(sources)}; }
std::string page(std::string text) {
    return of({{"page.html", std::move(text)}}).text("page.html", Shop{});
}
std::string fault(std::vector<TemplateSource> sources) {
    try {
        (void)of(std::move(sources));
    } catch (const TemplateError& error) {
        return error.what();
    }
    return "none";
}
std::string fault(std::string text) { return fault({{"page.html", std::move(text)}}); }

TEST(Templates, ShowsTheMembersOfStructs) {
    EXPECT_EQ(page("{{ title }}|{{size}}|{{ rate }}|{{ is_open }}|{{ legal }}"),
              "Fruit &amp; more|large|1.5|true|<em>All rights</em>");
}

TEST(Templates, EscapesTrustedHtmlWhereItIsNoText) {
    EXPECT_EQ(page("<p title=\"{{ legal }}\">"), "<p title=\"&lt;em&gt;All rights&lt;/em&gt;\">");
    EXPECT_EQ(page("<title>{{ legal }}</title>"), "<title>&lt;em&gt;All rights&lt;/em&gt;</title>");
}

TEST(Templates, Loops) {
    EXPECT_EQ(page("{% for item in items %}{{ loop.index }}{{ item.name }}{% for tag in item.tags "
                   "%}[{{ tag }}]{% else %}-{% endfor %}{% if not loop.last %}, {% endif %}"
                   "{% endfor %}"),
              "1Apple[sweet][sour], 2Kiwi-");
    EXPECT_EQ(page("{% for name, count in stock %}{{ name }}={{ count }};{% endfor %}"),
              "Apple=5;Kiwi=0;");
    EXPECT_EQ(page("{% for day in days %}{{ day }} {% endfor %}"), "true false ");
    EXPECT_EQ(page("{% for tag in offer.tags %}x{% else %}nothing{% endfor %}"), "nothing");
}

TEST(Templates, Chooses) {
    EXPECT_EQ(page("{% if not is_open %}a{% elif size == \"large\" and items %}b{% else %}c"
                   "{% endif %}"),
              "b");
    EXPECT_EQ(page("{% for item in items %}{% if item.note %}{{ item.note }}{% else %}none"
                   "{% endif %} {% endfor %}"),
              "red none ");
    EXPECT_EQ(page("{% if stock.Apple != 5 or stock.Pear %}a{% else %}b{% endif %}"), "b");
    EXPECT_EQ(page("<input{% if is_open %} checked{% endif %} name=\"x\">"),
              "<input checked name=\"x\">");
    EXPECT_EQ(page("<p {% if is_open %}class=\"open\" {% endif %}id=\"x\">"),
              "<p class=\"open\" id=\"x\">");
}

TEST(Templates, GivesScriptsWholeValues) {
    EXPECT_EQ(page("<script>const item = {{ stock }};</script>"),
              "<script>const item =  {\"Apple\":5,\"Kiwi\":0} ;</script>");
    EXPECT_EQ(page("<script>f({{ rate }}, {{ is_open }}, {{ offer }}, {{ size }})</script>"),
              "<script>f( 1.5 ,  true ,  null ,  \"large\" )</script>");
    EXPECT_THAT(page("<p data-items=\"{{ title }}\" onclick=\"f({{ items }})\">"),
                HasSubstr("onclick=\"f( [{&#34;name&#34;:&#34;Apple&#34;"));
}

TEST(Templates, HasCommentsAndTexts) {
    EXPECT_EQ(page("a{# {{ nothing }} #}b{{ \"<{{ }}>\" }}{ {c}"), "ab&lt;{{ }}&gt;{ {c}");
}

TEST(Templates, ExtendsAndIncludes) {
    const Templates templates = of({
        {"base.html", "<title>{% block title %}Shop{% endblock %}</title>"
                      "{% block body %}{% endblock %}{% block foot %}<hr>{% endblock %}"},
        {"wide.html", "{% extends \"base.html\" %}\n{% block body %}<main>{% block main %}"
                      "{% endblock %}</main>{% endblock %}"},
        {"page.html", "{% extends \"wide.html\" %}{# mine #}\n"
                      "{% block title %}{{ title }}{% endblock %}\n"
                      "{% block main %}{% for item in items %}{% include \"parts/item.html\" %}"
                      "{% endfor %}{% endblock %}"},
        {"parts/item.html", "<i title=\"{% include 'parts/name.html' %}\">{{ item.price }}</i>"},
        {"parts/name.html", "{{ item.name }}"},
    });
    EXPECT_EQ(templates.text("page.html", Shop{}),
              "<title>Fruit &amp; more</title><main><i title=\"Apple\">3</i>"
              "<i title=\"Kiwi\">12</i></main><hr>");
    EXPECT_EQ(templates.text("base.html", Shop{}), "<title>Shop</title><hr>");
}

TEST(Templates, FindsThePlaceOfWhatIsIncludedWhereItIsIncluded) {
    const Templates templates = of({
        {"page.html", "{% include 'x.html' %}<a href=\"{% include 'x.html' %}\">"
                      "<script>f({% include 'x.html' %})</script>"},
        {"x.html", "{{ value }}"},
    });
    EXPECT_EQ(templates.text("page.html", TemplateValues{}.set("value", "javascript:f('<')")),
              "javascript:f(&#39;&lt;&#39;)<a href=\"about:invalid#unsafe\">"
              "<script>f( \"javascript:f(\\u0027\\u003c\\u0027)\" )</script>");
}

TEST(Templates, TakesMapsAndNamedValues) {
    const Templates templates = of({{"page.html", "{{ a }} {{ b }}"}});
    EXPECT_EQ(
        templates.text("page.html", std::map<std::string, std::string>{{"a", "1"}, {"b", "<"}}),
        "1 &lt;");
    EXPECT_EQ(templates.text("page.html", TemplateValues{}.set("a", 1).set("b", "x")), "1 x");
    TemplateValues values;
    values.set("a", 1).set("b", Size::small);
    EXPECT_EQ(templates.text("page.html", values), "1 small");
}

TEST(Templates, SaysWhatIsMissingInAMap) {
    const Templates templates = of({{"page.html", "\n{{ a }}{% if c %}x{% endif %}"}});
    EXPECT_EQ(templates.text("page.html", std::map<std::string, int>{{"a", 1}}), "\n1");
    try {
        (void)templates.text("page.html", std::map<std::string, int>{{"b", 1}});
        FAIL();
    } catch (const std::logic_error& error) {
        EXPECT_STREQ(error.what(),
                     "armature: page.html:2: there is no \"a\" in what the page was given");
    }
}

std::string check(std::string text) {
    try {
        (void)of({{"page.html", std::move(text)}}).require<Shop>("page.html");
    } catch (const TemplateError& error) {
        return error.what();
    }
    return "none";
}

TEST(Templates, IsCheckedAgainstATypeBeforeItIsUsed) {
    EXPECT_EQ(
        check("{{ title }}{% for item in items %}{{ item.note }}{{ loop.index }}{% endfor %}"
              "{{ offer.name }}{{ csp_nonce }}{% for n, c in stock %}{{ n }}{{ c }}{% endfor %}"
              "<script>f({{ items }})</script>{% if offer %}{% endif %}{{ stock.Apple }}"),
        "none");
    EXPECT_THAT(check("\n{{ titel }}"),
                HasSubstr("page.html:2: Shop has no member \"titel\"; it has title, items, stock"));
    EXPECT_THAT(check("{% for item in items %}\n{{ item.prize }}{% endfor %}"),
                HasSubstr("page.html:2: Item has no member \"prize\""));
    EXPECT_THAT(check("{{ items }}"), HasSubstr("is a list or has members"));
    EXPECT_THAT(check("{{ title.size }}"), HasSubstr("\"title\" has no members"));
    EXPECT_THAT(check("{% for x in title %}{% endfor %}"), HasSubstr("is no list"));
    EXPECT_THAT(check("{% if nothing %}{% endif %}"), HasSubstr("no member \"nothing\""));
    EXPECT_THAT(check("{{ t(\"a\", n=nothing) }}"), HasSubstr("no member \"nothing\""));
    EXPECT_THAT(check("{% for item in items %}{% endfor %}{{ item }}"), HasSubstr("no member"));
    EXPECT_THROW((void)of({}).require<Shop>("page.html"), TemplateError);
}

TEST(Templates, SaysWhereATemplateIsBroken) {
    const std::pair<std::string, std::string> table[] = {
        {"\n{{ a", "page.html:2: {{ without }}"},
        {"{{ }}", "page.html:1: a value is missing"},
        {"{{ a b }}", "\"b \" behind a value"},
        {"{{ a. }}", "the name behind a dot"},
        {"{{ f(1) }}", "no function"},
        {"{{ t(a) }}", "key in quotes"},
        {"{{ t(\"a\", 1) }}", "an argument's name"},
        {"{# x", "{# without #}"},
        {"{% if a %}\n", "page.html:1: {% endif %} is missing"},
        {"\n{% for a in b %}", "page.html:2: {% endfor %} is missing"},
        {"{% endif %}", "there is no {% endif %} here"},
        {"{% for a of b %}{% endfor %}", "{% for item in items %}"},
        {"{% whatever %}", "there is no {% whatever %}"},
        {"{% if a %}{% else %}{% elif b %}{% endif %}", "there is no {% elif %}"},
        {"{% block a %}", "{% endblock %} is missing"},
        {"x{% extends \"a\" %}", "extends comes first"},
        {"{% extends \"a.html\" %}", "page.html:1: there is no template a.html"},
        {"{% include \"a.html\" %}", "page.html:1: there is no template a.html"},
        {"{% include \"page.html\" %}", "includes itself"},
        {"{% include a %}", "in quotes is missing"},
    };
    for (const auto& [text, why] : table)
        EXPECT_THAT(fault(text), HasSubstr(why)) << text;
    std::string deep;
    for (int i = 0; i < 100; ++i)
        deep += "{% if a %}";
    EXPECT_THAT(fault(deep), HasSubstr("more than 64"));
}

TEST(Templates, SaysWhatIsWrongBetweenTemplates) {
    EXPECT_THAT(fault({{"a.html", "{% extends \"b.html\" %}{% block x %}{% endblock %}"},
                       {"b.html", "<p>"}}),
                HasSubstr("a.html:1: none of the templates that it extends has a block \"x\""));
    EXPECT_THAT(fault({{"a.html", "{% extends \"b.html\" %}\nlost"}, {"b.html", "<p>"}}),
                HasSubstr("outside of the blocks"));
    EXPECT_THAT(
        fault({{"a.html", "{% extends \"b.html\" %}"}, {"b.html", "\n{% extends \"a.html\" %}"}}),
        HasSubstr("b.html:2: extends itself"));
    EXPECT_THAT(fault({{"a.html", "{% extends \"b.html\" %}"},
                       {"b.html", "<p>"},
                       {"c.html", "{% include \"a.html\" %}"}}),
                HasSubstr("c.html:1: a.html extends another, so it can't be included"));
    EXPECT_THAT(fault({{"a.html", "x"}, {"a.html", "y"}}), HasSubstr("a.html: is there twice"));
    // Found where it is, not where it is included.
    EXPECT_THAT(fault({{"a.html", "\n\n{% include \"b.html\" %}"}, {"b.html", "\n<p {{ x }}>"}}),
                HasSubstr("b.html:2: a value in a tag"));
}

TEST(Templates, RefusesToShowWhatIsNoPage) {
    const Templates templates = of({{"a.html", "<p {% include \"b.html\" %}>"},
                                    {"b.html", "title=\"{{ x }}\""},
                                    {"c.html", "{% include \"d.html\" %}>"},
                                    {"d.html", "<b title=\"{{ x }}\""}});
    EXPECT_EQ(templates.text("a.html", TemplateValues{}.set("x", "<")), "<p title=\"&lt;\">");
    EXPECT_EQ(templates.text("c.html", TemplateValues{}.set("x", "<")), "<b title=\"&lt;\">");
    EXPECT_THROW((void)templates.text("d.html", TemplateValues{}), TemplateError);
    EXPECT_THROW((void)templates.text("none.html", TemplateValues{}), TemplateError);
}

struct Spanish final : TemplateTranslation {
    void translate(std::string& out, std::string_view key,
                   std::span<const TemplateArgument> arguments) const override {
        out.append("¡").append(key).append("!");
        for (const TemplateArgument& argument : arguments)
            out.append(" ")
                .append(argument.name)
                .append("=")
                .append(argument.kind == TemplateArgument::Kind::text ? std::string{argument.text}
                        : argument.kind == TemplateArgument::Kind::integer
                            ? std::to_string(argument.integer)
                            : std::to_string(argument.real));
    }
    std::string_view locale() const override { return "es"; }
    std::string_view direction() const override { return "ltr"; }
};

TEST(Templates, AsksForMessages) {
    const Templates templates =
        of({{"page.html", "<html lang=\"{{ locale }}\" dir=\"{{ direction }}\">\n"
                          "{{ t(\"<hi>\", name=title, n=items.size, half=0.5, size=size) }}"}});
    EXPECT_THROW((void)templates.text("page.html", Shop{}), std::logic_error);
    const std::vector<TemplateMessage> messages = templates.messages();
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(messages[0].key, "<hi>");
    EXPECT_EQ(messages[0].file, "page.html");
    EXPECT_EQ(messages[0].line, 2u);
    EXPECT_THAT(messages[0].arguments, ElementsAre("name", "n", "half", "size"));

    const Spanish spanish;
    Request request = Request::get("/");
    request.set<const TemplateTranslation*>(&spanish);
    const Templates simple =
        of({{"page.html", "<html lang=\"{{ locale }}\" dir=\"{{ direction }}\">"
                          "<script>f({{ t(\"hi\", n=rate) }}, '{{ t(\"hi\") }}')</script>"
                          "{{ t(\"<hi>\", name=title, half=0.5, size=size) }}"}});
    EXPECT_EQ(std::string{simple.render(request, "page.html", Shop{}).body().text()},
              "<html lang=\"es\" dir=\"ltr\">"
              "<script>f( \"¡hi! n=1.500000\" , '¡hi!')</script>"
              "¡&lt;hi&gt;! name=Fruit &amp; more half=0.500000 size=large");
}

} // namespace
} // namespace armature::testing
