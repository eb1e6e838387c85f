// The C++ of docs/database.md and docs/migrations.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/core/decimal.hpp>
#include <armature/db/database.hpp>
#include <armature/db/migrations.hpp>
#include <armature/db/query.hpp>
#include <armature/di/di.hpp>
#include <armature/observability/health.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace database_page {

using namespace armature;

// [product]
struct Product {
    std::int64_t id = 0;
    std::string name;
    Decimal price;
    std::optional<std::string> note; // NULL
};
ARMATURE_DESCRIBE(Product, (id, read_only), (name, min_length(1)), price, note);
// [/product]

// [app]
Task<std::optional<Product>> find(Path<std::int64_t> id, Inject<db::Database> db) {
    return db->first<Product>("SELECT id, name, price, note FROM products WHERE id = $1", *id);
}

Task<Product> add(Json<Product> product, Inject<db::Database> db) {
    return db->one<Product>(db::Insert{"products"}.values(*product).returning<Product>());
}

App shop(const std::string& url) {
    db::DatabaseOptions options;
    options.url = url; // "postgresql://shop:…@db.internal/shop", "sqlite:shop.db"
    const auto database = std::make_shared<db::Database>(options);
    return App::create()
        .provide_value(database) // connects when the server starts, or stops the start
        .service(health(Health{}.check("database", [database] { return database->ping(); })))
        .route("/products", post(add))
        .route("/products/{id}", get(find));
}
// [/app]

// [statements]
Task<std::int64_t> statements(db::Database& db) {
    const std::string name = "Lamp";
    const std::uint64_t changed =
        co_await db.execute("UPDATE products SET price = $2 WHERE name = $1", name, Decimal{5});
    const std::vector<Product> all = co_await db.all<Product>("SELECT * FROM products");
    const std::optional<Product> maybe =
        co_await db.first<Product>("SELECT * FROM products WHERE name = $1", name);
    const auto count = co_await db.one<std::int64_t>("SELECT count(*) FROM products");
    co_return count + static_cast<std::int64_t>(changed + all.size()) + (maybe ? 1 : 0);
}
// [/statements]

// [filters]
Task<std::vector<Product>> search(db::Database& db, std::optional<std::string> name,
                                  std::optional<Product> last) {
    db::Select select{"products"};
    select.columns<Product>().order_by("name").order_by("id").limit(50);
    if (name) select.where(db::column("name").contains(*name));
    if (last) select.after({last->name, last->id}); // the page behind that product
    return db.all<Product>(select);
}
// [/filters]

// [transaction]
Task<> move(db::Database& db, std::int64_t from, std::int64_t to, int amount) {
    const auto both = [&](db::Transaction& transaction) -> Task<> {
        co_await transaction.execute("UPDATE stock SET count = count - $2 WHERE id = $1", from,
                                     amount);
        co_await transaction.execute("UPDATE stock SET count = count + $2 WHERE id = $1", to,
                                     amount);
    };
    co_await db.transaction(both); // commits; rolls back if it throws
}
// [/transaction]

// [scope]
Task<> by_hand(db::Database& db) {
    db::Transaction transaction = co_await db.begin();
    co_await transaction.execute("UPDATE stock SET count = 0");
    co_await transaction.commit(); // without this the end of the scope rolls back
}
// [/scope]

// [stream]
class Names final : public BodyStream {
  public:
    explicit Names(db::RowStream rows) : rows_(std::move(rows)) {}
    Task<std::optional<std::string_view>> next() override { // when the client can take more
        std::optional<std::string_view> piece;
        if (const std::optional<db::Rows> rows = co_await rows_.next()) {
            text_.clear();
            for (std::size_t row = 0; row < rows->size(); ++row)
                text_ += rows->get<std::string>(row, 0) + '\n';
            piece = text_;
        }
        co_return piece;
    }

  private:
    db::RowStream rows_;
    std::string text_;
};

Task<Response> all_names(Inject<db::Database> db) {
    db::RowStream rows = co_await db->stream("SELECT name FROM products ORDER BY id");
    Response response;
    response.body(Body{std::make_unique<Names>(std::move(rows))});
    co_return response;
}
// [/stream]

// [postgres]
Task<std::uint64_t> import(db::Database& db, const std::vector<Product>& products) {
    db::CopyIn copy = co_await db.copy_in("COPY products (name, price) FROM STDIN");
    for (const Product& product : products)
        co_await copy.row(product.name, product.price);
    const std::uint64_t count = co_await copy.finish();
    co_await db.notify("products", "imported");
    co_return count;
}

Task<std::string> next_news(db::Database& db) {
    db::Listener listener = co_await db.listen("products");
    const db::Notification news = co_await listener.next();
    co_return news.payload;
}
// [/postgres]

// [main]
int main_of_shop(int argc, char** argv) {
    db::MigrationOptions migrations;
    migrations.url = "sqlite:shop.db";
    migrations.folder = "db/migrations";
    if (const auto status = db::migrate_command(argc, argv, migrations)) return *status;
    return shop(migrations.url).run("0.0.0.0:8080");
}
// [/main]

// [start]
void migrate_at_start(const std::string& url) {
    db::MigrationOptions options;
    options.url = url;
    db::Migrations migrations{options};
    migrations.add("1_products.sql", R"sql(
-- migrate:up
CREATE TABLE products (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, price TEXT NOT NULL, note TEXT);
CREATE TABLE stock (id INTEGER PRIMARY KEY, count INTEGER NOT NULL CHECK (count >= 0));
-- migrate:down
DROP TABLE stock;
DROP TABLE products;
)sql");
    migrations.up();
}
// [/start]

TEST(DatabasePage, DoesWhatItSays) {
    std::string folder = std::filesystem::temp_directory_path() / "armature-page-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::string url = "sqlite:" + folder + "/shop.db";
    migrate_at_start(url);
    {
        LocalLoop loop;
        db::Database db{url};
        TestClient client = TestClient::over_http(shop(url).route("/names", get(all_names)));
        Product lamp;
        lamp.name = "Lamp";
        lamp.price = Decimal::scaled(1250, 2);
        EXPECT_EQ(client.post("/products").json(lamp).send().text(),
                  R"({"id":1,"name":"Lamp","price":"12.50"})");
        EXPECT_EQ(client.get("/products/1").send().status(), Status::ok);
        EXPECT_EQ(client.get("/products/2").send().status(), Status::not_found);
        EXPECT_EQ(client.get("/names").send().text(), "Lamp\n");
        EXPECT_EQ(client.get("/health/ready").send().status(), Status::ok);
        EXPECT_EQ(loop.run(statements(db)), 4);
        EXPECT_EQ(loop.run(search(db, "am", std::nullopt)).size(), 1U);
        Product last;
        last.name = "M";
        EXPECT_TRUE(loop.run(search(db, std::nullopt, last)).empty());
        loop.run(db.execute("INSERT INTO stock VALUES (1, 5), (2, 0)"));
        loop.run(move(db, 1, 2, 3));
        EXPECT_THROW(loop.run(move(db, 1, 2, 3)), db::DatabaseError);
        EXPECT_EQ(loop.run(db.one<int>("SELECT count FROM stock WHERE id = 2")), 3);
        loop.run(by_hand(db));
        EXPECT_THROW((void)loop.run(import(db, {})), db::DatabaseError) << "PostgreSQL alone";
        EXPECT_THROW((void)loop.run(next_news(db)), db::DatabaseError);
    }
    std::filesystem::remove_all(folder);
}

} // namespace database_page
