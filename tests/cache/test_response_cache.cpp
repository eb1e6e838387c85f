#include "cache/cache_clock.hpp"
#include "cache/many_clients.hpp"
#include "support/process.hpp"
#include "support/test_server.hpp"

#include <armature/armature.hpp>
#include <armature/cache/response_cache.hpp>
#include <armature/client/client.hpp>
#include <armature/core/http_date.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <string>
#include <thread>

// RFC 9111; the numbers are its sections.
namespace armature {
namespace {

using ::testing::HasSubstr;
using testing::pass;

using Fields = std::vector<std::pair<std::string, std::string>>;

ResponseCacheOptions test_options() {
    ResponseCacheOptions options;
    options.cache = Cache{testing::with_test_clock()};
    options.clock = []() noexcept -> std::int64_t { return testing::cache_now.load(); };
    return options;
}

/// An application whose only page answers as a test says, and counts how often it is asked.
class Site {
  public:
    explicit Site(ResponseCacheOptions options = test_options())
        : app_(App::create()
                   .wrap(ResponseCache{std::move(options)})
                   .route("/page", any([this](Request& request) { return page(request); }))
                   .route("/other", any([this](Request& request) { return page(request); }))
                   .build()) {}

    Status status = Status::ok;
    Fields fields;
    int asked = 0;
    std::string if_none_match;

    Response ask(const Fields& with = {}, Method method = Method::get,
                 std::string_view target = "/page", std::string_view host = "localhost") {
        Request request{method, target};
        request.head().authority = host;
        for (const auto& [name, value] : with)
            request.set_header(name, value);
        return app_.handle(std::move(request));
    }
    /// The number of the answer that was given, as it is in the content.
    std::string text(const Fields& with = {}, std::string_view target = "/page",
                     std::string_view host = "localhost") {
        return std::string{ask(with, Method::get, target, host).body().text()};
    }
    std::string cache_status(const Fields& with = {}) {
        return std::string{ask(with).headers().get("cache-status").value_or("none")};
    }

  private:
    Response page(Request& request) {
        ++asked;
        if_none_match = request.header("if-none-match").value_or("");
        Response response = Response::text(std::to_string(asked)).status(status);
        for (const auto& [name, value] : fields)
            response.headers().append(name, value);
        return response;
    }

    Application app_;
};

std::string http_date(std::int64_t from_now) {
    char text[http_date_size];
    write_http_date(std::time(nullptr) + from_now, text);
    return {text, http_date_size};
}

// §3: whether a second request, one second later, is answered from the cache.
TEST(ResponseCache, KeepsWhatMayBeKept) {
    struct Case {
        std::string what;
        Fields response;
        bool kept;
        Fields request = {};
        Status status = Status::ok;
    };
    const Fields token{{"authorization", "Bearer x"}};
    for (const Case& c : std::vector<Case>{
             {"max-age", {{"cache-control", "max-age=60"}}, true},
             {"s-maxage", {{"cache-control", "s-maxage=60"}}, true},
             {"s-maxage wins", {{"cache-control", "max-age=0, s-maxage=60"}}, true},
             {"s-maxage wins, stale", {{"cache-control", "max-age=60, s-maxage=0"}}, false},
             {"Expires", {{"expires", http_date(60)}}, true},
             {"Expires, over", {{"expires", http_date(-60)}}, false},
             {"Expires: 0", {{"expires", "0"}}, false},
             {"Expires, unreadable", {{"expires", "soon"}}, false},
             {"max-age wins over Expires",
              {{"cache-control", "max-age=60"}, {"expires", http_date(-60)}},
              true},
             {"max-age=0 wins over Expires",
              {{"cache-control", "max-age=0"}, {"expires", http_date(60)}},
              false},
             {"nothing said", {}, false},
             {"only public", {{"cache-control", "public"}}, false},
             {"a guess by Last-Modified", {{"last-modified", http_date(-10'000'000)}}, false},
             {"no-store", {{"cache-control", "no-store, max-age=60"}}, false},
             {"private", {{"cache-control", "private, max-age=60"}}, false},
             {"private=field", {{"cache-control", "private=\"x\", max-age=60"}}, false},
             {"no-cache", {{"cache-control", "no-cache, max-age=60"}}, false},
             {"in another line",
              {{"cache-control", "max-age=60"}, {"cache-control", "no-store"}},
              false},
             {"unreadable", {{"cache-control", "max-age=abc"}}, false},
             {"Set-Cookie", {{"cache-control", "max-age=60"}, {"set-cookie", "a=b"}}, false},
             {"Vary: *", {{"cache-control", "max-age=60"}, {"vary", "*"}}, false},
             {"Vary: a, *", {{"cache-control", "max-age=60"}, {"vary", "a, *"}}, false},
             {"Age", {{"cache-control", "max-age=60"}, {"age", "58"}}, true},
             {"Age, over", {{"cache-control", "max-age=60"}, {"age", "60"}}, false},
             {"Age, of several", {{"cache-control", "max-age=60"}, {"age", "1, 60"}}, true},
             {"Age, unreadable", {{"cache-control", "max-age=60"}, {"age", "old"}}, true},
             {"Age, an unreadable list",
              {{"cache-control", "max-age=60"}, {"age", "old, 0"}},
              false},
             {"404", {{"cache-control", "max-age=60"}}, true, {}, Status::not_found},
             {"301", {{"cache-control", "max-age=60"}}, true, {}, Status::moved_permanently},
             {"500", {{"cache-control", "max-age=60"}}, true, {}, Status::internal_server_error},
             {"206", {{"cache-control", "max-age=60"}}, false, {}, Status::partial_content},
             // §3.5
             {"Authorization", {{"cache-control", "max-age=60"}}, false, token},
             {"Authorization, public", {{"cache-control", "public, max-age=60"}}, true, token},
             {"Authorization, s-maxage", {{"cache-control", "s-maxage=60"}}, true, token},
             {"Authorization, must-revalidate",
              {{"cache-control", "must-revalidate, max-age=60"}},
              true,
              token},
             // §5.2.1
             {"no-store asked",
              {{"cache-control", "max-age=60"}},
              false,
              {{"cache-control", "no-store"}}},
             {"no-cache asked",
              {{"cache-control", "max-age=60"}},
              false,
              {{"cache-control", "no-cache"}}},
             {"Pragma", {{"cache-control", "max-age=60"}}, false, {{"pragma", "no-cache"}}},
             {"Pragma beside Cache-Control",
              {{"cache-control", "max-age=60"}},
              true,
              {{"pragma", "no-cache"}, {"cache-control", "max-age=10"}}},
             {"max-age=0 asked",
              {{"cache-control", "max-age=60"}},
              false,
              {{"cache-control", "max-age=0"}}},
             {"max-age=5 asked",
              {{"cache-control", "max-age=60"}},
              true,
              {{"cache-control", "max-age=5"}}},
             {"min-fresh",
              {{"cache-control", "max-age=60"}},
              true,
              {{"cache-control", "min-fresh=50"}}},
             {"min-fresh, too much",
              {{"cache-control", "max-age=60"}},
              false,
              {{"cache-control", "min-fresh=60"}}},
             {"Range", {{"cache-control", "max-age=60"}}, false, {{"range", "bytes=0-0"}}},
         }) {
        Site site;
        site.fields = c.response;
        site.status = c.status;
        EXPECT_EQ(site.text(c.request), "1") << c.what;
        pass(Duration::seconds(1));
        EXPECT_EQ(site.text(c.request), c.kept ? "1" : "2") << c.what;
        EXPECT_EQ(site.asked, c.kept ? 1 : 2) << c.what;
    }
}

TEST(ResponseCache, FreshnessEndsAndAgeSaysHowOldItIs) {
    Site site;
    site.fields = {{"cache-control", "max-age=60"},
                   {"x-own", "kept"},
                   {"connection", "x-hop"},
                   {"x-hop", "1"}};
    const Response first = site.ask();
    EXPECT_EQ(first.headers().get("age"), std::nullopt);
    EXPECT_EQ(first.headers().get("cache-status"), "armature; fwd=uri-miss; stored");
    pass(Duration::seconds(59));
    const Response second = site.ask();
    EXPECT_EQ(second.body().text(), "1");
    EXPECT_EQ(second.headers().get("age"), "59");
    EXPECT_EQ(second.headers().get("x-own"), "kept");
    EXPECT_EQ(second.headers().get("x-hop"), std::nullopt) << "the connection's alone (§3.1)";
    EXPECT_EQ(second.headers().get("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(second.headers().get("cache-status"), "armature; hit; ttl=1");
    pass(Duration::seconds(1));
    EXPECT_EQ(site.cache_status(), "armature; fwd=uri-miss; stored") << "of no use any more";
    EXPECT_EQ(site.asked, 2);
}

TEST(ResponseCache, AnAgeFromElsewhereIsAdded) {
    Site site;
    site.fields = {{"cache-control", "max-age=60"}, {"age", "30"}};
    static_cast<void>(site.ask());
    pass(Duration::seconds(10));
    EXPECT_EQ(site.ask().headers().get("age"), "40");
    pass(Duration::seconds(20));
    EXPECT_EQ(site.text(), "2");
}

// §4.1
TEST(ResponseCache, RequestsThatDifferInAVaryFieldDoNotShare) {
    Site site;
    site.fields = {{"cache-control", "max-age=60"}, {"vary", "Accept-Language, X-Tenant"}};
    const Fields german{{"accept-language", "de, en"}}, same{{"Accept-Language", "de ,  en"}},
        english{{"accept-language", "en"}},
        tenant{{"accept-language", "de, en"}, {"x-tenant", "a"}};
    EXPECT_EQ(site.text(german), "1");
    EXPECT_EQ(site.text(same), "1") << "spaces make no difference";
    EXPECT_EQ(site.cache_status(english), "armature; fwd=vary-miss; stored");
    EXPECT_EQ(site.text(tenant), "3");
    EXPECT_EQ(site.text(), "4");
    EXPECT_EQ(site.text(german), "1") << "all of them are kept";
    EXPECT_EQ(site.text(english), "2");
    EXPECT_EQ(site.text(tenant), "3");
}

TEST(ResponseCache, UrlsDoNotShare) {
    Site site;
    site.fields = {{"cache-control", "max-age=60"}};
    EXPECT_EQ(site.text({}, "/page"), "1");
    EXPECT_EQ(site.text({}, "/page?a=1"), "2");
    EXPECT_EQ(site.text({}, "/page?a=2"), "3");
    EXPECT_EQ(site.text({}, "/page?a=1"), "2");
    EXPECT_EQ(site.text({}, "/other"), "4");
    EXPECT_EQ(site.text({}, "/page", "other.example"), "5");
    EXPECT_EQ(site.text({}, "/page", "OTHER.example"), "5");
    EXPECT_EQ(site.text({}, "/page"), "1");
}

TEST(ResponseCache, HeadIsAnsweredFromIt) {
    Site site;
    site.fields = {{"cache-control", "max-age=60"}};
    EXPECT_EQ(site.text(), "1");
    const Response head = site.ask({}, Method::head);
    EXPECT_EQ(head.headers().get("age"), "0");
    EXPECT_EQ(head.body().text(), "");
    EXPECT_EQ(site.asked, 1);
    Site other;
    other.fields = site.fields;
    static_cast<void>(other.ask({}, Method::head));
    EXPECT_EQ(other.text(), "2") << "but its own answer isn't kept";
}

// §4.3
TEST(ResponseCache, WhatIsStaleIsValidated) {
    Site site;
    site.fields = {{"cache-control", "max-age=10"}, {"etag", "\"v1\""}, {"x-own", "old"}};
    EXPECT_EQ(site.text(), "1");
    pass(Duration::seconds(10));
    site.status = Status::not_modified;
    site.fields = {{"cache-control", "max-age=20"}, {"etag", "\"v1\""}, {"x-own", "new"}};
    const Response validated = site.ask();
    EXPECT_EQ(site.if_none_match, "\"v1\"");
    EXPECT_EQ(validated.status(), Status::ok);
    EXPECT_EQ(validated.body().text(), "1") << "the content that is kept";
    EXPECT_EQ(validated.headers().get("x-own"), "new") << "with the fields of the 304";
    EXPECT_EQ(validated.headers().get("age"), "0");
    EXPECT_EQ(validated.headers().get("cache-status"),
              "armature; fwd=stale; fwd-status=304; stored");
    pass(Duration::seconds(19));
    EXPECT_EQ(site.text(), "1") << "fresh again";
    EXPECT_EQ(site.asked, 2);

    pass(Duration::seconds(1));
    site.status = Status::ok;
    site.fields = {{"cache-control", "max-age=10"}, {"etag", "\"v2\""}};
    EXPECT_EQ(site.text(), "3") << "another version";
    EXPECT_EQ(site.text(), "3");
}

TEST(ResponseCache, NoCacheMeansValidatingEachTime) {
    Site site;
    site.fields = {{"cache-control", "no-cache"}, {"etag", "\"v1\""}};
    EXPECT_EQ(site.text(), "1");
    site.status = Status::not_modified;
    EXPECT_EQ(site.text(), "1");
    EXPECT_EQ(site.text(), "1");
    EXPECT_EQ(site.asked, 3);
}

TEST(ResponseCache, ClientsConditionsAreAnsweredFromIt) {
    Site site;
    const std::string changed = http_date(-1000);
    site.fields = {{"cache-control", "max-age=60"}, {"etag", "\"v1\""}, {"last-modified", changed}};
    const Response first = site.ask({{"if-none-match", "\"v1\""}});
    EXPECT_EQ(first.status(), Status::not_modified) << "the handler gave all of it";
    EXPECT_EQ(site.if_none_match, "");
    for (const auto& [with, status] : std::vector<std::pair<Fields, Status>>{
             {{{"if-none-match", "\"v1\""}}, Status::not_modified},
             {{{"if-none-match", "\"v0\", W/\"v1\""}}, Status::not_modified},
             {{{"if-none-match", "*"}}, Status::not_modified},
             {{{"if-none-match", "\"v2\""}}, Status::ok},
             {{{"if-modified-since", changed}}, Status::not_modified},
             {{{"if-modified-since", http_date(-2000)}}, Status::ok},
             {{{"if-none-match", "\"v2\""}, {"if-modified-since", changed}}, Status::ok},
         }) {
        const Response response = site.ask(with);
        EXPECT_EQ(response.status(), status) << with[0].first << ": " << with[0].second;
        EXPECT_EQ(response.headers().get("etag"), "\"v1\"");
        EXPECT_EQ(response.body().text(), status == Status::ok ? "1" : "");
    }
    EXPECT_EQ(site.asked, 1);
}

// §4.4
TEST(ResponseCache, UnsafeMethodsInvalidateIfTheySucceed) {
    struct Case {
        Method method;
        Status status;
        bool ends;
    };
    for (const Case& c :
         std::initializer_list<Case>{{Method::post, Status::ok, true},
                                     {Method::put, Status::no_content, true},
                                     {Method::patch, Status::ok, true},
                                     {Method::delete_, Status::see_other, true},
                                     {Method::post, Status::bad_request, false},
                                     {Method::post, Status::internal_server_error, false},
                                     {Method::options, Status::ok, false}}) {
        Site site;
        site.fields = {{"cache-control", "max-age=60"}};
        EXPECT_EQ(site.text(), "1");
        site.status = c.status;
        EXPECT_EQ(site.ask({}, c.method).headers().get("cache-status"), "armature; fwd=method");
        site.status = Status::ok;
        EXPECT_EQ(site.text(), c.ends ? "3" : "1");
    }
}

TEST(ResponseCache, LocationsOfTheSameSiteAreInvalidatedToo) {
    for (const auto& [location, ends] : std::initializer_list<std::pair<const char*, bool>>{
             {"/page", true},
             {"page", true},
             {"http://localhost/page", true},
             {"http://other.example/page", false},
             {"https://localhost/page", false},
             {"http://localhost:81/page", false},
             {"/page?a", false},
         })
        for (const char* field : {"location", "content-location"}) {
            Site site;
            site.fields = {{"cache-control", "max-age=60"}};
            EXPECT_EQ(site.text(), "1");
            site.fields = {{field, location}};
            static_cast<void>(site.ask({}, Method::post, "/other"));
            site.fields = {{"cache-control", "max-age=60"}};
            EXPECT_EQ(site.text(), ends ? "3" : "1") << field << ": " << location;
        }
}

TEST(ResponseCache, StaleOnesAreGivenOnlyWhereThatIsAllowed) {
    struct Case {
        std::string response;
        std::string request;
        bool given;
    };
    for (const Case& c : std::initializer_list<Case>{
             {"max-age=10", "max-stale", true},
             {"max-age=10", "max-stale=5", true},
             {"max-age=10", "max-stale=4", false},
             {"max-age=10, must-revalidate", "max-stale", false},
             {"max-age=10, proxy-revalidate", "max-stale", false},
             {"s-maxage=10", "max-stale", false},
             {"max-age=10", "", false},
         }) {
        Site site;
        site.fields = {{"cache-control", c.response}, {"etag", "\"v\""}};
        EXPECT_EQ(site.text(), "1");
        pass(Duration::seconds(15));
        const Fields with = c.request.empty() ? Fields{} : Fields{{"cache-control", c.request}};
        EXPECT_EQ(site.text(with), c.given ? "1" : "2") << c.response << " / " << c.request;
    }
}

// RFC 5861 §4
TEST(ResponseCache, StaleIfErrorBridgesFailures) {
    struct Case {
        std::string response;
        Status status;
        Status given;
    };
    for (const Case& c : std::initializer_list<Case>{
             {"max-age=10, stale-if-error=60", Status::internal_server_error, Status::ok},
             {"max-age=10, stale-if-error=60", Status::service_unavailable, Status::ok},
             {"max-age=10, stale-if-error=4", Status::service_unavailable,
              Status::service_unavailable},
             {"max-age=10, stale-if-error=60", Status::not_found, Status::not_found},
             {"max-age=10, stale-if-error=60, must-revalidate", Status::bad_gateway,
              Status::bad_gateway},
             {"max-age=10", Status::bad_gateway, Status::bad_gateway},
         }) {
        Site site;
        site.fields = {{"cache-control", c.response}, {"etag", "\"v\""}};
        EXPECT_EQ(site.text(), "1");
        pass(Duration::seconds(15));
        site.status = c.status;
        site.fields = {};
        EXPECT_EQ(site.ask().status(), c.given) << c.response;
    }
}

TEST(ResponseCache, OnlyIfCachedAsksNobody) {
    Site site;
    site.fields = {{"cache-control", "max-age=60"}};
    EXPECT_EQ(site.ask({{"cache-control", "only-if-cached"}}).status(), Status::gateway_timeout);
    EXPECT_EQ(site.asked, 0);
    EXPECT_EQ(site.text(), "1");
    EXPECT_EQ(site.text({{"cache-control", "only-if-cached"}}), "1");
}

TEST(ResponseCache, NeedNotObeyClients) {
    ResponseCacheOptions options = test_options();
    options.obey_requests = false;
    Site site{options};
    site.fields = {{"cache-control", "max-age=60"}};
    for (const char* wish : {"no-cache", "no-store", "max-age=0", "only-if-cached"})
        EXPECT_EQ(site.text({{"cache-control", wish}}), "1") << wish;
    EXPECT_EQ(site.text({{"pragma", "no-cache"}}), "1");
}

TEST(ResponseCache, LargeContentsAndStreamsAreNotKept) {
    ResponseCacheOptions options = test_options();
    options.max_content = 100;
    int asked = 0;
    const Application app =
        App::create()
            .wrap(ResponseCache{options})
            .route("/large", get([&] {
                       ++asked;
                       return Response::text(std::string(101, 'x'))
                           .header("cache-control", "max-age=60");
                   }))
            .route("/stream", get([&] {
                       ++asked;
                       return Response::stream([](BodyWriter& out) { return out.write("piece"); })
                           .header("cache-control", "max-age=60");
                   }))
            .build();
    for (const char* target : {"/large", "/stream"}) {
        asked = 0;
        for (int i = 0; i < 2; ++i)
            EXPECT_NE(app.handle(Request::get(target)).body().text(), "");
        EXPECT_EQ(asked, 2);
    }
}

TEST(ResponseCache, OptionsThatCannotBeRightAreRefused) {
    ResponseCacheOptions options = test_options();
    options.name = "two words";
    EXPECT_THROW(ResponseCache{options}, std::invalid_argument);
    options = test_options();
    options.max_content = 0;
    EXPECT_THROW(ResponseCache{options}, std::invalid_argument);
    options = test_options();
    options.clock = nullptr;
    EXPECT_THROW(ResponseCache{options}, std::invalid_argument);
}

TEST(ResponseCacheOverSockets, IsTheSameOnBothProtocols) {
    std::atomic<int> asked{0};
    testing::TestServer server{App::create()
                                   .wrap(ResponseCache{})
                                   .route("/", get([&] {
                                              return Response::text(std::to_string(++asked))
                                                  .header("cache-control", "max-age=3600")
                                                  .header("etag", "\"v1\"");
                                          }))
                                   .build()};
    const auto curl = [&](const std::string& arguments) {
        return testing::shell("curl -sS -i --max-time 60 " + arguments + " " + server.url("/"))
            .output;
    };
    EXPECT_THAT(curl("--http1.1"), HasSubstr("cache-status: armature; fwd=uri-miss; stored\r\n"));
    for (const char* version : {"--http1.1", "--http2-prior-knowledge"}) {
        EXPECT_THAT(curl(version), HasSubstr("cache-status: armature; hit; ttl="));
        EXPECT_THAT(curl(version), HasSubstr("\r\n\r\n1"));
        EXPECT_THAT(curl(version), HasSubstr("age: "));
        EXPECT_THAT(curl(std::string{version} + " -H 'if-none-match: \"v1\"'"), HasSubstr(" 304"));
        EXPECT_THAT(curl(std::string{version} + " --head"), HasSubstr("content-length: 1\r\n"));
    }
    EXPECT_EQ(asked.load(), 1);
}

TEST(ResponseCacheOverSockets, ManyThatMissAtOnceAskOnce) {
    std::atomic<int> arrived{0}, made{0};
    struct Count {
        std::atomic<int>* arrived;
        void before(Request&) const { ++*arrived; }
    };
    const auto slow = [&]() -> Task<Response> {
        ++made;
        while (arrived.load() < testing::many_clients)
            co_await sleep_for(Duration::milliseconds(1));
        co_return Response::text("made").header("cache-control", "max-age=3600");
    };
    EXPECT_EQ(
        testing::ask_at_once(
            App::create().wrap(Count{&arrived}).wrap(ResponseCache{}).route("/", get(slow)).build(),
            "made"),
        testing::many_clients);
    EXPECT_EQ(made.load(), 1);
}

} // namespace
} // namespace armature
