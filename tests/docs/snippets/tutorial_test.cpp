// The C++ of docs/tutorial.md, compiled and run here, repeated there. tests/cli/test_tutorial.py
// sees to it that it is what `armature generate` writes.
#include <armature/app/controller.hpp>
#include <armature/app/page.hpp>
#include <armature/app/patch.hpp>
#include <armature/armature.hpp>
#include <armature/core/decimal.hpp>
#include <armature/db/repository.hpp>
#include <armature/di/di.hpp>
#include <armature/testing/client.hpp>

#include <gtest/gtest.h>

namespace shop {

// [product]
struct Product {
    std::int64_t id = 0;
    std::string name;
    armature::Decimal price;
};
ARMATURE_DESCRIBE(Product, (id, read_only), (name, min_length(1), max_length(255)), price);
ARMATURE_MODEL(Product, "products");
// [/product]

struct ProductCursor {
    std::optional<std::int64_t> cursor;
    std::uint64_t limit = 20;
};
ARMATURE_DESCRIBE(ProductCursor, cursor, (limit, min(1), max(100), defaulted));

class ProductController {
    ARMATURE_CONTROLLER(ProductController, "/products", .tags = {"products"});

  public:
    explicit ProductController(armature::db::Repository<Product>& products) : products_(products) {}

    ARMATURE_GET("/", list, .summary = "A page of them, the oldest first");
    armature::Task<armature::CursorPage<Product>> list(armature::Query<ProductCursor> page);

    ARMATURE_PATCH("/{id}", patch, .summary = "Changes what is given of one");
    armature::Task<Product> patch(armature::Path<std::int64_t> id, armature::Patch<Product> patch);

    ARMATURE_END_CONTROLLER();

  private:
    armature::db::Repository<Product>& products_;
};

// [list]
armature::Task<armature::CursorPage<Product>>
ProductController::list(armature::Query<ProductCursor> page) {
    auto query = products_.query();
    if (page->cursor) query.where(armature::db::column(&Product::id) > *page->cursor);
    query.order_by(&Product::id).limit(page->limit + 1); // one more says whether a page follows
    std::vector<Product> items = co_await query.all();
    std::optional<std::string> next;
    if (items.size() > page->limit) {
        items.pop_back();
        next = std::to_string(items.back().id);
    }
    co_return armature::CursorPage<Product>{std::move(items), std::move(next)};
}
// [/list]

// [patch]
armature::Task<Product> ProductController::patch(armature::Path<std::int64_t> id,
                                                 armature::Patch<Product> patch) {
    const Product original = co_await products_.get(*id); // or 404
    Product changed = patch.applied_to(original);
    changed = co_await products_.update(std::move(changed), original);
    co_return changed;
}
// [/patch]

TEST(TutorialPage, ShowsCodeThatWorks) {
    using namespace armature;
    const auto database = std::make_shared<db::Database>("sqlite::memory:");
    TestClient client{App::create()
                          .provide_value(database)
                          .provide<db::Repository<Product>>()
                          .route("/fill", post([](Inject<db::Database> into) -> Task<> {
                                     co_await into->execute(
                                         "CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT "
                                         "NOT NULL, price TEXT NOT NULL)");
                                     co_await into->execute(
                                         "INSERT INTO products (name, price) VALUES "
                                         "('Lamp', '12.50'), ('Chair', '40')");
                                 }))
                          .controller<ProductController>()};
    ASSERT_EQ(client.post("/fill").send().status(), Status::no_content);
    const TestResponse page = client.get("/products?limit=1").send();
    EXPECT_EQ(page.text(), R"([{"id":1,"name":"Lamp","price":"12.50"}])");
    EXPECT_NE(page.header("link").value_or("").find("cursor=1"), std::string_view::npos);
    const auto patched = [&](std::string_view text) {
        return client.patch("/products/2")
            .body("application/merge-patch+json", std::string{text})
            .send();
    };
    EXPECT_EQ(patched(R"({"price":"39"})").text(), R"({"id":2,"name":"Chair","price":"39"})");
    EXPECT_EQ(patched(R"({"name":""})").status(), Status::unprocessable_content);
}

} // namespace shop
