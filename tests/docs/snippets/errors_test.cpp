// The C++ of docs/errors.md: compiled and run here, repeated there.
#include <armature/armature.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace errors {

using namespace armature;

std::string_view text_of(const Response& response) { return response.body().text(); }

struct Account {
    std::string owner;
    int balance;
};
ARMATURE_DESCRIBE(Account, owner, balance);

// [throw]
Account withdraw(Path<int> amount) {
    Account account{"Ada", 100};
    if (*amount > account.balance)
        throw Error::conflict("The balance is " + std::to_string(account.balance))
            .type("https://example.com/problems/not-enough-money")
            .title("Not enough money");
    account.balance -= *amount;
    return account;
}
// [/throw]

// [result]
Result<Account> find_account(std::string_view owner) {
    if (owner != "Ada") return Error::not_found("There is no account of that owner");
    return Account{"Ada", 100};
}

Result<Account> show(Path<std::string> owner) { return find_account(*owner); }

int balance_of(std::string_view owner) { return find_account(owner).value().balance; }
// [/result]

TEST(ErrorsPage, AreThrownOrReturned) {
    const Application app = App::create()
                                .route("/withdraw/{amount}", post(withdraw))
                                .route("/accounts/{owner}", get(show))
                                .build();
    const Response refused = app.handle(Request{Method::post, "/withdraw/500"});
    EXPECT_EQ(refused.status(), Status::conflict);
    EXPECT_EQ(refused.headers().get(Field::content_type), "application/problem+json");
    EXPECT_EQ(text_of(refused),
              R"({"type":"https://example.com/problems/not-enough-money",)"
              R"("title":"Not enough money","status":409,"detail":"The balance is 100"})");
    EXPECT_EQ(text_of(app.handle(Request::get("/accounts/Eve"))),
              R"({"type":"about:blank","title":"Not Found","status":404,)"
              R"("detail":"There is no account of that owner"})");
    EXPECT_EQ(balance_of("Ada"), 100);
    EXPECT_THROW(balance_of("Eve"), Error);
}

// [items]
void check_dates(std::string_view from, std::string_view to) {
    Error error = Error::unprocessable("The dates don't fit");
    if (from.empty()) error.add("/from", "is missing");
    if (to < from) error.add("/to", "must not be before /from");
    if (!error.items().empty()) throw error;
}
// [/items]

// [mappers]
struct DatabaseTimeout : std::runtime_error {
    using std::runtime_error::runtime_error;
};

App make_app() {
    return App::create()
        .on_error([](const DatabaseTimeout&) {
            return Response::problem(Status::service_unavailable, "Try again in a minute")
                .header("retry-after", "60");
        })
        .route("/slow", get([]() -> std::string { throw DatabaseTimeout{"db7: 3 s"}; }))
        .route("/bug", get([]() -> std::string { throw std::runtime_error{"db7: password"}; }));
}
// [/mappers]

TEST(ErrorsPage, MappersGiveExceptionsTheirAnswer) {
    const Application app = make_app().build();
    const Response slow = app.handle(Request::get("/slow"));
    EXPECT_EQ(slow.status(), Status::service_unavailable);
    EXPECT_EQ(slow.headers().get(Field::retry_after), "60");
    EXPECT_EQ(text_of(app.handle(Request::get("/bug"))),
              R"({"type":"about:blank","title":"Internal Server Error","status":500})");
}

TEST(ErrorsPage, DevelopmentShowsDetails) {
    // [development]
    const Application app = make_app().development().build();
    // [/development]
    EXPECT_EQ(text_of(app.handle(Request::get("/bug"))),
              R"({"type":"about:blank","title":"Internal Server Error","status":500,)"
              R"("detail":"db7: password"})");
}

// [renderer]
App website() {
    return App::create()
        .on_error([](const Error& error) {
            Response page = Response::html("<h1>" + std::string{error.title()} + "</h1>");
            page.status(error.status());
            return page;
        })
        .route("/", get([] { return "home"; }));
}
// [/renderer]

TEST(ErrorsPage, OneMapperRendersAllErrors) {
    const Application app = website().build();
    const Response missing = app.handle(Request::get("/x"));
    EXPECT_EQ(missing.status(), Status::not_found);
    EXPECT_EQ(text_of(missing), "<h1>Not Found</h1>");
    EXPECT_EQ(app.handle(Request{Method::post, "/"}).headers().get(Field::allow),
              "GET, HEAD, OPTIONS");
}

TEST(ErrorsPage, OneMapperRendersWhatOthersReturnAndWhatNobodyMaps) {
    const Application app =
        App::create()
            .on_error([](const DatabaseTimeout&) { return Error::unavailable("try later"); })
            .on_error([](const Error& error) {
                return Response::text("<" + std::string{error.detail()} + ">")
                    .status(error.status());
            })
            .route("/slow", get([]() -> std::string { throw DatabaseTimeout{"x"}; }))
            .route("/bug", get([]() -> std::string { throw std::runtime_error{"secret"}; }))
            .build();
    EXPECT_EQ(text_of(app.handle(Request::get("/slow"))), "<try later>");
    EXPECT_EQ(text_of(app.handle(Request::get("/bug"))), "<>");
}

TEST(ErrorsPage, ListsAllItems) {
    const Application app = App::create()
                                .route("/", get([] {
                                           check_dates("", "");
                                           return "";
                                       }))
                                .build();
    EXPECT_EQ(
        text_of(app.handle(Request::get("/"))),
        R"({"type":"about:blank","title":"Unprocessable Content","status":422,)"
        R"("detail":"The dates don't fit","errors":[{"pointer":"/from","detail":"is missing"}]})");
}

} // namespace errors
