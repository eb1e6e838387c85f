#include "support/process.hpp"

#include <armature/app/app.hpp>
#include <armature/middleware/security_headers.hpp>
#include <armature/templates/templates.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

// Templates in an application, asked by curl, and their folder.
namespace armature::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace fs = std::filesystem;

class TemplateFolder : public ::testing::Test {
  protected:
    TemplateFolder() {
        std::string name = fs::temp_directory_path() / "armature-templates-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        folder = name;
        write("layout.html", "<!DOCTYPE html>\n<title>{% block title %}{% endblock %}</title>\n"
                             "<script nonce=\"{{ csp_nonce }}\">start()</script>\n"
                             "{% block body %}{% endblock %}");
        write("hello.html", "{% extends \"layout.html\" %}\n"
                            "{% block title %}Hello, {{ name }}{% endblock %}\n"
                            "{% block body %}<p>{{ name }}</p>{% endblock %}\n");
        write("parts/plain.html", "<b>{{ name }}</b>");
        write("notes.txt", "{{ not a template");
    }
    ~TemplateFolder() override {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
    void write(const std::string& name, const std::string& text) const {
        fs::create_directories((folder / name).parent_path());
        std::ofstream{folder / name} << text;
    }

    fs::path folder;
};

struct Visitor {
    std::string name;
};
ARMATURE_DESCRIBE(Visitor, name);

App site(const fs::path& folder, TemplateOptions options = {}) {
    return App::create()
        .wrap(SecurityHeaders{}.csp(ContentSecurityPolicy{}.nonce("script-src")))
        .data(Templates{folder.string(), options})
        .route("/hello/{name}",
               get([](Path<std::string> name, State<Templates> templates, Request& request) {
                   return templates->render(request, "hello.html", Visitor{*name});
               }))
        .route("/plain/{name}", get([](Path<std::string> name, State<Templates> templates) {
                   return templates->render("parts/plain.html", Visitor{*name});
               }))
        .route("/broken", get([](State<Templates> templates) {
                   return templates->render("hello.html", Visitor{"x"});
               }));
}

void expect_pages(const TestClient& client, const std::string& flags, const std::string& version) {
    const Ran page = shell("curl -sSk -i --max-time 60 " + flags + " '" + client.origin() +
                           "/hello/%3Cb%3EAda%3C%2Fb%3E'");
    ASSERT_EQ(page.status, 0) << page.output;
    EXPECT_THAT(page.output, StartsWith(version + " 200"));
    EXPECT_THAT(page.output, HasSubstr("content-type: text/html; charset=utf-8\r\n"));
    EXPECT_THAT(page.output, HasSubstr("<title>Hello, &lt;b&gt;Ada&lt;/b&gt;</title>"));
    EXPECT_THAT(page.output, HasSubstr("<p>&lt;b&gt;Ada&lt;/b&gt;</p>"));
    // The nonce of the field is that of the page.
    const std::size_t at = page.output.find("'nonce-") + 7;
    const std::string nonce = page.output.substr(at, page.output.find('\'', at) - at);
    EXPECT_EQ(nonce.size(), 24u);
    EXPECT_THAT(page.output, HasSubstr("<script nonce=\"" + nonce + "\">"));

    const Ran broken =
        shell("curl -sSk -i --max-time 60 " + flags + " '" + client.origin() + "/broken'");
    EXPECT_THAT(broken.output, StartsWith(version + " 500"));
    EXPECT_THAT(broken.output, HasSubstr("application/problem+json"));
    EXPECT_THAT(broken.output, Not(HasSubstr("csp_nonce")));
}

TEST_F(TemplateFolder, IsServedOverHttp1) {
    const TestClient client = TestClient::over_http(site(folder));
    expect_pages(client, "--http1.1", "HTTP/1.1");
}

TEST_F(TemplateFolder, IsServedOverHttp2) {
    const TestClient client = TestClient::over_https(site(folder));
    expect_pages(client, "--http2", "HTTP/2");
}

TEST_F(TemplateFolder, StopsTheStartWhenATemplateIsBroken) {
    write("parts/worse.html", "\n\n<p title={{ name }}>");
    try {
        (void)site(folder);
        FAIL();
    } catch (const TemplateError& error) {
        EXPECT_THAT(error.what(), HasSubstr("template parts/worse.html:3: "));
    }
    EXPECT_THROW(Templates{(folder / "nowhere").string()}, std::invalid_argument);
}

TEST_F(TemplateFolder, IsReadOnceUnlessItIsToReload) {
    TestClient once{site(folder)};
    TestClient anew{site(folder, {.reload = true})};
    EXPECT_EQ(once.get("/plain/Ada").send().text(), "<b>Ada</b>");
    EXPECT_EQ(anew.get("/plain/Ada").send().text(), "<b>Ada</b>");
    write("parts/plain.html", "<strong>{{ name }}</strong>");
    EXPECT_EQ(once.get("/plain/Ada").send().text(), "<b>Ada</b>");
    EXPECT_EQ(anew.get("/plain/Ada").send().text(), "<strong>Ada</strong>");
    // A mistake is the page's error, and gone with the next change.
    write("parts/plain.html", "<strong title={{ name }}>");
    EXPECT_EQ(anew.get("/plain/Ada").send().status(), Status::internal_server_error);
    EXPECT_EQ(anew.get("/plain/Ada").send().status(), Status::internal_server_error);
    write("parts/plain.html", "<i>{{ name }}</i>");
    EXPECT_EQ(anew.get("/plain/Ada").send().text(), "<i>Ada</i>");
}

} // namespace
} // namespace armature::testing
