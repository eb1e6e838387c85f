#include <armature/routing/router.hpp>

#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace armature {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// GET routes, numbered from 0 in the order given.
Router get_routes(const std::vector<std::string>& patterns,
                  TrailingSlash trailing_slash = TrailingSlash::strict) {
    RouterBuilder builder;
    EndpointId next = 0;
    for (const std::string& pattern : patterns)
        builder.add(Method::get, pattern, next++);
    return builder.build(trailing_slash);
}

/// "pattern value value…" of the match, or "none".
std::string found(const Router& router, std::string_view path) {
    PathParams params;
    const Router::Leaf* leaf = router.match(path, params);
    if (leaf == nullptr) return "none";
    EXPECT_EQ(params.size(), leaf->param_count()) << path;
    std::string text{leaf->pattern()};
    for (std::size_t i = 0; i < params.size(); ++i)
        text.append(" ").append(params[i]);
    return text;
}

std::vector<std::string> problems_of(RouterBuilder& builder,
                                     TrailingSlash trailing_slash = TrailingSlash::strict) {
    try {
        (void)builder.build(trailing_slash);
    } catch (const RouteTableError& error) {
        return {error.problems().begin(), error.problems().end()};
    }
    return {};
}

TEST(Router, FindsLiteralPaths) {
    const Router router = get_routes({"/", "/users", "/users/all", "/us", "/posts"});
    EXPECT_EQ(found(router, "/"), "/");
    EXPECT_EQ(found(router, "/users"), "/users");
    EXPECT_EQ(found(router, "/users/all"), "/users/all");
    EXPECT_EQ(found(router, "/us"), "/us");
    for (const char* path : {"", "*", "users", "/u", "/user", "/userss", "/users/", "/users/al",
                             "/users/allx", "/Users", "//", "//users", "/posts?x"}) {
        EXPECT_EQ(found(router, path), "none") << path;
    }
}

TEST(Router, AnEmptyTableMatchesNothing) {
    const Router router = RouterBuilder{}.build();
    EXPECT_EQ(found(router, "/"), "none");
    EXPECT_EQ(found(router, ""), "none");
    EXPECT_TRUE(router.routes().empty());
}

TEST(Router, LiteralsLongerThanALabelMatch) {
    const std::string text(1000, 'x');
    const Router router = get_routes({"/" + text, "/" + text + "y", "/" + text + "/:id"});
    EXPECT_EQ(found(router, "/" + text), "/" + text);
    EXPECT_EQ(found(router, "/" + text + "y"), "/" + text + "y");
    EXPECT_EQ(found(router, "/" + text + "/7"), "/" + text + "/:id 7");
    EXPECT_EQ(found(router, "/" + text.substr(1)), "none");
}

TEST(Router, FindsEachOfManySegmentsAtOnePlaceAndTheParameterBesideThem) {
    RouterBuilder builder;
    const auto pattern = [](int i) { return "/api/resource" + std::to_string(i); };
    for (int i = 0; i < 1000; ++i)
        builder.add(Method::get, pattern(i) + (i % 2 == 0 ? "" : "/{id}"),
                    static_cast<EndpointId>(i));
    builder.add(Method::get, "/api/{other}", 1000);
    const Router router = builder.build();
    const auto found = [&](const std::string& path) {
        PathParams params;
        const Router::Leaf* leaf = router.match(path, params);
        return leaf != nullptr ? leaf->resolve(Method::get) : no_endpoint;
    };
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(found(pattern(i) + (i % 2 == 0 ? "" : "/x")), static_cast<EndpointId>(i));
    EXPECT_EQ(found("/api/resource1"), 1000u) << "the literal leads on to /{id} only";
    EXPECT_EQ(found("/api/resource1000"), 1000u);
    EXPECT_EQ(found("/api/"), no_endpoint);
    EXPECT_EQ(found("/api//x"), no_endpoint);
}

TEST(Router, AParameterIsOneSegmentThatIsNotEmpty) {
    const Router router = get_routes({"/users/:id", "/users/{id}/posts/{post}"});
    EXPECT_EQ(found(router, "/users/42"), "/users/:id 42");
    EXPECT_EQ(found(router, "/users/42/posts/7"), "/users/{id}/posts/{post} 42 7");
    EXPECT_EQ(found(router, "/users/"), "none");
    EXPECT_EQ(found(router, "/users/42/"), "none");
    EXPECT_EQ(found(router, "/users//posts/7"), "none");
    EXPECT_EQ(found(router, "/users/42/posts/"), "none");
}

TEST(Router, AnEncodedSlashStaysInsideItsSegment) {
    const Router router = get_routes({"/files/:name"});
    using namespace std::string_literals;
    EXPECT_EQ(found(router, "/files/a\0b"s), "/files/:name a\0b"s);
}

TEST(Router, AWildcardTakesTheRestEvenWhenItIsEmpty) {
    const Router router = get_routes({"/files/*path", "/:user/*rest"});
    EXPECT_EQ(found(router, "/files/a"), "/files/*path a");
    EXPECT_EQ(found(router, "/files/a/b/c"), "/files/*path a/b/c");
    EXPECT_EQ(found(router, "/files/a//b/"), "/files/*path a//b/");
    EXPECT_EQ(found(router, "/files/"), "/files/*path ");
    EXPECT_EQ(found(router, "/files"), "none");
    EXPECT_EQ(found(router, "/ann/x/y"), "/:user/*rest ann x/y");
}

TEST(Router, ConstraintsDecideByTheWholeSegment) {
    const auto accepts = [](const std::string& constraint, std::string_view value) {
        const Router router = get_routes({"/{x:" + constraint + "}"});
        return found(router, "/" + std::string{value}) != "none";
    };
    const auto check = [&](const char* constraint, std::vector<const char*> good,
                           std::vector<const char*> bad) {
        for (const char* value : good)
            EXPECT_TRUE(accepts(constraint, value)) << value;
        for (const char* value : bad)
            EXPECT_FALSE(accepts(constraint, value)) << value;
    };
    check("int", {"0", "-1", "007", "99999999999999999999"}, {"", "-", "+1", "1.5", "a", "1a"});
    check("uint", {"0", "42"}, {"-1", "4x", " 4"});
    check("alpha", {"a", "Zz"}, {"a1", "-", "\xc3\xa9"});
    check("alnum", {"a1", "1"}, {"a_1", "a-1"});
    check("hex", {"ff", "0A9"}, {"0x1", "g"});
    check("uuid", {"123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"},
          {"123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g",
           "123e4567-e89b-12d3-a456-4266141740000"});
    check("regex([a-c]{2}|x)", {"ab", "x"}, {"a", "abc", "xx", "xab"});
}

TEST(Router, PrefersTheMoreSpecificRouteInAnyOrderOfRegistration) {
    const std::vector<std::string> patterns = {
        "/v/fixed",     "/v/{a:uuid}",  "/v/{b:uint}",       "/v/{c:int}", "/v/{d:hex}",
        "/v/{e:alpha}", "/v/{f:alnum}", "/v/{g:regex(.-.)}", "/v/{h}",     "/v/*i"};
    const std::vector<std::string> reversed{patterns.rbegin(), patterns.rend()};
    for (const auto& order : {patterns, reversed}) {
        const Router router = get_routes(order);
        EXPECT_EQ(found(router, "/v/fixed"), "/v/fixed");
        EXPECT_EQ(found(router, "/v/123e4567-e89b-12d3-a456-426614174000"),
                  "/v/{a:uuid} 123e4567-e89b-12d3-a456-426614174000");
        EXPECT_EQ(found(router, "/v/12"), "/v/{b:uint} 12");
        EXPECT_EQ(found(router, "/v/-12"), "/v/{c:int} -12");
        EXPECT_EQ(found(router, "/v/beef"), "/v/{d:hex} beef");
        EXPECT_EQ(found(router, "/v/zoo"), "/v/{e:alpha} zoo");
        EXPECT_EQ(found(router, "/v/zoo1"), "/v/{f:alnum} zoo1");
        EXPECT_EQ(found(router, "/v/x-y"), "/v/{g:regex(.-.)} x-y");
        EXPECT_EQ(found(router, "/v/x_y"), "/v/{h} x_y");
        EXPECT_EQ(found(router, "/v/x/y"), "/v/*i x/y");
        EXPECT_EQ(found(router, "/v/"), "/v/*i ");
    }
}

TEST(Router, TakesBackAChoiceThatLeadsNowhere) {
    const Router router = get_routes(
        {"/users/me/posts", "/users/{id}", "/users/{n:uint}/a", "/users/{id}/b", "/*rest"});
    EXPECT_EQ(found(router, "/users/me/posts"), "/users/me/posts");
    EXPECT_EQ(found(router, "/users/me"), "/users/{id} me");
    EXPECT_EQ(found(router, "/users/7/a"), "/users/{n:uint}/a 7");
    EXPECT_EQ(found(router, "/users/7/b"), "/users/{id}/b 7");
    EXPECT_EQ(found(router, "/users/7/c"), "/*rest users/7/c");
    EXPECT_EQ(found(router, "/users/me/posts/1"), "/*rest users/me/posts/1");
    EXPECT_EQ(found(router, "/"), "/*rest ");
}

TEST(Router, NoPathMakesBacktrackingExponential) {
    // Every mixture of literal and parameter for twelve segments: 4096 ways to the last one. A
    // place in the table is reached in one way only, so the work is bounded by the table's size.
    RouterBuilder builder;
    for (std::uint32_t bits = 0; bits < 4096; ++bits) {
        std::string pattern;
        for (std::uint32_t i = 0; i < 12; ++i) {
            pattern += (bits >> i & 1u) != 0 ? "/a" : "/:p" + std::to_string(i);
        }
        builder.add(Method::get, pattern + "/end", bits);
    }
    const Router router = builder.build();
    std::string path;
    for (int i = 0; i < 12; ++i)
        path += "/a";
    PathParams params;
    EXPECT_EQ(router.match(path + "/end", params)->endpoint(Method::get), 4095u);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(router.match(path + "/no", params), nullptr);
    EXPECT_TRUE(params.empty());
    std::string deep;
    for (int i = 0; i < 5000; ++i)
        deep += "/a";
    EXPECT_EQ(router.match(deep, params), nullptr);
}

TEST(Router, TellsWhatAPathOffersEachMethod) {
    RouterBuilder builder;
    builder.add(Method::get, "/users", 1);
    builder.add(Method::post, "/users", 2);
    builder.add(Method::delete_, "/users/{id}", 3);
    builder.add(Method::head, "/own", 4);
    builder.add(Method::get, "/own", 5);
    const Router router = builder.build();
    PathParams params;

    const Router::Leaf& users = *router.match("/users", params);
    EXPECT_EQ(users.endpoint(Method::get), 1u);
    EXPECT_EQ(users.endpoint(Method::head), no_endpoint);
    EXPECT_EQ(users.resolve(Method::head), 1u);
    EXPECT_EQ(users.resolve(Method::post), 2u);
    EXPECT_EQ(users.resolve(Method::options), no_endpoint);
    EXPECT_EQ(users.route(Method::head)->endpoint, 1u);
    EXPECT_EQ(users.route(Method::put), nullptr);
    EXPECT_FALSE(users.has_any());
    EXPECT_EQ(users.allow(), "GET, HEAD, POST, OPTIONS");

    EXPECT_EQ(router.match("/users/1", params)->allow(), "DELETE, OPTIONS");
    EXPECT_EQ(router.match("/own", params)->resolve(Method::head), 4u);
}

TEST(Router, ARouteForAnyMethodLeavesListedMethodsAlone) {
    RouterBuilder builder;
    builder.add_any("/x", 1);
    builder.add(Method::get, "/x", 2);
    const Router router = builder.build();
    PathParams params;
    const Router::Leaf& leaf = *router.match("/x", params);
    EXPECT_TRUE(leaf.has_any());
    EXPECT_EQ(leaf.resolve(Method::get), 2u);
    EXPECT_EQ(leaf.resolve(Method::head), 2u);
    EXPECT_EQ(leaf.resolve(Method::put), 1u);
    EXPECT_EQ(leaf.resolve(Method::other), 1u);
    EXPECT_EQ(leaf.endpoint(Method::put), no_endpoint);
    EXPECT_EQ(leaf.allow(), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, CONNECT, TRACE");
}

TEST(Router, MethodsOfOnePathMayNameItsParametersDifferently) {
    RouterBuilder builder;
    builder.add(Method::get, "/users/:id", 1);
    builder.add(Method::put, "/users/{user_id}", 2);
    const Router router = builder.build();
    PathParams params;
    const Router::Leaf& leaf = *router.match("/users/7", params);
    EXPECT_EQ(leaf.allow(), "GET, HEAD, PUT, OPTIONS");
    EXPECT_EQ(pattern_param_name(leaf.route(Method::put)->pattern, 0), "user_id");
}

TEST(Router, StrictKeepsPathsWithAndWithoutASlashApart) {
    const Router router = get_routes({"/a", "/a/", "/b", "/c/"});
    EXPECT_EQ(found(router, "/a"), "/a");
    EXPECT_EQ(found(router, "/a/"), "/a/");
    EXPECT_EQ(found(router, "/b/"), "none");
    EXPECT_EQ(found(router, "/c"), "none");
    EXPECT_EQ(router.match_other_slash("/b/"), nullptr);
}

TEST(Router, IgnoreServesBothForms) {
    const Router router =
        get_routes({"/", "/b", "/c/", "/u/:id", "/files/*rest", "/files"}, TrailingSlash::ignore);
    EXPECT_EQ(found(router, "/"), "/");
    EXPECT_EQ(found(router, "/b/"), "/b");
    EXPECT_EQ(found(router, "/c"), "/c/");
    EXPECT_EQ(found(router, "/u/1/"), "/u/:id 1");
    EXPECT_EQ(found(router, "/u/"), "none");
    EXPECT_EQ(found(router, "/b//"), "none");
    EXPECT_EQ(found(router, "/files"), "/files");
    EXPECT_EQ(found(router, "/files/"), "/files");
    EXPECT_EQ(found(router, "/files/x/"), "/files/*rest x/");
    EXPECT_EQ(found(get_routes({"/f/*rest"}, TrailingSlash::ignore), "/f"), "/f/*rest ");
}

TEST(Router, RedirectTellsThatTheOtherFormExists) {
    const Router router =
        get_routes({"/", "/b", "/c/", "/u/:id", "/files/*rest"}, TrailingSlash::redirect);
    const auto other = [&](std::string_view path) {
        EXPECT_EQ(found(router, path), "none") << path;
        const Router::Leaf* leaf = router.match_other_slash(path);
        return leaf != nullptr ? leaf->pattern() : "none";
    };
    EXPECT_EQ(other("/b/"), "/b");
    EXPECT_EQ(other("/c"), "/c/");
    EXPECT_EQ(other("/u/1/"), "/u/:id");
    EXPECT_EQ(other("/files"), "/files/*rest");
    EXPECT_EQ(other("/d"), "none");
    EXPECT_EQ(other(""), "none");
    EXPECT_EQ(other("//"), "none");
    EXPECT_EQ(other("//evil.example/"), "none");
}

TEST(Router, ListsRoutesInTheOrderOfRegistration) {
    RouterBuilder builder;
    builder.add(Method::post, "/b", 7, "create", "b.cpp:3");
    builder.add_any("/a", 8);
    const Router router = builder.build();
    ASSERT_EQ(router.routes().size(), 2u);
    EXPECT_EQ(router.routes()[0].method, Method::post);
    EXPECT_EQ(router.routes()[0].endpoint, 7u);
    EXPECT_EQ(router.routes()[0].name, "create");
    EXPECT_EQ(router.routes()[0].describe(), "POST /b (b.cpp:3)");
    EXPECT_EQ(router.routes()[1].describe(), "any method of /a");
}

TEST(Router, KeepsItsLeavesWhenMoved) {
    Router first = get_routes({"/users/:id"});
    PathParams params;
    const Router::Leaf* leaf = first.match("/users/1", params);
    const Router second = std::move(first);
    EXPECT_EQ(second.match("/users/2", params), leaf);
    EXPECT_EQ(leaf->pattern(), "/users/:id");
}

TEST(Router, MayBeReadFromSeveralThreads) {
    const Router router = get_routes({"/users/:id", "/posts/{day:regex([0-9-]+)}"});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&router] {
            for (int i = 0; i < 500; ++i) {
                EXPECT_EQ(found(router, "/users/1"), "/users/:id 1");
                EXPECT_EQ(found(router, "/posts/2024-01"), "/posts/{day:regex([0-9-]+)} 2024-01");
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
}

TEST(RouterBuilder, ReportsAllProblemsAtOnce) {
    RouterBuilder builder;
    builder.add(Method::get, "/users/:id", 0, {}, "a.cpp:1");
    builder.add(Method::get, "/users/{user}", 1, {}, "b.cpp:2");
    builder.add_any("/x", 2);
    builder.add_any("/x", 3);
    builder.add(Method::get, "nope", 4, {}, "c.cpp:3");
    builder.add(Method::get, "/{x:regex(*)}", 5, {}, "d.cpp:4");
    builder.add(Method::get, "/one", 6, "same");
    builder.add(Method::get, "/two", 7, "same");
    EXPECT_THAT(
        problems_of(builder),
        testing::UnorderedElementsAre(
            "GET /users/:id (a.cpp:1) and GET /users/{user} (b.cpp:2) take the same requests",
            "any method of /x and any method of /x take the same requests",
            "GET nope (c.cpp:3): a pattern starts with '/'",
            AllOf(HasSubstr("GET /{x:regex(*)} (d.cpp:4): "), HasSubstr("*")),
            "GET /one and GET /two have the same name, 'same', for different paths"));
}

TEST(RouterBuilder, NamesEveryProblemInTheMessage) {
    RouterBuilder builder;
    builder.add(Method::get, "a", 0);
    builder.add(Method::get, "b", 1);
    try {
        (void)builder.build();
        FAIL() << "two malformed patterns were accepted";
    } catch (const RouteTableError& error) {
        EXPECT_THAT(error.what(),
                    AllOf(HasSubstr("2 problems"), HasSubstr("GET a: "), HasSubstr("GET b: ")));
    }
}

TEST(RouterBuilder, OnlyTheSameMethodAndShapeConflict) {
    RouterBuilder builder;
    builder.add(Method::get, "/a/{x:int}", 0);
    builder.add(Method::get, "/a/{x:uint}", 1);
    builder.add(Method::get, "/a/{x:regex(a)}", 2);
    builder.add(Method::get, "/a/{y:regex(b)}", 3);
    builder.add(Method::get, "/a/{z}", 4);
    builder.add(Method::get, "/a/{other}/b", 5);
    builder.add(Method::post, "/a/{x:int}", 6);
    builder.add(Method::get, "/a/*x", 7);
    builder.add(Method::get, "/a", 8);
    builder.add(Method::get, "/a/", 9);
    EXPECT_THAT(problems_of(builder), ElementsAre());
}

TEST(RouterBuilder, BothSlashFormsConflictOnlyWhenSlashesAreIgnored) {
    RouterBuilder builder;
    builder.add(Method::get, "/a", 0);
    builder.add(Method::get, "/a/", 1);
    EXPECT_THAT(problems_of(builder, TrailingSlash::ignore),
                ElementsAre("GET /a and GET /a/ take the same requests"));
    builder.add(Method::get, "/a", 0);
    builder.add(Method::get, "/a/", 1);
    EXPECT_THAT(problems_of(builder, TrailingSlash::redirect), ElementsAre());
}

} // namespace
} // namespace armature
