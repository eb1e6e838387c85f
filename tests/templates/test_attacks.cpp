#include "attacks.hpp"
#include "templates/context.hpp"

#include <armature/templates/templates.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;

struct Value {
    std::string value;
};
ARMATURE_DESCRIBE(Value, value);

std::string rendered(std::string_view html, const std::string& value) {
    std::vector<TemplateSource> sources{{"page.html", std::string{html}}};
    return Templates{std::move(sources)}.text("page.html", Value{value});
}

TEST(TemplateAttacks, LeaveThePageWhereTheTemplateSaysItIs) {
    for (const AttackedPlace& place : attacked_places)
        for (const std::string& attack : attacks()) {
            const std::string page = rendered(place.html, attack);
            detail::Context context;
            ASSERT_NO_THROW(detail::advance(context, page)) << place.name << ": " << page;
            EXPECT_EQ(context.state, detail::Context::State::text) << place.name << ": " << page;
        }
}

TEST(TemplateAttacks, AreRefusedWithTheTemplateWherePagesCantBeSafe) {
    for (const RefusedPlace& place : refused_places) {
        try {
            const std::string page = rendered("\n\n" + std::string{place.html}, "x");
            ADD_FAILURE() << place.html << " is rendered as " << page;
        } catch (const TemplateError& error) {
            EXPECT_THAT(error.what(), HasSubstr(place.why)) << place.html;
            EXPECT_EQ(error.file(), "page.html");
        }
    }
}

TEST(TemplateAttacks, AreRefusedWithFileAndLine) {
    try {
        (void)rendered("<p>\n<a\n title={{ value }}>", "x");
        FAIL();
    } catch (const TemplateError& error) {
        EXPECT_EQ(error.line(), 3u);
        EXPECT_STREQ(error.what(),
                     "armature: template page.html:3: a value in an attribute without "
                     "quotes: write name=\"{{ … }}\"");
    }
    try {
        (void)rendered("<p>\n{{ value }}\n<p>\n <i =\"\">", "x");
        FAIL();
    } catch (const TemplateError& error) {
        EXPECT_EQ(error.line(), 4u);
    }
}

struct Expected {
    std::string_view html;
    std::string value;
    std::string_view page;
};

TEST(TemplateAttacks, AreWrittenAsWhatTheyAreInTheirPlace) {
    const Expected table[] = {
        {"<p>{{ value }}", "<b>&\"'", "<p>&lt;b&gt;&amp;&#34;&#39;"},
        {"<p title='{{ value }}'>", "' x='", "<p title='&#39; x=&#39;'>"},
        {"<a href=\"{{ value }}\">", "javascript:ran()", "<a href=\"about:invalid#unsafe\">"},
        {"<a href=\"{{ value }}\">", "HTTPS://a.example/?b=c&d=é",
         "<a href=\"HTTPS://a.example/?b=c&amp;d=%C3%A9\">"},
        {"<a href=\"{{ value }}\">", "mailto:a@b.example", "<a href=\"mailto:a@b.example\">"},
        {"<a href=\"{{ value }}\">", "/a b%20c", "<a href=\"/a%20b%20c\">"},
        {"<a href=\"{{ value }}\">", "a/b:c", "<a href=\"a/b:c\">"},
        {"<a href=\"/u/{{ value }}\">", "a/../b?c", "<a href=\"/u/a%2F..%2Fb%3Fc\">"},
        {"<a href=\"{{ value }}{{ value }}\">", "javascript", "<a href=\"javascriptjavascript\">"},
        {"<a href=\"x{{ value }}\">", ":y", "<a href=\"x%3Ay\">"},
        {"<img srcset=\"{{ value }} 2x\">", "a, b", "<img srcset=\"a%2C%20b 2x\">"},
        {"<script>a={{ value }}</script>", "</script>",
         "<script>a= \"\\u003c/script\\u003e\" </script>"},
        {"<script>a='{{ value }}'</script>", "'\"\\\n", "<script>a='\\u0027\\\"\\\\\\n'</script>"},
        {"<p onclick=\"f({{ value }})\">", "\"'", "<p onclick=\"f( &#34;\\&#34;\\u0027&#34; )\">"},
        {"<p style=\"color:{{ value }}\">", "#f00", "<p style=\"color:#f00\">"},
        {"<p style=\"color:{{ value }}\">", "red;x:y", "<p style=\"color:unsafe\">"},
        {"<p>{{ value }}", std::string("a\0b", 3),
         "<p>a\xEF\xBF\xBD"
         "b"},
    };
    for (const Expected& row : table)
        EXPECT_EQ(rendered(row.html, row.value), row.page) << row.html;
}

} // namespace
} // namespace armature::testing
