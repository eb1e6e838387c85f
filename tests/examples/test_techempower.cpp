// The benchmark's own rules, asked by curl over sockets of an application with a PostgreSQL server.
#include "support/postgres_server.hpp"
#include "support/test_server.hpp"
#include "techempower/app.hpp"

#include <armature/json/nlohmann.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace techempower {
namespace {

using namespace armature;
using armature::testing::PostgresServer;
using armature::testing::TestServer;
using ::testing::HasSubstr;

class TechEmpower : public ::testing::Test {
  protected:
    void SetUp() override {
        if (PostgresServer::programs().empty())
            GTEST_SKIP() << "PostgreSQL's server isn't installed (Debian: postgresql)";
        postgres.emplace();
        database = std::make_shared<db::Database>(postgres->url("postgres"));
        loop.run(create_tables(*database));
        server.emplace(make_app(database).build());
    }
    std::string curl(const std::string& path) {
        const armature::testing::Ran ran =
            armature::testing::run({"curl", "-sS", "--max-time", "60", "-w",
                                    "\n%{http_code} %{content_type}", server->url(path)});
        return ran.output;
    }
    nlohmann::json json(const std::string& path) {
        const std::string answer = curl(path);
        EXPECT_THAT(answer, HasSubstr("\n200 application/json"));
        return nlohmann::json::parse(answer.substr(0, answer.rfind('\n')));
    }
    int number_of(int id) {
        return loop.run(database->one<int>("SELECT randomnumber FROM world WHERE id = $1", id));
    }

    std::optional<PostgresServer> postgres;
    LocalLoop loop;
    std::shared_ptr<db::Database> database;
    std::optional<TestServer> server;
};

TEST_F(TechEmpower, FollowsTheRules) {
    EXPECT_EQ(json("/json"), (nlohmann::json{{"message", "Hello, World!"}}));
    EXPECT_THAT(curl("/plaintext"), ::testing::StartsWith("Hello, World!\n200 text/plain"));

    const nlohmann::json world = json("/db");
    EXPECT_EQ(world.size(), 2U);
    EXPECT_EQ(number_of(world["id"]), world["randomNumber"].get<int>());

    for (const char* const path :
         {"/queries?queries=", "/updates?queries=", "/cached-queries?count="})
        for (const auto& [given, count] : {std::pair{"", 1U},
                                           {"0", 1U},
                                           {"foo", 1U},
                                           {"3", 3U},
                                           {"500", 500U},
                                           {"501", 500U},
                                           {"99999999999999999999", 500U},
                                           {"-7", 1U}}) {
            const nlohmann::json worlds = json(std::string{path} + given);
            ASSERT_EQ(worlds.size(), count) << path << given;
            for (const nlohmann::json& item : worlds) {
                EXPECT_GE(item["id"].get<int>(), 1);
                EXPECT_LE(item["randomNumber"].get<int>(), 10'000);
            }
        }
    EXPECT_EQ(json("/queries").size(), 1U);
}

TEST_F(TechEmpower, UpdatesTheRowsThatItShows) {
    const nlohmann::json worlds = json("/updates?queries=20");
    std::map<int, int> last; // one may have come twice
    for (const nlohmann::json& item : worlds)
        if (!last.contains(item["id"])) last[item["id"]] = item["randomNumber"];
    for (const auto& [id, number] : last)
        EXPECT_EQ(number_of(id), number);
}

TEST_F(TechEmpower, ShowsFortunesSortedAndEscaped) {
    const std::string page = curl("/fortunes");
    EXPECT_THAT(page, HasSubstr("\n200 text/html; charset=utf-8"));
    EXPECT_THAT(page, HasSubstr("<tr><td>0</td><td>Additional fortune added at request time."));
    EXPECT_THAT(page, ::testing::Not(HasSubstr("<script>")));
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert("));
    EXPECT_THAT(page, HasSubstr("フレームワークのベンチマーク"));
    EXPECT_LT(page.find("&lt;script&gt;"), page.find("A bad random number"));
    EXPECT_LT(page.find("A bad random number"), page.find("fortune: No such file"));
}

} // namespace
} // namespace techempower
