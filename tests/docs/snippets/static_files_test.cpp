// The C++ of docs/static-files.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/static_files/static_files.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace static_files_page {

using namespace armature;

// A folder for the snippets to serve, and the current one while the test runs.
class StaticFilesPage : public ::testing::Test {
  protected:
    StaticFilesPage() {
        std::string name = std::filesystem::temp_directory_path() / "armature-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        folder_ = name;
        before_ = std::filesystem::current_path();
        std::filesystem::current_path(folder_);
        for (const char* const file : {"public/index.html", "public/app.css", "dist/index.html",
                                       "dist/assets/app.3f9a1c0b.js"}) {
            std::filesystem::create_directories(std::filesystem::path{file}.parent_path());
            std::ofstream{file} << file;
        }
    }
    ~StaticFilesPage() override {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(folder_);
    }

  private:
    std::filesystem::path folder_;
    std::filesystem::path before_;
};

TEST_F(StaticFilesPage, ServesAFolder) {
    // [folder]
    App app = App::create();
    app.service(static_files("/assets", "public"));
    // [/folder]
    const Response response = app.build().handle(Request::get("/assets/app.css"));
    EXPECT_EQ(response.status(), Status::ok);
    EXPECT_EQ(response.headers().get(Field::content_type), "text/css; charset=utf-8");
}

TEST_F(StaticFilesPage, ServesASinglePageApplication) {
    // [spa]
    App app = App::create();
    app.route("/api/users", get([] { return Json{std::vector<std::string>{"Ada"}}; }))
        .service(
            static_files("/", "dist", {.fallback = "index.html", .immutable_fingerprints = true}));
    // [/spa]
    const Application built = app.build();
    EXPECT_EQ(built.handle(Request::get("/api/users")).body().text(), "[\"Ada\"]");
    const Response page =
        built.handle(Request::get("/users/7").set_header("accept", "text/html,*/*;q=0.8"));
    EXPECT_EQ(page.headers().get(Field::content_type), "text/html; charset=utf-8");
    EXPECT_EQ(
        built.handle(Request::get("/assets/app.3f9a1c0b.js")).headers().get(Field::cache_control),
        "public, max-age=31536000, immutable");
}

TEST_F(StaticFilesPage, GuardsAFolder) {
    // [guarded]
    struct Staff {
        void before(Request& request) const {
            if (request.header(Field::authorization) != "Bearer staff-token")
                throw Error::unauthorized("Log in").header("www-authenticate", "Bearer");
        }
    };
    App app = App::create();
    app.service(
        static_files("/reports", "public", {.cache_control = "private, no-cache"}).wrap(Staff{}));
    // [/guarded]
    const Application built = app.build();
    EXPECT_EQ(built.handle(Request::get("/reports/app.css")).status(), Status::unauthorized);
    EXPECT_EQ(
        built
            .handle(
                Request::get("/reports/app.css").set_header("authorization", "Bearer staff-token"))
            .status(),
        Status::ok);
}

} // namespace static_files_page
