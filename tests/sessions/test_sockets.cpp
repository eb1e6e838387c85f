#include "sessions/sessions_app.hpp"
#include "support/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>

// Over sockets: curl keeps the cookies, and Chromium plays the victim of another site.
namespace armature::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Folder {
  public:
    Folder() {
        char name[] = "/tmp/armature-sessions-XXXXXX";
        if (::mkdtemp(name) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    std::string path_;
};

void expect_sessions(const TestClient& client, const std::string& flag) {
    const Folder folder;
    const auto curl = [&](const std::string& arguments, const std::string& target) {
        const Ran ran =
            shell("curl -sS -k -i --max-time 60 " + flag + " -c " + folder.path() + "/jar -b " +
                  folder.path() + "/jar " + arguments + " '" + client.origin() + target + "'");
        EXPECT_EQ(ran.status, 0) << ran.output;
        return ran.output;
    };
    EXPECT_THAT(curl("", "/me"), AllOf(HasSubstr("nobody"), Not(HasSubstr("set-cookie"))));
    EXPECT_THAT(curl("-X POST", "/login"), HasSubstr("set-cookie: __Host-session="));
    EXPECT_THAT(curl("", "/me"), AllOf(HasSubstr("\r\n\r\nana"), Not(HasSubstr("set-cookie"))));
    (void)curl("-X POST", "/flash");
    EXPECT_THAT(curl("", "/page"), HasSubstr("Saved; \"now\""));
    EXPECT_THAT(curl("", "/page"), HasSubstr("no notice"));
    EXPECT_THAT(curl("-X POST", "/logout"), HasSubstr("Max-Age=0"));
    EXPECT_THAT(curl("", "/me"), HasSubstr("nobody"));
}

TEST(SessionsOverSockets, SpeakHttp1AndHttp2OverTls) {
    for (const std::string flag : {"--http1.1", "--http2"}) {
        expect_sessions(TestClient::over_https(shop(CookieSessions{keys()})), flag);
        expect_sessions(
            TestClient::over_https(shop(StoredSessions{std::make_shared<MemoryStore>()})), flag);
    }
}

// What headless Chromium shows of a page once its scripts and frames are through.
std::string browse(const std::string& url) {
    const Folder profile;
    const Ran ran = shell(
        "chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-dev-shm-usage "
        "--disable-background-networking --disable-component-update --disable-sync "
        "--virtual-time-budget=10000 --user-data-dir=" +
        profile.path() + " --dump-dom '" + url + "' 2>/dev/null");
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.output;
}

// The victim's bank. It counts what got through; the cookie is of the kind that every site may use,
// so that nothing but the protection under test stands between.
class InChromium : public ::testing::Test {
  protected:
    void SetUp() override {
        if (shell("command -v chromium >/dev/null").status != 0)
            GTEST_SKIP() << "needs chromium: apt-get install chromium";
    }
    App bank(bool is_protected) {
        SessionOptions lenient;
        lenient.cookie = "session";
        lenient.secure = false;
        lenient.persistent = true;
        App app = App::create();
        app.wrap(CookieSessions{keys(), lenient});
        if (is_protected) app.wrap(CsrfForms{});
        app.route("/", get([](CsrfToken token) {
                      return Response::html("<form id=f method=post action=/pay>" + token.input() +
                                            "</form><script>f.submit()</script>");
                  }))
            .route("/fetch", get([] {
                       return Response::html("<p id=p></p><script>"
                                             "fetch('/pay', {method: 'POST'}).then(r => {"
                                             "p.textContent = 'status ' + r.status})</script>");
                   }))
            .route("/pay", post([paid = paid_] {
                       ++*paid;
                       return Response::html("<p>paid</p>");
                   }));
        return app;
    }
    // Another site, whose pages have the visitor's browser pay.
    static App evil(const std::string& bank) {
        return App::create()
            .route("/form", get([bank] {
                       return Response::html("<form id=f method=post action='" + bank +
                                             "/pay'></form><script>f.submit()</script>");
                   }))
            .route("/fetch", get([bank] {
                       return Response::html(
                           "<p id=p>waiting</p><script>fetch('" + bank +
                           "/pay', {method: 'POST', mode: 'no-cors', credentials: 'include'})"
                           ".then(r => { p.textContent = 'sent' })</script>");
                   }))
            .route("/sandbox", get([bank] {
                       return Response::html("<iframe sandbox='allow-scripts allow-forms' "
                                             "srcdoc=\"<form id=f method=post action='" +
                                             bank +
                                             "/pay'></form><script>f.submit()</script>\">"
                                             "</iframe>");
                   }));
    }
    // Another site for the browser, which compares names.
    static std::string elsewhere(const TestClient& server) {
        std::string origin = server.origin();
        return origin.replace(origin.find("127.0.0.1"), 9, "localhost");
    }

    std::shared_ptr<std::atomic<int>> paid_ = std::make_shared<std::atomic<int>>(0);
};

TEST_F(InChromium, OurOwnPagesMaySend) {
    const TestClient victim = TestClient::over_http(bank(true));
    EXPECT_THAT(browse(victim.origin() + "/"), HasSubstr("<p>paid</p>"));
    EXPECT_THAT(browse(victim.origin() + "/fetch"), HasSubstr("status 200"));
    EXPECT_EQ(*paid_, 2);
}

TEST_F(InChromium, TheAttackWorksWhereNothingProtects) {
    const TestClient victim = TestClient::over_http(bank(false));
    const TestClient other = TestClient::over_http(evil(victim.origin()));
    EXPECT_THAT(browse(elsewhere(other) + "/form"), HasSubstr("<p>paid</p>"));
    EXPECT_THAT(browse(elsewhere(other) + "/fetch"), HasSubstr("sent"));
    EXPECT_EQ(*paid_, 2);
}

TEST_F(InChromium, AnotherSitesFormsAndScriptsMayNot) {
    const TestClient victim = TestClient::over_http(bank(true));
    const TestClient other = TestClient::over_http(evil(victim.origin()));
    EXPECT_THAT(browse(elsewhere(other) + "/form"), HasSubstr("another site"));
    EXPECT_THAT(browse(elsewhere(other) + "/fetch"), HasSubstr("sent"));
    EXPECT_EQ(*paid_, 0);
}

TEST_F(InChromium, NeitherMaySandboxesNorOtherPorts) {
    const TestClient victim = TestClient::over_http(bank(true));
    const TestClient other = TestClient::over_http(evil(victim.origin()));
    (void)browse(elsewhere(other) + "/sandbox");
    EXPECT_THAT(browse(other.origin() + "/form"), HasSubstr("another site"));
    EXPECT_EQ(*paid_, 0);
}

} // namespace
} // namespace armature::testing
