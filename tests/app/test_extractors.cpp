#include "app/support.hpp"

#include <armature/app/form.hpp>
#include <armature/app/header.hpp>
#include <armature/app/query.hpp>

#include <cstdint>
#include <limits>
#include <optional>

namespace armature {

enum class Order { rising, falling };
ARMATURE_DESCRIBE_ENUM(Order, rising, falling);

struct Search {
    std::string q;
    std::optional<int> page;
    std::optional<Order> order;
    std::vector<std::string> tag;
    std::optional<bool> exact;
};
ARMATURE_DESCRIBE(Search, (q, min_length(2)), (page, min(1)), order, (tag, max_items(3)), exact);

struct Limits {
    std::string_view name;
    std::uint8_t small = 0;
    double real = 0;
    std::optional<std::vector<int>> ids;
};
ARMATURE_DESCRIBE(Limits, name, small, real, (ids, min_items(2)));

struct Identity {
    std::string name;
};
struct SignIn {
    void before(Request& request) const {
        if (request.query_text() == "in") request.set(Identity{"ann"});
    }
};

namespace {

using test::answer;
using test::header;
using test::problem;
using test::serving;

std::string text_of(const Search& search) {
    std::string text = "q=" + search.q;
    if (search.page) text += " page=" + std::to_string(*search.page);
    if (search.order) text += " order=" + std::string{enum_name(*search.order)};
    for (const std::string& tag : search.tag)
        text += " tag=" + tag;
    if (search.exact) text += *search.exact ? " exact" : " loose";
    return text;
}

/// "pointer: detail" of each fault.
std::vector<std::string> faults(const Response& response) {
    std::vector<std::string> all;
    const nlohmann::json document = problem(response);
    for (const auto& item : document["errors"])
        all.push_back(item["pointer"].get<std::string>() + ": " +
                      item["detail"].get<std::string>());
    return all;
}

TEST(Path, TakesEverythingThatIsOneText) {
    const Application app =
        App::create()
            .route("/order/{order}",
                   get([](Path<Order> order) { return std::string{enum_name(*order)}; }))
            .route("/flag/{flag}", get([](Path<bool> flag) { return *flag ? "yes" : "no"; }))
            .build();
    EXPECT_EQ(answer(app, "/order/falling"), "200 falling");
    EXPECT_EQ(problem(app.handle(Request::get("/order/up")))["detail"],
              "The path parameter \"order\" of /order/{order} must be one of rising, falling");
    EXPECT_EQ(answer(app, "/flag/true"), "200 yes");
    EXPECT_EQ(answer(app, "/flag/false"), "200 no");
    EXPECT_EQ(app.handle(Request::get("/flag/1")).status(), Status::bad_request);
}

TEST(Path, MayBeTakenByName) {
    const Application app =
        App::create()
            .service(scope("/of/{owner}")
                         .route("/{id}/{part}",
                                get([](Path<int, "part"> part, Path<std::string, "owner"> owner) {
                                    return *owner + std::to_string(*part);
                                })))
            .build();
    EXPECT_EQ(answer(app, "/of/a%2Fb/2/3"), "200 a/b3");
    EXPECT_EQ(problem(app.handle(Request::get("/of/ann/2/x")))["detail"],
              "The path parameter \"part\" of /of/{owner}/{id}/{part} must be an integer between "
              "-2147483648 and 2147483647");
}

TEST(Path, OfANameThatThePatternDoesNotHaveStopsTheBuild) {
    App app = App::create();
    app.route("/{id}", get([](Path<int, "key">) { return "x"; }))
        .default_service([](Path<int, "rest">) { return "x"; });
    try {
        static_cast<void>(app.build());
        FAIL() << "it was built";
    } catch (const BuildError& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("GET /{id} (test_extractors.cpp"), std::string::npos) << text;
        EXPECT_NE(
            text.find("takes Path<T, \"key\">, but the pattern has no parameter of that name"),
            std::string::npos)
            << text;
        EXPECT_NE(text.find("takes Path<T, \"rest\">"), std::string::npos) << text;
    }
}

TEST(Query, IsReadIntoAStruct) {
    const Application app = serving("/", [](Query<Search> search) { return text_of(*search); });
    EXPECT_EQ(answer(app, "/?q=ada"), "200 q=ada");
    EXPECT_EQ(answer(app, "/?q=a+b%26c&page=2&order=falling&tag=x&exact=true&tag=%C3%A4"),
              "200 q=a b&c page=2 order=falling tag=x tag=ä exact");
    EXPECT_EQ(answer(app, "/?tag=1&%71=ada&tag=2&exact=false"), "200 q=ada tag=1 tag=2 loose");
}

TEST(Query, IgnoresWhatItDoesNotKnowAndWhatIsLeftBlank) {
    const Application app = serving("/", [](Query<Search> search) { return text_of(*search); });
    EXPECT_EQ(answer(app, "/?utm=1&q=ada&page=&order=&exact=&Q=x"), "200 q=ada");
    EXPECT_EQ(answer(app, "/?q=ada&tag="), "200 q=ada tag=");
}

TEST(Query, TellsEveryFaultAtOnceWithItsName) {
    const Application app = serving("/", [](Query<Search> search) { return text_of(*search); });
    const Response response =
        app.handle(Request::get("/?q=a&page=0&order=up&exact=1&tag=1&tag=%FF&tag=3&tag=4&q=b"));
    EXPECT_EQ(response.status(), Status::unprocessable_content);
    EXPECT_EQ(faults(response), (std::vector<std::string>{
                                    "order: must be one of rising, falling",
                                    "exact: must be true or false", "tag/1: must be text in UTF-8",
                                    "q: must not be given twice", "page: must be at least 1"}));
    EXPECT_EQ(faults(app.handle(Request::get("/"))), std::vector<std::string>{"q: is required"});
    EXPECT_EQ(faults(app.handle(Request::get("/?q=ada&tag=1&tag=2&tag=3&tag=4"))),
              std::vector<std::string>{"tag: must have at most 3 items"});
}

TEST(Query, ChecksNumbersAgainstTheirType) {
    const Application app = serving("/", [](Query<Limits> limits) {
        return std::string{limits->name} + ' ' + std::to_string(limits->small) + ' ' +
               std::to_string(limits->ids ? limits->ids->size() : 0);
    });
    EXPECT_EQ(answer(app, "/?name=n&small=255&real=-1e3&ids=1&ids=2"), "200 n 255 2");
    EXPECT_EQ(answer(app, "/?name=&small=0&real=0"), "200  0 0");
    EXPECT_EQ(faults(app.handle(Request::get("/?name=n&small=256&real=nan&ids=1&ids=x"))),
              (std::vector<std::string>{"small: must be an integer between 0 and 255",
                                        "real: must be a number",
                                        "ids/1: must be an integer between -2147483648 and "
                                        "2147483647"}));
    EXPECT_EQ(faults(app.handle(Request::get("/?name=n&small=&real=+1&ids=1"))),
              (std::vector<std::string>{"real: must be a number", "small: is required",
                                        "ids: must have at least 2 items"}));
}

TEST(Query, HasALimitedNumberOfParameters) {
    const Application app = serving("/", [](Query<Search> search) { return text_of(*search); });
    std::string many = "/?q=ada";
    for (int i = 1; i < 1000; ++i)
        many += "&x=1";
    EXPECT_EQ(answer(app, many), "200 q=ada");
    EXPECT_EQ(app.handle(Request::get(many + "&x=1")).status(), Status::bad_request);
}

TEST(Query, MayBeOptional) {
    const Application app = serving("/", [](const std::optional<Query<Search>>& search) {
        return search ? text_of(**search) : "none";
    });
    EXPECT_EQ(answer(app, "/"), "200 none");
    EXPECT_EQ(answer(app, "/?"), "200 none");
    EXPECT_EQ(answer(app, "/?q=ada"), "200 q=ada");
    EXPECT_EQ(app.handle(Request::get("/?page=1")).status(), Status::unprocessable_content);
}

TEST(Query, LivesThroughACoroutine) {
    const Application app = serving("/", [](const Query<Limits>& limits) -> Task<std::string> {
        co_await yield();
        co_return std::string{limits->name};
    });
    EXPECT_EQ(answer(app, "/?name=a%20name%20that%20is%20decoded&small=1&real=1"),
              "200 a name that is decoded");
}

template <class F>
Application posting(F handler) {
    return App::create().route("/", post(std::move(handler))).build();
}

TEST(Form, IsReadFromUrlEncodedContent) {
    const Application app = posting([](Form<Search> form) { return text_of(*form); });
    EXPECT_EQ(answer(app.handle(Request::post("/", "q=a+b&page=3&tag=1&tag=2",
                                              "application/x-www-form-urlencoded"))),
              "200 q=a b page=3 tag=1 tag=2");
    EXPECT_EQ(answer(app.handle(
                  Request::post("/", "q=ab", "Application/X-WWW-Form-Urlencoded;charset=UTF-8"))),
              "200 q=ab");
    const Response response =
        app.handle(Request::post("/", "page=0", "application/x-www-form-urlencoded"));
    EXPECT_EQ(response.status(), Status::unprocessable_content);
    EXPECT_EQ(faults(response),
              (std::vector<std::string>{"/q: is required", "/page: must be at least 1"}));
}

TEST(Form, MustBeDeclaredAsAForm) {
    const Application app = posting([](Form<Search> form) { return text_of(*form); });
    for (const char* type : {"text/plain", "application/json", "", "multipart/mixed; boundary=x"})
        EXPECT_EQ(app.handle(Request::post("/", "q=ada", type)).status(),
                  Status::unsupported_media_type)
            << type;
}

TEST(Form, MayBeOptional) {
    const Application app =
        posting([](std::optional<Form<Search>> form) { return form ? text_of(**form) : "none"; });
    EXPECT_EQ(answer(app.handle(Request{Method::post, "/"})), "200 none");
    EXPECT_EQ(answer(app.handle(Request::post("/", "q=ada", "application/x-www-form-urlencoded"))),
              "200 q=ada");
    EXPECT_EQ(app.handle(Request::post("/", "q=ada", "text/plain")).status(),
              Status::unsupported_media_type);
}

TEST(Json, MayBeOptional) {
    const Application app = posting([](std::optional<Json<std::vector<int>>> list) {
        return list ? std::to_string((*list)->size()) : "none";
    });
    EXPECT_EQ(answer(app.handle(Request{Method::post, "/"})), "200 none");
    EXPECT_EQ(answer(app.handle(Request::post("/", "[1]", "application/json"))), "200 1");
    EXPECT_EQ(app.handle(Request::post("/", "[", "application/json")).status(),
              Status::bad_request);
}

TEST(Header, IsReadByName) {
    const Application app =
        App::create()
            .route("/text", get([](Header<"x-tenant"> tenant) { return std::string{*tenant}; }))
            .route("/number",
                   get([](Header<"max-forwards", int> hops) { return std::to_string(*hops); }))
            .route("/maybe", get([](std::optional<Header<"x-order", Order>> o) {
                       return o ? std::string{enum_name(**o)} : "none";
                   }))
            .build();
    EXPECT_EQ(answer(app.handle(Request::get("/text").set_header("X-Tenant", "acme"))), "200 acme");
    EXPECT_EQ(problem(app.handle(Request::get("/text")))["detail"],
              "The header x-tenant is missing");
    EXPECT_EQ(answer(app.handle(Request::get("/number").set_header("Max-Forwards", "10"))),
              "200 10");
    const Response bad = app.handle(Request::get("/number").set_header("max-forwards", "x"));
    EXPECT_EQ(bad.status(), Status::bad_request);
    EXPECT_EQ(problem(bad)["detail"], "The header max-forwards must be an integer between "
                                      "-2147483648 and 2147483647");
    EXPECT_EQ(answer(app, "/maybe"), "200 none");
    EXPECT_EQ(answer(app.handle(Request::get("/maybe").set_header("x-order", "rising"))),
              "200 rising");
    EXPECT_EQ(app.handle(Request::get("/maybe").set_header("x-order", "up")).status(),
              Status::bad_request);
}

TEST(Cookie, IsReadByName) {
    const Application app = App::create()
                                .route("/", get([](Cookie<"id"> id) { return std::string{*id}; }))
                                .route("/number", get([](std::optional<Cookie<"n", unsigned>> n) {
                                           return n ? std::to_string(**n) : "none";
                                       }))
                                .build();
    const auto with = [&](std::string_view target, std::string_view cookies) {
        return app.handle(Request::get(target).set_header("cookie", cookies));
    };
    EXPECT_EQ(answer(with("/", "a=1; id=4711; id=second")), "200 4711");
    EXPECT_EQ(problem(with("/", "ID=1"))["detail"], "The cookie id is missing");
    EXPECT_EQ(answer(app, "/number"), "200 none");
    EXPECT_EQ(answer(with("/number", "n=7")), "200 7");
    EXPECT_EQ(with("/number", "n=-7").status(), Status::bad_request);
}

TEST(BearerToken, IsWhatTheAuthorizationFieldHas) {
    const Application app =
        App::create()
            .route("/", get([](BearerToken token) { return std::string{token.view()}; }))
            .route("/maybe", get([](std::optional<BearerToken> token) {
                       return token ? std::string{token->view()} : "none";
                   }))
            .build();
    const auto with = [&](std::string_view target, std::string_view field) {
        return app.handle(Request::get(target).set_header("authorization", field));
    };
    EXPECT_EQ(answer(with("/", "Bearer mF_9.B5f-4.1JqM")), "200 mF_9.B5f-4.1JqM");
    EXPECT_EQ(answer(with("/", "bearer   a+/~==")), "200 a+/~==");

    const Response absent = app.handle(Request::get("/"));
    EXPECT_EQ(absent.status(), Status::unauthorized);
    EXPECT_EQ(header(absent, "www-authenticate"), "Bearer realm=\"api\"");
    EXPECT_EQ(with("/", "Basic YTpi").status(), Status::unauthorized);
    EXPECT_EQ(with("/", "Bearerish x").status(), Status::unauthorized);

    for (const char* field : {"Bearer", "Bearer ", "Bearer a b", "Bearer ===", "Bearer a=b",
                              "Bearer \"a\"", "Bearer a,b"}) {
        const Response malformed = with("/", field);
        EXPECT_EQ(malformed.status(), Status::bad_request) << field;
        EXPECT_EQ(header(malformed, "www-authenticate"),
                  "Bearer realm=\"api\", error=\"invalid_request\"");
        EXPECT_EQ(with("/maybe", field).status(), Status::bad_request) << field;
    }
    EXPECT_EQ(app.handle(Request::get("/")
                             .set_header("authorization", "Bearer a")
                             .set_header("authorization", "Bearer b"))
                  .status(),
              Status::bad_request)
        << "which of two is meant?";
    EXPECT_EQ(answer(app, "/maybe"), "200 none");
    EXPECT_EQ(answer(with("/maybe", "Basic YTpi")), "200 none");
}

TEST(Extension, IsWhatMiddlewareAttached) {
    const Application app = App::create()
                                .wrap(SignIn{})
                                .route("/", get([](Extension<Identity> who) { return who->name; }))
                                .route("/maybe", get([](std::optional<Extension<Identity>> who) {
                                           return who ? (*who)->name : "nobody";
                                       }))
                                .build();
    EXPECT_EQ(answer(app, "/?in"), "200 ann");
    EXPECT_EQ(answer(app, "/maybe?in"), "200 ann");
    EXPECT_EQ(answer(app, "/maybe"), "200 nobody");
}

TEST(Extension, ThatNobodyAttachedIsTheProgramsFault) {
    const auto handler = [](Extension<Identity> who) { return who->name; };
    const Response hidden = serving("/", handler).handle(Request::get("/"));
    EXPECT_EQ(hidden.status(), Status::internal_server_error);
    EXPECT_FALSE(problem(hidden).contains("detail"));
    const Application app = App::create().development().route("/", get(handler)).build();
    EXPECT_EQ(problem(app.handle(Request::get("/")))["detail"],
              "the handler takes Extension<armature::Identity>, but no middleware of this route "
              "attached one with request.set()");
}

TEST(ClientAddress, IsTheOtherEndOfTheConnection) {
    const Application app = serving("/", [](ClientAddress client) { return client->to_string(); });
    Request request = Request::get("/").set_header("x-forwarded-for", "10.0.0.1");
    const unsigned char bytes[] = {192, 0, 2, 7};
    request.set_peer(PeerAddress{PeerAddress::Family::ipv4, bytes, 4711});
    EXPECT_EQ(answer(app.handle(std::move(request))), "200 192.0.2.7:4711");
}

TEST(BodyStreamParameter, IsTheContentPieceByPiece) {
    const Application app = posting([](BodyStream& content) -> Task<std::string> {
        std::size_t bytes = 0;
        while (const auto piece = co_await content.next())
            bytes += piece->size();
        co_return std::to_string(bytes);
    });
    EXPECT_EQ(answer(app.handle(Request::post("/", "12345", "x/y"))), "200 5");
    EXPECT_EQ(answer(app.handle(Request{Method::post, "/"})), "200 0");
}

} // namespace
} // namespace armature
