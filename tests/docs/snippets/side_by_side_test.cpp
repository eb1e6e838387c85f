// The C++ of docs/side-by-side.md: compiled and run here, repeated there.
#include <armature/app/controller.hpp>
#include <armature/armature.hpp>
#include <armature/di/di.hpp>
#include <armature/testing/client.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace side_by_side {

using namespace armature;

struct Order {
    std::uint64_t id;
    std::string product;
    int count;
};
ARMATURE_DESCRIBE(Order, id, product, count);

struct Orders {
    std::vector<Order> all;
    Order add(std::string product, int count) {
        return all.emplace_back(Order{all.size() + 1, std::move(product), count});
    }
};

// [type]
struct NewOrder {
    std::string product;
    int count = 1;
};
ARMATURE_DESCRIBE(NewOrder, (product, min_length(1), max_length(80)), (count, min(1), defaulted));
// [/type]

class OrderController {
    ARMATURE_CONTROLLER(OrderController, "/orders", .tags = {"orders"});

  public:
    explicit OrderController(Orders& orders) : orders_(orders) {}

    // [method]
    ARMATURE_POST("/", create, .summary = "Orders a product");
    Created<Order> create(Json<NewOrder> order) {
        Order made = orders_.add(order->product, order->count);
        return Created{made, "/orders/" + std::to_string(made.id)};
    }
    // [/method]

    ARMATURE_END_CONTROLLER();

  private:
    Orders& orders_;
};

TEST(SideBySidePage, WorksAsWritten) {
    TestClient client{App::create().provide<Orders>().controller<OrderController>()};
    const TestResponse made = client.post("/orders").json(NewOrder{"tea", 2}).send();
    EXPECT_EQ(made.status(), Status::created);
    EXPECT_EQ(made.header("location"), "/orders/1");
    EXPECT_EQ(made.json<Order>().count, 2);
    EXPECT_EQ(client.post("/orders").json(NewOrder{"", 0}).send().status(),
              Status::unprocessable_content);
}

} // namespace side_by_side
