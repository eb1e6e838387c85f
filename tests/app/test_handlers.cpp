#include "app/support.hpp"

#include <memory>
#include <optional>
#include <stdexcept>

namespace armature {

struct User {
    std::string name;
    int age = 0;
};
ARMATURE_DESCRIBE(User, (name, min_length(1)), age);

// A result type of a user's own, and one with the shape of std::expected.
struct Csv {
    std::string text;
};
template <>
struct IntoResponse<Csv> {
    static void into(Csv&& csv, Request&, Response& response) {
        response.set_content("text/csv", Body{std::move(csv.text)});
    }
};

template <class T, class E>
class Expected {
  public:
    Expected(T value) : value_(std::move(value)) {} // NOLINT
    Expected(E error) : error_(std::move(error)) {} // NOLINT
    [[nodiscard]] bool has_value() const { return value_.has_value(); }
    T& operator*() { return *value_; }
    E& error() { return *error_; }

  private:
    std::optional<T> value_;
    std::optional<E> error_;
};
template <class E>
class Expected<void, E> {
  public:
    Expected() = default;
    Expected(E error) : error_(std::move(error)) {} // NOLINT
    [[nodiscard]] bool has_value() const { return !error_; }
    void operator*() const {}
    E& error() { return *error_; }

  private:
    std::optional<E> error_;
};

namespace {

using test::answer;
using test::header;
using test::serving;

template <class F>
std::string content_type(F handler) {
    return header(serving("/", std::move(handler)).handle(Request::get("/")), "content-type");
}

TEST(Handler, MayReturnText) {
    EXPECT_EQ(answer(serving("/", [] { return "literal"; }), "/"), "200 literal");
    EXPECT_EQ(answer(serving("/", [] { return std::string{"string"}; }), "/"), "200 string");
    EXPECT_EQ(answer(serving("/", [] { return std::string_view{"view"}; }), "/"), "200 view");
    EXPECT_EQ(content_type([] { return "x"; }), "text/plain; charset=utf-8");
    EXPECT_EQ(content_type([] { return std::string{"x"}; }), "text/plain; charset=utf-8");
    EXPECT_EQ(content_type([] { return std::string_view{"x"}; }), "text/plain; charset=utf-8");
}

TEST(Handler, MayReturnAViewOfWhatItChangesLater) {
    std::string text = "before";
    const Application app = serving("/", [&text] { return std::string_view{text}; });
    const Response response = app.handle(Request::get("/"));
    text = "after!";
    EXPECT_EQ(response.body().text(), "before");
}

TEST(Handler, MayReturnAStatus) {
    const Response created = serving("/", [] { return Status::created; }).handle(Request::get("/"));
    EXPECT_EQ(answer(created), "201 ");
    EXPECT_EQ(header(created, "content-type"), "(none)");
    const Response gone = serving("/", [] { return Status::gone; }).handle(Request::get("/"));
    EXPECT_EQ(gone.status(), Status::gone);
    EXPECT_EQ(test::problem(gone)["title"], "Gone");
}

TEST(Handler, MayReturnNothing) {
    EXPECT_EQ(answer(serving("/", [] {}), "/"), "204 ");
    EXPECT_EQ(answer(serving("/", []() -> Task<> { co_return; }), "/"), "204 ");
    EXPECT_EQ(answer(serving("/", []() -> Task<> { co_await yield(); }), "/"), "204 ");
}

TEST(Handler, MayReturnAnOptional) {
    const Application app = serving("/{id}", [](Path<int> id) -> std::optional<User> {
        if (*id != 1) return std::nullopt;
        return User{"ann", 30};
    });
    EXPECT_EQ(answer(app, "/1"), R"(200 {"name":"ann","age":30})");
    EXPECT_EQ(app.handle(Request::get("/2")).status(), Status::not_found);
}

TEST(Handler, MayReturnAStatusAndContent) {
    const Response response = serving("/", [] {
                                  return std::pair{Status::created, std::string{"made"}};
                              }).handle(Request::get("/"));
    EXPECT_EQ(answer(response), "201 made");
    EXPECT_EQ(
        answer(serving("/", [] { return std::pair{Status::accepted, Json{User{"a", 1}}}; }), "/"),
        R"(202 {"name":"a","age":1})");
}

TEST(Handler, MayReturnAResult) {
    const Application app = serving("/{id}", [](Path<int> id) -> Result<User> {
        if (*id != 1) return Error::conflict("Not this one");
        return User{"ann", 30};
    });
    EXPECT_EQ(answer(app, "/1"), R"(200 {"name":"ann","age":30})");
    const Response conflict = app.handle(Request::get("/2"));
    EXPECT_EQ(conflict.status(), Status::conflict);
    EXPECT_EQ(test::problem(conflict)["detail"], "Not this one");
}

TEST(Handler, MayReturnWhatLooksLikeExpected) {
    const Application app = serving("/{id}", [](Path<int> id) -> Expected<std::string, Status> {
        if (*id != 1) return Status::forbidden;
        return std::string{"one"};
    });
    EXPECT_EQ(answer(app, "/1"), "200 one");
    EXPECT_EQ(app.handle(Request::get("/2")).status(), Status::forbidden);
    const Application without_value = serving("/{id}", [](Path<int> id) -> Expected<void, Error> {
        if (*id != 1) return Error::forbidden();
        return {};
    });
    EXPECT_EQ(answer(without_value, "/1"), "204 ");
    EXPECT_EQ(without_value.handle(Request::get("/2")).status(), Status::forbidden);
}

TEST(Handler, MayReturnAResponse) {
    const Response response =
        serving("/", [] {
            return Response::text("t").status(Status::accepted).header("a", "b");
        }).handle(Request::get("/"));
    EXPECT_EQ(answer(response), "202 t");
    EXPECT_EQ(header(response, "a"), "b");
}

TEST(Handler, MayReturnABody) {
    EXPECT_EQ(answer(serving("/", [] { return Body::view("raw"); }), "/"), "200 raw");
}

TEST(Handler, MayReturnJson) {
    EXPECT_EQ(answer(serving("/", [] { return Json{User{"a\"b", 1}}; }), "/"),
              R"(200 {"name":"a\"b","age":1})");
    EXPECT_EQ(answer(serving("/", [] { return User{"a", 1}; }), "/"),
              R"(200 {"name":"a","age":1})");
    EXPECT_EQ(answer(serving("/", [] { return std::vector{User{"a", 1}, User{"b", 2}}; }), "/"),
              R"(200 [{"name":"a","age":1},{"name":"b","age":2}])");
    EXPECT_EQ(answer(serving("/", [] { return Json{std::vector{1, 2}}; }), "/"), "200 [1,2]");
    EXPECT_EQ(content_type([] { return User{"a", 1}; }), "application/json");
    EXPECT_EQ(content_type([] { return Json{1}; }), "application/json");
}

TEST(Handler, MayReturnATypeOfTheUsersOwn) {
    const Response response = serving("/", [] { return Csv{"a,b"}; }).handle(Request::get("/"));
    EXPECT_EQ(answer(response), "200 a,b");
    EXPECT_EQ(header(response, "content-type"), "text/csv");
}

TEST(Handler, MayBeACoroutineOfAnyOfThem) {
    EXPECT_EQ(answer(serving("/", []() -> Task<std::string> { co_return "sync"; }), "/"),
              "200 sync");
    EXPECT_EQ(answer(serving("/",
                             []() -> Task<const char*> {
                                 co_await yield();
                                 co_return "late";
                             }),
                     "/"),
              "200 late");
    EXPECT_EQ(answer(serving("/",
                             []() -> Task<Json<User>> {
                                 co_await sleep_for(Duration::milliseconds(1));
                                 co_return Json{User{"a", 1}};
                             }),
                     "/"),
              R"(200 {"name":"a","age":1})");
    EXPECT_EQ(answer(serving("/",
                             []() -> Task<std::optional<std::string>> {
                                 co_await yield();
                                 co_return std::nullopt;
                             }),
                     "/")
                  .substr(0, 3),
              "404");
    EXPECT_EQ(answer(serving("/",
                             []() -> Task<std::pair<Status, std::string>> {
                                 co_await yield();
                                 co_return std::pair{Status::created, std::string{"made"}};
                             }),
                     "/"),
              "201 made");
    EXPECT_EQ(answer(serving("/",
                             []() -> Task<Result<std::string>> {
                                 co_await yield();
                                 co_return Error::conflict();
                             }),
                     "/")
                  .substr(0, 3),
              "409");
}

TEST(Handler, MayThrowBeforeAndAfterItSuspends) {
    for (const bool waits : {false, true}) {
        const Application app = serving("/", [waits]() -> Task<std::string> {
            if (waits) co_await yield();
            throw Error::forbidden("No");
            co_return "";
        });
        EXPECT_EQ(app.handle(Request::get("/")).status(), Status::forbidden);
    }
    const Application app = serving("/", []() -> std::string { throw Error::forbidden("No"); });
    EXPECT_EQ(app.handle(Request::get("/")).status(), Status::forbidden);
}

TEST(Handler, MayStream) {
    const Application app = serving("/", [] {
        return Response::stream([](BodyWriter& out) -> Task<> {
            for (int i = 0; i < 3; ++i) {
                const std::string piece = std::to_string(i);
                co_await out.write(piece);
                co_await yield();
            }
        });
    });
    EXPECT_EQ(answer(app, "/"), "200 012");
}

// --- what a handler can be ----------------------------------------------------------------------

std::string free_function(Path<int> id) { return "free " + std::to_string(*id); }
std::string no_throw(Path<int> id) noexcept { return "noexcept " + std::to_string(*id); }

struct Functor {
    std::string operator()(const Request& request) const {
        return prefix + std::string{request.path()};
    }
    std::string prefix;
};

TEST(Handler, IsAnyCallable) {
    EXPECT_EQ(answer(serving("/{id}", free_function), "/1"), "200 free 1");
    EXPECT_EQ(answer(serving("/{id}", &no_throw), "/1"), "200 noexcept 1");
    EXPECT_EQ(answer(serving("/x", Functor{"functor "}), "/x"), "200 functor /x");
    EXPECT_EQ(answer(serving("/", []() noexcept { return "n"; }), "/"), "200 n");
}

TEST(Handler, KeepsItsCapturesWhateverTheirSize) {
    const std::string text(100, 'c');
    const auto number = std::make_shared<int>(7);
    struct Large {
        char bytes[500] = {};
    };
    Large large;
    large.bytes[499] = 'L';
    Application first =
        App::create()
            .route("/small", get([number] { return std::to_string(*number); }))
            .route("/text", get([text] { return text; }))
            .route("/large", get([large, text] { return text + large.bytes[499]; }))
            .route("/trivial", get([large] { return std::string{large.bytes[499]}; }))
            .route("/move",
                   get([owned = std::make_unique<int>(3)] { return std::to_string(*owned); }))
            .build();
    const Application app = std::move(first);
    EXPECT_EQ(answer(app, "/small"), "200 7");
    EXPECT_EQ(answer(app, "/text"), "200 " + text);
    EXPECT_EQ(answer(app, "/large"), "200 " + text + "L");
    EXPECT_EQ(answer(app, "/trivial"), "200 L");
    EXPECT_EQ(answer(app, "/move"), "200 3");
    EXPECT_EQ(number.use_count(), 2) << "held once, by the application";
}

TEST(Handler, GoesWithItsApplication) {
    const auto captured = std::make_shared<int>(1);
    {
        const Application app = serving("/", [captured] { return "x"; });
        EXPECT_EQ(captured.use_count(), 2);
    }
    EXPECT_EQ(captured.use_count(), 1);
}

} // namespace
} // namespace armature
