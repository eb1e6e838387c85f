#include "account.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

using namespace armature;

namespace {{name}} {
namespace {

struct Account : testing::Test {
    ServedApp app;
    TestClient& client = app.client;
};

TEST_F(Account, IsShownToWhomeverHasItsToken) {
    const std::string token = issue_token(app.settings, "ada");
    EXPECT_EQ(client.get("/me").bearer(token).send().text(), R"({"user":"ada"})");
}

TEST_F(Account, IsHiddenFromEverybodyElse) {
    EXPECT_EQ(client.get("/me").send().status(), Status::unauthorized);
    EXPECT_EQ(client.get("/me").bearer("x.y.z").send().status(), Status::unauthorized);
}

TEST(Accounts, AreClosedWithoutASecret) {
    Settings settings;
    TestClient client{App::create().service(account(settings))};
    EXPECT_EQ(client.get("/me").send().status(), Status::forbidden);
    EXPECT_THROW((void)issue_token(settings, "ada"), std::invalid_argument);
}

} // namespace
} // namespace {{name}}
