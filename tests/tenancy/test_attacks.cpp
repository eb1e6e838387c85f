// What somebody tries to be taken for another tenant, each with its answer.
#include "tenancy/tenancy_app.hpp"

#include <armature/middleware/trusted_proxies.hpp>

#include <gtest/gtest.h>

namespace tenancy_tests {
namespace {

struct Attack {
    const char* what;
    const char* target;
    const char* authority;
    Fields fields;
    const char* peer;
    const char* answer;
};

void expect(const Application& app, std::initializer_list<Attack> table) {
    for (const Attack& row : table)
        EXPECT_EQ(ask(app, row.target, row.authority, row.fields, row.peer), row.answer)
            << row.what;
}

constexpr const char* stranger = "192.0.2.1";
constexpr const char* proxy = "10.0.0.1";

TEST(TenancyAttacks, ByHost) {
    const Application app = App::create()
                                .wrap(TrustedProxies{{"10.0.0.0/8"}, {.host = true}})
                                .wrap(Tenancy{tenants(), TenantResolver::host(),
                                              TenantResolver::sub_domain("example.test")})
                                .route("/", get(who))
                                .build();
    expect(
        app,
        {
            {"a port", "/", "shop.acme.test:8443", {}, stranger, "200 acme"},
            {"the root's dot", "/", "shop.acme.test.", {}, stranger, "200 acme"},
            {"dot and port", "/", "shop.acme.test.:80", {}, stranger, "200 acme"},
            {"two dots", "/", "shop.acme.test..", {}, stranger, "404"},
            {"upper case", "/", "SHOP.Acme.TEST", {}, stranger, "200 acme"},
            {"upper case before the domain", "/", "ACME.Example.Test", {}, stranger, "200 acme"},
            {"punycode", "/", "xn--bcher-kva.test", {}, stranger, "200 xn--bcher-kva"},
            {"punycode in upper case",
             "/",
             "XN--Bcher-KVA.example.test",
             {},
             stranger,
             "200 xn--bcher-kva"},
            {"letters beyond ASCII",
             "/",
             "b\xc3\xbc"
             "cher.test",
             {},
             stranger,
             "404"},
            {"a letter that looks the same",
             "/",
             "\xd0\xb0"
             "cme.example.test",
             {},
             stranger,
             "404"},
            {"full-width letters",
             "/",
             "\xef\xbd\x81"
             "cme.example.test",
             {},
             stranger,
             "404"},
            {"percent-encoding", "/", "%61cme.example.test", {}, stranger, "404"},
            {"a label more", "/", "x.acme.example.test", {}, stranger, "404"},
            {"a label more, the tenant first", "/", "acme.x.example.test", {}, stranger, "404"},
            {"the domain within another", "/", "acme.example.test.evil.test", {}, stranger, "404"},
            {"the domain as another's end", "/", "acmeexample.test", {}, stranger, "404"},
            {"no label", "/", ".example.test", {}, stranger, "404"},
            {"no host", "/", "", {}, stranger, "404"},
            {"a NUL", "/", "acme\\0.example.test", {}, stranger, "404"},
            {"an address", "/", "127.0.0.1:80", {}, stranger, "404"},
            {"an IPv6 address", "/", "[::1]:80", {}, stranger, "404"},
            {"userinfo", "/", "acme.example.test:80@umbrella.test", {}, stranger, "200 acme"},
            {"X-Forwarded-Host of a stranger",
             "/",
             "shop.acme.test",
             {{"x-forwarded-host", "umbrella.test"}},
             stranger,
             "200 acme"},
            {"X-Forwarded-Host of a stranger, alone",
             "/",
             "any.test",
             {{"x-forwarded-host", "umbrella.test"}},
             stranger,
             "404"},
            {"Forwarded, which isn't configured",
             "/",
             "shop.acme.test",
             {{"forwarded", "host=umbrella.test"}},
             proxy,
             "200 acme"},
            {"X-Original-Host",
             "/",
             "shop.acme.test",
             {{"x-original-host", "umbrella.test"}},
             proxy,
             "200 acme"},
            {"X-Forwarded-Host of the proxy",
             "/",
             "backend",
             {{"x-forwarded-for", "192.0.2.1"}, {"x-forwarded-host", "umbrella.test"}},
             proxy,
             "200 umbrella"},
            {"what its client wrote stands further left",
             "/",
             "backend",
             {{"x-forwarded-for", "192.0.2.1"},
              {"x-forwarded-host", "umbrella.test, shop.acme.test"}},
             proxy,
             "200 acme"},
            {"X-Forwarded-Host that is no host",
             "/",
             "shop.acme.test",
             {{"x-forwarded-host", "umbrella.test/"}},
             proxy,
             "200 acme"},
        });
    EXPECT_EQ(ask(app, "/", std::string(300, 'a') + ".example.test"), "404") << "a long name";
}

TEST(TenancyAttacks, ByPath) {
    const Application app =
        App::create()
            .service(scope("/t/{tenant}")
                         .wrap(Tenancy{tenants(), TenantResolver::path()})
                         .route("/me", get([](Tenant tenant) { return who(tenant); })))
            .build();
    expect(
        app,
        {
            {"as it is", "/t/acme/me", "any", {}, stranger, "200 acme"},
            {"a letter encoded is that letter", "/t/%61cme/me", "any", {}, stranger, "200 acme"},
            {"encoded twice", "/t/%2561cme/me", "any", {}, stranger, "404"},
            {"upper case", "/t/ACME/me", "any", {}, stranger, "404"},
            {"an encoded slash", "/t/acme%2fme/me", "any", {}, stranger, "404"},
            {"an encoded slash before", "/t/%2facme/me", "any", {}, stranger, "404"},
            {"dot segments are gone before",
             "/t/umbrella/../acme/me",
             "any",
             {},
             stranger,
             "200 acme"},
            {"encoded dot segments too",
             "/t/umbrella/%2e%2e/acme/me",
             "any",
             {},
             stranger,
             "200 acme"},
            {"dots and an encoded slash", "/t/umbrella%2f..%2facme/me", "any", {}, stranger, "404"},
            {"a blank", "/t/acme%20/me", "any", {}, stranger, "404"},
            {"a NUL", "/t/acme%00/me", "any", {}, stranger, "400"},
            {"a line break", "/t/acme%0a/me", "any", {}, stranger, "404"},
            {"a parameter of the segment", "/t/acme;x=1/me", "any", {}, stranger, "404"},
            {"nothing", "/t//me", "any", {}, stranger, "404"},
            {"the query says nothing",
             "/t/acme/me?tenant=umbrella",
             "any",
             {},
             stranger,
             "200 acme"},
        });
}

TEST(TenancyAttacks, ByField) {
    const auto resolver = TenantResolver::header("x-tenant", {"10.0.0.0/8"});
    const Application app =
        App::create().wrap(Tenancy{tenants(), resolver}).route("/", get(who)).build();
    expect(app,
           {
               {"of a stranger", "/", "any", {{"x-tenant", "acme"}}, stranger, "404"},
               {"of the gateway", "/", "any", {{"x-tenant", "acme"}}, proxy, "200 acme"},
               {"of the gateway, by IPv6",
                "/",
                "any",
                {{"x-tenant", "acme"}},
                "::ffff:10.0.0.1",
                "200 acme"},
               {"twice, the same",
                "/",
                "any",
                {{"x-tenant", "acme"}, {"X-Tenant", "acme"}},
                proxy,
                "400"},
               {"twice, another",
                "/",
                "any",
                {{"x-tenant", "acme"}, {"X-TENANT", "umbrella"}},
                proxy,
                "400"},
               {"a list", "/", "any", {{"x-tenant", "acme, umbrella"}}, proxy, "404"},
               {"empty", "/", "any", {{"x-tenant", ""}}, proxy, "400"},
               {"upper case", "/", "any", {{"x-tenant", "ACME"}}, proxy, "404"},
               {"quotes", "/", "any", {{"x-tenant", "\"acme\""}}, proxy, "404"},
               {"an underscore is another field", "/", "any", {{"x_tenant", "acme"}}, proxy, "404"},
           });
    // Behind a proxy that forwards for strangers: what counts is who connects, not who is behind.
    const Application behind = App::create()
                                   .wrap(TrustedProxies{{"172.16.0.0/12"}})
                                   .wrap(Tenancy{tenants(), resolver})
                                   .route("/", get(who))
                                   .build();
    expect(behind, {{"a stranger who says that it is the gateway",
                     "/",
                     "any",
                     {{"x-tenant", "acme"}, {"x-forwarded-for", proxy}},
                     "172.16.0.1",
                     "404"}});
}

TEST(TenancyAttacks, ByToken) {
    const Tenancy by_claim{tenants(), TenantResolver::claim("org")};
    const Application app =
        App::create()
            .service(scope("/alone").guard(&authenticate).guard(by_claim).route("/", get(who)))
            .service(scope("/host")
                         .wrap(Tenancy{tenants(), TenantResolver::host()})
                         .guard(&authenticate)
                         .guard(by_claim)
                         .route("/", get(who)))
            .service(scope("/too-early").wrap(by_claim).guard(&authenticate).route("/", get(who)))
            .build();
    expect(app,
           {
               {"no token", "/alone", "any", {}, stranger, "401"},
               {"no token for a host", "/host", "shop.acme.test", {}, stranger, "401"},
               {"before the guard nobody is known",
                "/too-early",
                "any",
                {{"x-test-claims", R"({"org":"acme"})"}},
                stranger,
                "401"},
               {"of another tenant",
                "/host",
                "shop.acme.test",
                {{"x-test-claims", R"({"org":"umbrella"})"}},
                stranger,
                "403"},
               {"of the same",
                "/host",
                "shop.acme.test",
                {{"x-test-claims", R"({"org":"acme"})"}},
                stranger,
                "200 acme"},
               {"of others",
                "/host",
                "shop.acme.test",
                {{"x-test-claims", R"({"org":["umbrella","xn--bcher-kva"]})"}},
                stranger,
                "403"},
               {"of several, which says nothing alone",
                "/alone",
                "any",
                {{"x-test-claims", R"({"org":["umbrella","acme"]})"}},
                stranger,
                "404"},
               {"of none", "/alone", "any", {{"x-test-claims", "{}"}}, stranger, "403"},
               {"of an empty list",
                "/host",
                "shop.acme.test",
                {{"x-test-claims", R"({"org":[]})"}},
                stranger,
                "403"},
               {"a number", "/alone", "any", {{"x-test-claims", R"({"org":7})"}}, stranger, "403"},
               {"null",
                "/host",
                "shop.acme.test",
                {{"x-test-claims", R"({"org":null})"}},
                stranger,
                "403"},
               {"an object",
                "/alone",
                "any",
                {{"x-test-claims", R"({"org":{"acme":1}})"}},
                stranger,
                "403"},
               {"given twice",
                "/alone",
                "any",
                {{"x-test-claims", R"({"org":"acme","org":"umbrella"})"}},
                stranger,
                "403"},
               {"a tenant that is gone",
                "/alone",
                "any",
                {{"x-test-claims", R"({"org":"gone"})"}},
                stranger,
                "404"},
               {"no claims", "/alone", "any", {{"x-test-claims", "x"}}, stranger, "403"},
           });
}

TEST(TenancyAttacks, ByContradiction) {
    const Application app =
        App::create()
            .wrap(Tenancy{
                tenants(), TenantResolver::host(), TenantResolver::sub_domain("example.test"),
                TenantResolver::header("x-tenant", {"10.0.0.0/8"}), TenantResolver::path()})
            .route("/", get(who))
            .route("/t/{tenant}", get([](Tenant tenant, Path<std::string>) { return who(tenant); }))
            .service(scope("/inner/{tenant}")
                         .wrap(Tenancy{tenants(), TenantResolver::path()})
                         .route("/", get([](Tenant tenant) { return who(tenant); })))
            .build();
    expect(app,
           {
               {"host and field agree",
                "/",
                "shop.acme.test",
                {{"x-tenant", "acme"}},
                proxy,
                "200 acme"},
               {"host and field don't",
                "/",
                "shop.acme.test",
                {{"x-tenant", "umbrella"}},
                proxy,
                "400"},
               {"the field of a stranger says nothing",
                "/",
                "shop.acme.test",
                {{"x-tenant", "umbrella"}},
                stranger,
                "200 acme"},
               {"host and path don't", "/t/umbrella", "shop.acme.test", {}, stranger, "400"},
               {"host and path agree", "/t/acme", "acme.example.test", {}, stranger, "200 acme"},
               {"path and field don't", "/t/umbrella", "any", {{"x-tenant", "acme"}}, proxy, "400"},
               {"one of them names nobody", "/t/nobody", "shop.acme.test", {}, stranger, "404"},
               {"the inner one doesn't", "/inner/umbrella", "shop.acme.test", {}, stranger, "400"},
           });
}

} // namespace
} // namespace tenancy_tests
