#include "app/support.hpp"

#include <cstdint>
#include <limits>
#include <memory>

namespace armature {

struct NewUser {
    std::string name;
    int age = 0;
};
ARMATURE_DESCRIBE(NewUser, (name, min_length(1)), (age, min(0)));

// Extractors of a user's own: of the head, of the path, of the content, of state.
struct Tenant {
    std::string name;
};
template <>
struct Extract<Tenant> {
    static Tenant from(ExtractInput& input) {
        const auto name = input.request.header("x-tenant");
        if (!name) throw Error::unauthorized("Say who you are");
        return Tenant{std::string{*name}};
    }
};

struct Upper {
    std::string text;
};
template <>
struct Extract<Upper> {
    static constexpr bool is_path = true;
    static Upper from(const ExtractInput& input) {
        std::string text{input.request.params()[input.path_index]};
        for (char& c : text)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        return Upper{std::move(text)};
    }
};

struct Length {
    std::size_t bytes;
};
template <>
struct Extract<Length> {
    static constexpr bool needs_body = true;
    static Length from(const ExtractInput& input) {
        return Length{input.request.body().text().size()};
    }
};

struct Counter {
    int value = 0;
};
struct Ticket {
    int number;
};
template <>
struct Extract<Ticket> {
    using state_type = Counter;
    static Ticket from(const ExtractInput& input) {
        return Ticket{++static_cast<Counter*>(input.state)->value};
    }
};

namespace {

using test::answer;
using test::problem;
using test::serving;

TEST(Path, IsReadAsItsType) {
    EXPECT_EQ(answer(serving("/{id}", [](Path<int> id) { return std::to_string(*id); }), "/-7"),
              "200 -7");
    EXPECT_EQ(answer(serving("/{id}", [](Path<std::uint64_t> id) { return std::to_string(*id); }),
                     "/18446744073709551615"),
              "200 18446744073709551615");
    EXPECT_EQ(answer(serving("/{id}", [](Path<std::string> id) { return *id; }), "/a%20b"),
              "200 a b");
    EXPECT_EQ(answer(serving("/{id}", [](Path<std::string_view> id) { return *id; }), "/abc"),
              "200 abc");
    EXPECT_EQ(answer(serving("/{id}", [](Path<double> id) { return std::to_string(*id); }), "/1.5"),
              "200 1.500000");
    EXPECT_EQ(
        answer(serving("/{id}", [](Path<std::string> id) { return std::to_string(id->size()); }),
               "/four"),
        "200 4");
}

TEST(Path, RefusesWhatIsNotOfItsType) {
    const Application app =
        App::create()
            .route("/int/{id}", get([](Path<int> id) { return std::to_string(*id); }))
            .route("/byte/{id}", get([](Path<std::uint8_t> id) { return std::to_string(*id); }))
            .route("/short/{id}", get([](Path<std::int16_t> id) { return std::to_string(*id); }))
            .route("/real/{id}", get([](Path<double> id) { return std::to_string(*id); }))
            .route("/float/{id}", get([](Path<float> id) { return std::to_string(*id); }))
            .build();
    for (const char* target :
         {"/int/x", "/int/1x", "/int/+1", "/int/%201", "/int/2147483648", "/int/1.5", "/int/0x1",
          "/byte/256", "/byte/-1", "/short/40000", "/short/-40000", "/real/x", "/real/1e999",
          "/real/nan", "/real/inf", "/real/1.5x", "/float/1e300"}) {
        const Response response = app.handle(Request::get(target));
        EXPECT_EQ(response.status(), Status::bad_request) << target;
        problem(response);
    }
    EXPECT_EQ(answer(app, "/byte/255"), "200 255");
    EXPECT_EQ(answer(app, "/short/-32768"), "200 -32768");
    EXPECT_EQ(problem(app.handle(Request::get("/int/x")))["detail"],
              "The path parameter \"id\" of /int/{id} must be an integer between -2147483648 and 2147483647");
}

TEST(Path, IsTakenByPosition) {
    const Application app =
        serving("/{a}/{b}/{c}", [](Path<std::string> a, const Request& request, Path<int> b,
                                   const Path<std::string_view>& c) {
            return *a + std::to_string(*b) + std::string{*c} + std::string{*request.param("b")};
        });
    EXPECT_EQ(answer(app, "/x/2/z"), "200 x2z2");
}

TEST(Path, GivesAnEncodedSlashBack) {
    const Application app = serving("/files/{name}", [](Path<std::string> name) { return *name; });
    EXPECT_EQ(answer(app, "/files/a%2Fb"), "200 a/b");
    EXPECT_EQ(answer(app, "/files/a/b").substr(0, 3), "404");
}

TEST(RequestParameter, IsTheRequestItself) {
    const Application app =
        App::create()
            .route("/a", get([](Request& request) {
                       request.set(3);
                       return std::string{request.query("x").value_or("none")};
                   }))
            .route("/b",
                   get([](const Request& request) { return std::string{request.query_text()}; }))
            .build();
    EXPECT_EQ(answer(app, "/a?x=1"), "200 1");
    EXPECT_EQ(answer(app, "/b?x=1"), "200 x=1");
}

TEST(State, IsTheObjectGivenToTheApplication) {
    const Application app =
        App::create()
            .data(Counter{5})
            .route("/",
                   get([](State<Counter> counter) { return std::to_string(++counter->value); }))
            .route("/ref", get([](const State<Counter>& counter) {
                       return std::to_string((*counter).value);
                   }))
            .route("/late", get([](State<Counter> counter) -> Task<std::string> {
                       co_await yield();
                       co_return std::to_string(counter->value);
                   }))
            .build();
    EXPECT_EQ(answer(app, "/"), "200 6");
    EXPECT_EQ(answer(app, "/"), "200 7");
    EXPECT_EQ(answer(app, "/ref"), "200 7");
    EXPECT_EQ(answer(app, "/late"), "200 7");
}

TEST(State, MayBeSharedWithOthers) {
    const auto counter = std::make_shared<Counter>();
    const Application app =
        App::create()
            .data(counter)
            .route("/", get([](State<Counter> state) { return std::to_string(++state->value); }))
            .build();
    EXPECT_EQ(answer(app, "/"), "200 1");
    EXPECT_EQ(counter->value, 1);
}

TEST(State, OfAnInnerScopeHidesTheOuterOne) {
    const auto show = [](State<Counter> counter) { return std::to_string(counter->value); };
    const Application app =
        App::create()
            .data(Counter{1})
            .data(std::string{"text"})
            .route("/", get(show))
            .service(
                scope("/inner")
                    .data(Counter{2})
                    .route("/", get(show))
                    .service(scope("/innermost")
                                 .data(Counter{3})
                                 .route("/", get(show))
                                 .route("/text", get([](State<std::string> s) { return *s; }))))
            .service(scope("/other").route("/", get(show)))
            .build();
    EXPECT_EQ(answer(app, "/"), "200 1");
    EXPECT_EQ(answer(app, "/inner"), "200 2");
    EXPECT_EQ(answer(app, "/inner/innermost"), "200 3");
    EXPECT_EQ(answer(app, "/inner/innermost/text"), "200 text");
    EXPECT_EQ(answer(app, "/other"), "200 1");
}

Response post(const Application& app, std::string content,
              std::string_view type = "application/json") {
    return app.handle(Request::post("/", std::move(content), type));
}

template <class F>
Application posting(F handler) {
    return App::create().route("/", armature::post(std::move(handler))).build();
}

TEST(Bytes, AreTheContentAsItWasSent) {
    const Application app = posting([](Bytes bytes) { return "got " + std::string{bytes.view()}; });
    EXPECT_EQ(answer(post(app, std::string("a\0b", 3), "x/y")),
              "200 got " + std::string("a\0b", 3));
    EXPECT_EQ(answer(post(app, "")), "200 got ");
}

TEST(Json, IsReadByValueAndByReference) {
    const std::string content = R"({"name":"ann","age":3})";
    const auto text = [](const NewUser& user) { return user.name + std::to_string(user.age); };
    EXPECT_EQ(answer(post(posting([text](Json<NewUser> user) { return text(*user); }), content)),
              "200 ann3");
    EXPECT_EQ(
        answer(post(posting([text](const Json<NewUser>& user) { return text(*user); }), content)),
        "200 ann3");
    EXPECT_EQ(answer(post(posting([text](Json<NewUser> user) -> Task<std::string> {
                              co_await yield();
                              co_return text(*user);
                          }),
                          content)),
              "200 ann3");
    EXPECT_EQ(answer(post(posting([text](const Json<NewUser>& user) -> Task<std::string> {
                              co_await yield();
                              co_return text(*user);
                          }),
                          content)),
              "200 ann3");
    EXPECT_EQ(answer(post(
                  posting([](Json<std::vector<int>> list) { return std::to_string(list->size()); }),
                  "[1,2,3]")),
              "200 3");
}

TEST(Json, MustBeDeclaredAsJson) {
    const Application app = posting([](Json<NewUser> user) { return user->name; });
    const std::string content = R"({"name":"ann","age":3})";
    for (const char* type : {"application/json", "application/json; charset=utf-8",
                             "APPLICATION/JSON", "application/vnd.api+json", "application/json ;x"})
        EXPECT_EQ(post(app, content, type).status(), Status::ok) << type;
    for (const char* type : {"text/plain", "application/jsonp", "", "+json", "text/json-ish"})
        EXPECT_EQ(post(app, content, type).status(), Status::unsupported_media_type) << type;
}

TEST(Json, ThatIsNoneIsAProblemWithItsPlace) {
    const Response response =
        post(posting([](Json<NewUser> user) { return user->name; }), "{\"name\": \n oops}");
    EXPECT_EQ(response.status(), Status::bad_request);
    const std::string detail = problem(response)["detail"];
    EXPECT_NE(detail.find("line 2"), std::string::npos) << detail;
}

TEST(Json, TellsEveryFaultAtOnce) {
    const Response response =
        post(posting([](Json<NewUser> user) { return user->name; }), R"({"name":"","age":-1})");
    EXPECT_EQ(response.status(), Status::unprocessable_content);
    const auto errors = problem(response)["errors"];
    ASSERT_EQ(errors.size(), 2u);
    EXPECT_EQ(errors[0]["pointer"], "/name");
    EXPECT_EQ(errors[1]["pointer"], "/age");
}

TEST(Extract, TellsTheFirstFaultFromTheLeft) {
    const Application app =
        App::create()
            .route("/{id}", armature::post([](Path<int> id, Json<NewUser> user) {
                       return std::to_string(*id) + user->name;
                   }))
            .route("/2/{id}", armature::post([](Json<NewUser> user, Path<int> id) {
                       return std::to_string(*id) + user->name;
                   }))
            .build();
    EXPECT_EQ(app.handle(Request::post("/x", "{", "text/plain")).status(), Status::bad_request);
    EXPECT_EQ(app.handle(Request::post("/2/x", "{", "text/plain")).status(),
              Status::unsupported_media_type);
}

TEST(Extract, MayBeSpecialised) {
    const Application app =
        App::create()
            .data(Counter{})
            .route("/tenant", get([](Tenant tenant) { return tenant.name; }))
            .route("/upper/{a}/{b}", get([](Upper a, const Upper& b) { return a.text + b.text; }))
            .route("/length",
                   armature::post([](Length length) { return std::to_string(length.bytes); }))
            .route("/ticket", get([](Ticket first, Ticket second) {
                       return std::to_string(first.number * 10 + second.number);
                   }))
            .build();
    EXPECT_EQ(answer(app.handle(Request::get("/tenant").set_header("x-tenant", "acme"))),
              "200 acme");
    EXPECT_EQ(app.handle(Request::get("/tenant")).status(), Status::unauthorized);
    EXPECT_EQ(answer(app, "/upper/ab/cd"), "200 ABCD");
    EXPECT_EQ(answer(app.handle(Request::post("/length", "12345", "x/y"))), "200 5");
    EXPECT_EQ(answer(app, "/ticket"), "200 12");
}

TEST(Extract, TakesAllParametersTogether) {
    const Application app =
        App::create()
            .data(Counter{4})
            .route("/{a}/{b}",
                   armature::post([](Request& request, Path<int> a, State<Counter> state,
                                     Json<NewUser> user, Path<std::string_view> b,
                                     const Tenant& tenant) -> Task<std::string> {
                       co_await yield();
                       co_return std::string{request.route()} + ' ' + std::to_string(*a) + ' ' +
                           std::to_string(state->value) + ' ' + user->name + ' ' + std::string{*b} +
                           ' ' + tenant.name;
                   }))
            .build();
    EXPECT_EQ(
        answer(app.handle(Request::post("/1/two", R"({"name":"n","age":1})", "application/json")
                              .set_header("x-tenant", "t"))),
        "200 /{a}/{b} 1 4 n two t");
}

} // namespace
} // namespace armature
