// The C++ of docs/tenants.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/auth/principal.hpp>
// [headers]
#include <armature/tenancy/tenancy.hpp>
// [/headers]
#include <armature/cache/cache.hpp>
#include <armature/middleware/rate_limit.hpp>
#include <armature/store/key_value_store.hpp>

#include <gtest/gtest.h>

namespace tenants_page {

using namespace armature;

// [tenants]
struct Plan {
    bool is_paid = false;
};

Tenants make_tenants() {
    return Tenants{{NewTenant{"acme"}.host("shop.acme.com").with(Plan{true}),
                    NewTenant{"umbrella"}.with(Plan{})}};
}
// [/tenants]

// [app]
App shop(const Tenants& tenants) {
    return App::create()
        .wrap(Tenancy{tenants, TenantResolver::host(), TenantResolver::sub_domain("example.com")})
        .route("/", get([](Tenant tenant, TenantValue<Plan> plan) {
                   return std::string{tenant.id()} + (plan->is_paid ? " pays" : " tries");
               }));
}
// [/app]

void know_ana(Request& request) {
    Principal principal;
    principal.subject = "ana";
    principal.claims = R"({"org":"acme"})";
    request.set(std::move(principal));
}

template <class Guard>
// [claim]
App api(const Tenants& tenants, Guard jwt) {
    return App::create().service(
        scope("/api")
            .wrap(Tenancy{tenants, TenantResolver::sub_domain("example.com")})
            .guard(jwt)
            .guard(Tenancy{tenants, TenantResolver::claim("org")}) // the token has to be of it too
            .route("/me", get([](Tenant tenant) { return std::string{tenant.id()}; })));
}
// [/claim]

// [keys]
struct Carts {
    std::shared_ptr<KeyValueStore> store;
    Cache cache;

    Task<> clear(Tenant tenant, std::string cart) const {
        (void)co_await store->erase(tenant.key("cart/" + cart)); // "tenant:acme:cart/7"
        cache.within(tenant.id()).erase("cart/" + cart);
    }
};
// [/keys]

// [limits]
RateLimit by_plan() {
    const auto costs = [](bool is_paid) {
        return [is_paid](Request& request) -> std::uint32_t {
            const Tenant* const tenant = request.find<Tenant>();
            const Plan* const plan = tenant != nullptr ? tenant->find<Plan>() : nullptr;
            return (plan != nullptr && plan->is_paid) == is_paid ? 1 : 0; // 0: of the other policy
        };
    };
    const RateLimitKey key = RateLimitKey::by(&tenant_id);
    return RateLimit{
        RateLimitPolicy::gcra(1000, Duration::seconds(60)).name("paid").key(key).cost(costs(true)),
        RateLimitPolicy::gcra(2, Duration::seconds(60)).name("trial").key(key).cost(costs(false))};
}
// [/limits]

Response ask(const Application& app, std::string_view target, std::string_view host) {
    Request request = Request::get(target);
    request.head().authority = host;
    return app.handle(std::move(request));
}

TEST(TenantsPage, IsTrue) {
    const Tenants tenants = make_tenants();
    const Application app = shop(tenants).build();
    EXPECT_EQ(ask(app, "/", "shop.acme.com").body().text(), "acme pays");
    EXPECT_EQ(ask(app, "/", "umbrella.example.com").body().text(), "umbrella tries");
    EXPECT_EQ(ask(app, "/", "nobody.example.com").status(), Status::not_found);

    const Application guarded = api(tenants, &know_ana).build();
    EXPECT_EQ(ask(guarded, "/api/me", "acme.example.com").body().text(), "acme");
    EXPECT_EQ(ask(guarded, "/api/me", "umbrella.example.com").status(), Status::forbidden);

    const Carts carts{std::make_shared<MemoryStore>(), Cache{}};
    LocalLoop loop;
    EXPECT_TRUE(loop.run(carts.store->set("tenant:acme:cart/7", "tea")));
    loop.run(carts.clear(*tenants.find("umbrella"), "7"));
    EXPECT_EQ(loop.run(carts.store->get("tenant:acme:cart/7")), "tea");
    loop.run(carts.clear(*tenants.find("acme"), "7"));
    EXPECT_EQ(loop.run(carts.store->get("tenant:acme:cart/7")), std::nullopt);

    const Application limited =
        App::create()
            .wrap(Tenancy{tenants, TenantResolver::sub_domain("example.com")})
            .wrap(by_plan())
            .route("/", get([] { return "ok"; }))
            .build();
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(ask(limited, "/", "acme.example.com").status(), Status::ok);
        EXPECT_EQ(ask(limited, "/", "umbrella.example.com").status(),
                  i < 2 ? Status::ok : Status::too_many_requests);
    }
}

} // namespace tenants_page
