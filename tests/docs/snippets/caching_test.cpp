// The C++ of docs/caching.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
// [headers]
#include <armature/cache/cache.hpp>
#include <armature/cache/response_cache.hpp>
#include <armature/cache/shared_cache.hpp>
// [/headers]
#include <armature/log/log.hpp>
#include <armature/redis/pub_sub.hpp>
#include <armature/redis/store.hpp>

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
    Task<> rename(int, std::string) { co_return; }
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

struct Token {
    std::string text;
    int expires_in;
};
Task<Token> ask_for_token() {
    Token token{"secret", 90};
    co_return token;
}

// [kept]
Task<Kept<std::string>> fetch_token() {
    const Token token = co_await ask_for_token();
    co_return Kept<std::string>{token.text, Keep{Duration::seconds(token.expires_in - 30)}};
}
// [/kept]

// [shared]
SharedCache make_shared_cache(const std::string& redis_url) {
    RedisOptions options;
    options.url = redis_url;
    const auto redis = std::make_shared<Redis>(options);
    return SharedCache{std::make_shared<RedisStore>(redis), std::make_shared<RedisPubSub>(redis)};
}

Task<> rename(const SharedCache& cache, Database& database, int id, std::string name) {
    co_await database.rename(id, std::move(name));
    const bool all_know = co_await cache.erase(std::to_string(id));
    if (!all_know) log::warn("others may give the old name for a while");
}
// [/shared]

TEST(CachingPage, GoesOnWithoutTheStore) {
    LocalLoop loop;
    const SharedCache cache = make_shared_cache("unix:///nowhere/redis.sock");
    const auto load = [] { return fetch_token(); };
    EXPECT_EQ(*loop.run(Cache{}.get_or_load<std::string>("token", load)), "secret");
    Database database;
    const auto find = [&] { return database.find(7); };
    EXPECT_EQ(loop.run(cache.get_or_load<Product>("7", find))->name, "Lamp");
    EXPECT_EQ(loop.run(cache.get_or_load<Product>("7", find))->name, "Lamp");
    EXPECT_EQ(database.asked, 1);
    loop.run(rename(cache, database, 7, "Light"));
    EXPECT_EQ(loop.run(cache.get_or_load<Product>("7", find))->name, "Lamp");
    EXPECT_EQ(database.asked, 2);
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
