#include "tenancy/tenancy_app.hpp"

#include <armature/middleware/rate_limit.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenancy_tests {
namespace {

TEST(Tenancy, FindsTheTenantByItsHost) {
    const Application app =
        App::create().wrap(Tenancy{tenants(), TenantResolver::host()}).route("/", get(who)).build();
    EXPECT_EQ(ask(app, "/", "shop.acme.test"), "200 acme");
    EXPECT_EQ(ask(app, "/", "umbrella.test:8080"), "200 umbrella");
    EXPECT_EQ(ask(app, "/", "example.test"), "404");
}

TEST(Tenancy, FindsTheTenantBySubDomain) {
    const Application app =
        App::create()
            .wrap(Tenancy{tenants(), TenantResolver::sub_domain("Example.test")})
            .route("/", get(who))
            .build();
    EXPECT_EQ(ask(app, "/", "acme.example.test"), "200 acme");
    EXPECT_EQ(ask(app, "/", "umbrella.example.test"), "200 umbrella");
    EXPECT_EQ(ask(app, "/", "example.test"), "404");
}

TEST(Tenancy, FindsTheTenantInThePath) {
    const Application app =
        App::create()
            .service(
                scope("/t/{tenant}")
                    .wrap(Tenancy{tenants(), TenantResolver::path()})
                    .route("/", get([](Tenant tenant, Path<std::string>) { return who(tenant); }))
                    .route("/users/{id}",
                           get([](Tenant tenant, Path<int, "id">) { return who(tenant); })))
            .build();
    EXPECT_EQ(ask(app, "/t/acme", "any"), "200 acme");
    EXPECT_EQ(ask(app, "/t/umbrella/users/7", "any"), "200 umbrella");
    EXPECT_EQ(ask(app, "/t/nobody/users/7", "any"), "404");
}

TEST(Tenancy, BelievesAFieldOfConfiguredPeers) {
    const Application app =
        App::create()
            .wrap(Tenancy{tenants(), TenantResolver::header("x-tenant", {"10.0.0.0/8"})})
            .route("/", get(who))
            .build();
    EXPECT_EQ(ask(app, "/", "any", {{"X-Tenant", "acme"}}, "10.1.2.3"), "200 acme");
    EXPECT_EQ(ask(app, "/", "any", {}, "10.1.2.3"), "404");
}

TEST(Tenancy, FindsTheTenantInATokensClaim) {
    const Application app =
        App::create()
            .service(scope("/by-claim")
                         .guard(&authenticate)
                         .guard(Tenancy{tenants(), TenantResolver::claim("org")})
                         .route("/", get(who)))
            .service(scope("/by-both")
                         .wrap(Tenancy{tenants(), TenantResolver::host()})
                         .guard(&authenticate)
                         .guard(Tenancy{tenants(), TenantResolver::claim("org")})
                         .route("/", get(who)))
            .build();
    EXPECT_EQ(ask(app, "/by-claim", "any", {{"x-test-claims", R"({"org":"acme"})"}}), "200 acme");
    EXPECT_EQ(ask(app, "/by-claim", "any", {{"x-test-claims", R"({"org":["acme"]})"}}), "200 acme");
    EXPECT_EQ(ask(app, "/by-both", "umbrella.test",
                  {{"x-test-claims", R"({"org":["acme","umbrella"]})"}}),
              "200 umbrella");
}

TEST(Tenancy, GivesHandlersTheTenantsOwnValues) {
    const Application app =
        App::create()
            .wrap(Tenancy{tenants(), TenantResolver::host()})
            .route("/plan",
                   get([](TenantValue<Plan> plan) { return std::to_string(plan->requests); }))
            .build();
    EXPECT_EQ(ask(app, "/plan", "shop.acme.test"), "200 100");
    EXPECT_EQ(ask(app, "/plan", "umbrella.test"), "200 10");
    EXPECT_EQ(ask(app, "/plan", "xn--bcher-kva.test"), "500") << "it has no plan";
}

TEST(Tenancy, AnswersNothingWhereItIsForgotten) {
    const Application app = App::create()
                                .route("/", get(who))
                                .route("/optional", get([](std::optional<Tenant> tenant) {
                                           return tenant ? who(*tenant) : std::string{"nobody"};
                                       }))
                                .build();
    EXPECT_EQ(ask(app, "/", "shop.acme.test"), "500");
    EXPECT_EQ(ask(app, "/optional", "shop.acme.test"), "200 nobody");
}

TEST(Tenants, ChangeWhileRequestsRun) {
    const Tenants all = tenants();
    const Application app =
        App::create().wrap(Tenancy{all, TenantResolver::host()}).route("/", get(who)).build();
    all.put(NewTenant{"globex"}.host("globex.test"));
    EXPECT_EQ(ask(app, "/", "globex.test"), "200 globex");
    all.put(NewTenant{"globex"}.host("www.globex.test"));
    EXPECT_EQ(ask(app, "/", "globex.test"), "404");
    EXPECT_EQ(ask(app, "/", "www.globex.test"), "200 globex");
    EXPECT_TRUE(all.remove("globex"));
    EXPECT_FALSE(all.remove("globex"));
    EXPECT_EQ(ask(app, "/", "www.globex.test"), "404");
}

TEST(Tenants, HaveKeysThatAreNobodyElses) {
    const Tenants all{{NewTenant{"a"}, NewTenant{"a-b"}}};
    EXPECT_EQ(all.find("a")->key("b:c"), "tenant:a:b:c");
    EXPECT_EQ(all.find("a-b")->key("c"), "tenant:a-b:c");
    EXPECT_EQ(all.find("A"), std::nullopt);
}

TEST(Tenants, LimitTheirRequestsApart) {
    const Application app = App::create()
                                .wrap(Tenancy{tenants(), TenantResolver::host()})
                                .wrap(RateLimit{RateLimitPolicy::gcra(2, Duration::seconds(3600))
                                                    .key(RateLimitKey::by(&tenant_id))})
                                .route("/", get(who))
                                .build();
    for (const char* const host : {"shop.acme.test", "umbrella.test"}) {
        EXPECT_THAT(ask(app, "/", host), ::testing::StartsWith("200"));
        EXPECT_THAT(ask(app, "/", host, {}, "198.51.100.9"), ::testing::StartsWith("200"));
        EXPECT_EQ(ask(app, "/", host), "429");
    }
}

TEST(Tenants, RefuseWhatCantBeRight) {
    for (const char* const id : {"", "Acme", "a.b", "a:b", "a_b", "-a", "a-",
                                 "b\xc3\xbc"
                                 "cher"})
        EXPECT_THROW(NewTenant{id}, std::invalid_argument) << id;
    EXPECT_THROW(NewTenant{std::string(64, 'a')}, std::invalid_argument);
    for (const char* const host : {"", "a..b", ".a", "a.", "a:80", "https://a",
                                   "b\xc3\xbc"
                                   "cher.test",
                                   "a_b.test", "[::1]"}) {
        EXPECT_THROW(NewTenant{"a"}.host(host), std::invalid_argument) << host;
        EXPECT_THROW((void)TenantResolver::sub_domain(host), std::invalid_argument) << host;
    }
    EXPECT_THROW((Tenants{{NewTenant{"a"}.host("x.test"), NewTenant{"b"}.host("X.test")}}),
                 std::invalid_argument);
    EXPECT_THROW((void)TenantResolver::header("x-tenant", {}), std::invalid_argument);
    EXPECT_THROW((void)TenantResolver::header("x tenant", {"loopback"}), std::invalid_argument);
    EXPECT_THROW((void)TenantResolver::path(""), std::invalid_argument);
    EXPECT_THROW((void)TenantResolver::claim(""), std::invalid_argument);
}

} // namespace
} // namespace tenancy_tests
