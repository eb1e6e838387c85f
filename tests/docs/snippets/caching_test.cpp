// The C++ of docs/caching.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
// [headers]
#include <armature/cache/cache.hpp>
#include <armature/cache/response_cache.hpp>
// [/headers]

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caching {

using namespace armature;
using ::testing::HasSubstr;

struct Product {
    int id;
    std::string name;
};
ARMATURE_DESCRIBE(Product, id, name);

struct Database {
    int asked = 0;
    Task<std::optional<Product>> find(int id) {
        ++asked;
        if (id == 7) co_return Product{7, "Lamp"};
        co_return std::nullopt;
    }
};

// [load]
Task<Product> show(Path<int> id, State<Cache> cache, State<Database> database) {
    const auto load = [database, id] { return database->find(*id); };
    const std::shared_ptr<const Product> product = co_await cache->get_or_load<Product>(
        std::to_string(*id), load, Keep{Duration::seconds(300)}.tag("products"));
    if (!product) throw Error::not_found();
    co_return *product;
}
// [/load]

// [invalidate]
void price_list_imported(const Cache& cache) { cache.invalidate("products"); }
// [/invalidate]

TEST(CachingPage, LoadsOnce) {
    const auto database = std::make_shared<Database>();
    App app = App::create();
    // [cache]
    CacheOptions options;
    options.max_bytes = 256 * 1024 * 1024;
    options.life = Duration::seconds(60);
    const Cache cache{options};
    app.data(cache.within("shop"));
    // [/cache]
    const Application built = app.data(database).route("/products/{id}", get(show)).build();
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(built.handle(Request::get("/products/7")).body().text(),
                  R"({"id":7,"name":"Lamp"})");
    EXPECT_EQ(database->asked, 1);
    price_list_imported(cache);
    EXPECT_EQ(built.handle(Request::get("/products/7")).status(), Status::ok);
    EXPECT_EQ(database->asked, 2);
    EXPECT_EQ(built.handle(Request::get("/products/8")).status(), Status::not_found);
}

// [keep]
Keep careful() {
    return Keep{Duration::seconds(60)}
        .stale_while_revalidate(Duration::seconds(30))
        .stale_if_error(Duration::seconds(3600))
        .nothing_for(Duration::seconds(5))
        .tag("products");
}
// [/keep]

TEST(CachingPage, KeepsCarefully) {
    const Cache cache;
    cache.set("a", Product{7, "Lamp"}, careful());
    EXPECT_EQ(cache.get<Product>("a")->name, "Lamp");
}

// [responses]
Response news() { return Response::text("Nothing new").header("cache-control", "max-age=60"); }

App site() {
    return App::create().service(scope("/public").wrap(ResponseCache{}).route("/news", get(news)));
}
// [/responses]

TEST(CachingPage, KeepsResponses) {
    const Application app = site().build();
    static_cast<void>(app.handle(Request::get("/public/news")));
    const Response response = app.handle(Request::get("/public/news"));
    EXPECT_THAT(std::string{*response.headers().get("cache-status")}, HasSubstr("hit; ttl="));
    EXPECT_EQ(response.body().text(), "Nothing new");
}

} // namespace caching
