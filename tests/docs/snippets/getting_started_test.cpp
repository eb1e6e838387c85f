// The C++ of docs/getting-started.md: compiled and run here, repeated there.
#include <armature/armature.hpp>

#include <gtest/gtest.h>

namespace getting_started {

using namespace armature;

// [greet]
App greeter() {
    return App::create()
        .route("/", get([] { return "Hello, World!"; }))
        .route("/hello/{name}",
               get([](Path<std::string> name) { return "Hello, " + *name + "!"; }));
}
// [/greet]

// [json]
struct Order {
    std::string item;
    unsigned count = 1;
};
ARMATURE_DESCRIBE(Order, (item, min_length(1)), (count, min(1), max(100)));

struct Receipt {
    std::string item;
    double total;
};
ARMATURE_DESCRIBE(Receipt, item, total);

Receipt place_order(Json<Order> order) { return {order->item, order->count * 2.5}; }

App shop() { return App::create().route("/orders", post(place_order)); }
// [/json]

// [test]
TEST(Shop, ChargesForEachItem) {
    const Application app = shop().build();

    const Response response =
        app.handle(Request::post("/orders", R"({"item":"tea","count":2})", "application/json"));

    EXPECT_EQ(response.status(), Status::ok);
    EXPECT_EQ(response.body().text(), R"({"item":"tea","total":5})");
}
// [/test]

TEST(GettingStartedPage, Greets) {
    const Application app = greeter().build();
    EXPECT_EQ(app.handle(Request::get("/")).body().text(), "Hello, World!");
    EXPECT_EQ(app.handle(Request::get("/hello/Ada%20L")).body().text(), "Hello, Ada L!");
}

TEST(GettingStartedPage, ListsAllFaultsOfAnOrder) {
    const Application app = shop().build();
    const Response refused =
        app.handle(Request::post("/orders", R"({"item":"","count":0})", "application/json"));
    EXPECT_EQ(refused.status(), Status::unprocessable_content);
    EXPECT_EQ(refused.body().text(),
              R"({"type":"about:blank","title":"Unprocessable Content","status":422,)"
              R"("detail":"The content breaks the rules of this operation",)"
              R"("errors":[{"pointer":"/item","detail":"must have at least 1 character"},)"
              R"({"pointer":"/count","detail":"must be at least 1"}]})");
}

} // namespace getting_started
