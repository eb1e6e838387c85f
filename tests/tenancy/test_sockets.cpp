// By curl, over HTTP/1.1 and HTTP/2.
#include "support/process.hpp"
#include "support/test_server.hpp"
#include "tenancy/tenancy_app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenancy_tests {
namespace {

using armature::testing::run;
using armature::testing::TestServer;
using ::testing::HasSubstr;

class TenancyOverSockets : public ::testing::TestWithParam<const char*> {
  protected:
    std::string curl(const std::string& target, std::vector<std::string> options) const {
        std::vector<std::string> command{"curl",
                                         "-sS",
                                         "--max-time",
                                         "60",
                                         "--path-as-is",
                                         "-w",
                                         " %{http_version} %{http_code}",
                                         GetParam()};
        command.insert(command.end(), options.begin(), options.end());
        command.push_back(server_.url(target));
        return run(std::move(command)).output;
    }
    [[nodiscard]] std::string version() const {
        return std::string_view{GetParam()} == "--http1.1" ? " 1.1 " : " 2 ";
    }

    TestServer server_{App::create()
                           .wrap(Tenancy{tenants(), TenantResolver::host(), TenantResolver::path(),
                                         TenantResolver::header("x-tenant", {"192.0.2.0/24"})})
                           .route("/me", get(who))
                           .service(scope("/t/{tenant}").route("/me", get([](Tenant tenant) {
                                                                   return who(tenant);
                                                               })))
                           .build()};
};
INSTANTIATE_TEST_SUITE_P(All, TenancyOverSockets,
                         ::testing::Values("--http1.1", "--http2-prior-knowledge"),
                         [](const auto& which) {
                             return std::string{which.index == 0 ? "Http1" : "Http2"};
                         });

TEST_P(TenancyOverSockets, TakeTheHostThatWasAskedFor) {
    EXPECT_EQ(curl("/me", {"-H", "Host: shop.acme.test"}), "acme" + version() + "200");
    EXPECT_EQ(curl("/me", {"-H", "Host: UMBRELLA.test:1234"}), "umbrella" + version() + "200");
    EXPECT_EQ(curl("/me", {"-H", "Host: umbrella.test."}), "umbrella" + version() + "200");
    EXPECT_THAT(curl("/me", {}), HasSubstr(version() + "404"));
    EXPECT_THAT(curl("/me", {"-H", "Host: b\xc3\xbc"
                                   "cher.test"}),
                ::testing::AnyOf(HasSubstr(version() + "400"), HasSubstr(version() + "404"),
                                 HasSubstr("000")));
}

TEST_P(TenancyOverSockets, BelieveNoFieldOfStrangers) {
    for (const char* const field :
         {"X-Forwarded-Host: umbrella.test", "Forwarded: host=umbrella.test", "X-Tenant: umbrella",
          "X-Host: umbrella.test"}) {
        EXPECT_EQ(curl("/me", {"-H", "Host: shop.acme.test", "-H", field}),
                  "acme" + version() + "200")
            << field;
        EXPECT_THAT(curl("/me", {"-H", field}), HasSubstr(version() + "404")) << field;
    }
}

TEST_P(TenancyOverSockets, RefuseContradictionsWithProblemDetails) {
    EXPECT_EQ(curl("/t/acme/me", {"-H", "Host: shop.acme.test"}), "acme" + version() + "200");
    const std::string refused = curl("/t/umbrella/me", {"-H", "Host: shop.acme.test"});
    EXPECT_THAT(refused, HasSubstr(version() + "400"));
    EXPECT_THAT(refused, HasSubstr("The request says two different things about what it is for"));
    EXPECT_THAT(curl("/t/umbrella/../acme/me", {"-H", "Host: umbrella.test"}),
                HasSubstr(version() + "400"));
    EXPECT_THAT(curl("/t/umbrella%2f../me", {"-H", "Host: umbrella.test"}),
                HasSubstr(version() + "404"));
}

} // namespace
} // namespace tenancy_tests
