#include "db/support.hpp"
#include "support/process.hpp"
#include "support/test_server.hpp"

#include <armature/app/controller.hpp>
#include <armature/app/json.hpp>
#include <armature/app/page.hpp>
#include <armature/app/query.hpp>
#include <armature/di/di.hpp>
#include <armature/observability/health.hpp>

namespace db_tests {
namespace {

using armature::testing::TestServer;

struct NewProduct {
    std::string name;
    Decimal price;
};
ARMATURE_DESCRIBE(NewProduct, (name, min_length(1), max_length(100)), price);

struct Product {
    std::int64_t id = 0;
    std::string name;
    Decimal price;
};
ARMATURE_DESCRIBE(Product, (id, read_only), name, price);

struct Search {
    std::optional<std::string> name;
    std::optional<std::int64_t> after;
    std::size_t limit = 20;
};
ARMATURE_DESCRIBE(Search, name, after, (limit, min(1), max(100), defaulted));

/// All products as lines of text, however many there are.
class Lines final : public BodyStream {
  public:
    explicit Lines(db::RowStream rows) : rows_(std::move(rows)) {}
    Task<std::optional<std::string_view>> next() override {
        std::optional<std::string_view> piece;
        if (const std::optional<Rows> rows = co_await rows_.next()) {
            text_.clear();
            for (std::size_t row = 0; row < rows->size(); ++row)
                text_ += std::string{*rows->text(row, 0)} + '\n';
            piece = text_;
        }
        co_return piece;
    }

  private:
    db::RowStream rows_;
    std::string text_;
};

class Products {
    ARMATURE_CONTROLLER(Products, "/products");

  public:
    explicit Products(Database& database) : db_(database) {}

    ARMATURE_GET("/", list);
    Task<Json<std::vector<Product>>> list(Query<Search> search) {
        db::Select select{"products"};
        select.columns<Product>().order_by("id").limit(search->limit);
        if (search->name) select.where(column("name").contains(*search->name));
        if (search->after) select.after({*search->after});
        co_return Json{co_await db_.all<Product>(select)};
    }
    ARMATURE_GET("/all.txt", all);
    Task<Response> all() {
        db::RowStream rows = co_await db_.stream("SELECT name FROM products ORDER BY id");
        Response response;
        response.body(Body{std::make_unique<Lines>(std::move(rows))});
        co_return response;
    }
    ARMATURE_GET("/{id}", find);
    Task<std::optional<Product>> find(Path<std::int64_t> id) {
        return db_.first<Product>("SELECT id, name, price FROM products WHERE id = $1", *id);
    }
    ARMATURE_POST("/", add);
    Task<Product> add(Json<NewProduct> product) {
        return db_.one<Product>(
            "INSERT INTO products (name, price) VALUES ($1, $2) RETURNING id, name, price",
            product->name, product->price);
    }
    ARMATURE_PUT("/{id}", replace);
    Task<Product> replace(Path<std::int64_t> id, Json<NewProduct> product) {
        // MariaDB's UPDATE has no RETURNING.
        if (db_.dialect() == Dialect::mariadb) return replace_and_find(*id, *product);
        return db_.one<Product>("UPDATE products SET name = $2, price = $3 WHERE id = $1 RETURNING "
                                "id, name, price",
                                *id, product->name, product->price);
    }
    ARMATURE_DELETE("/{id}", remove);
    Task<> remove(Path<std::int64_t> id) {
        const std::uint64_t gone = co_await db_.execute("DELETE FROM products WHERE id = $1", *id);
        if (gone == 0) throw Error::not_found();
    }

  private:
    Task<Product> replace_and_find(std::int64_t id, NewProduct product) {
        co_await db_.execute("UPDATE products SET name = $2, price = $3 WHERE id = $1", id,
                             product.name, product.price);
        co_return co_await db_.one<Product>("SELECT id, name, price FROM products WHERE id = $1",
                                            id);
    }

    Database& db_;

    ARMATURE_END_CONTROLLER();
};

App shop(const DatabaseOptions& options) {
    const auto database = std::make_shared<Database>(options);
    return App::create()
        .provide_value(database)
        .service(health(Health{}.check("database", [database] { return database->ping(); })))
        .controller<Products>()
        .route("/wrong",
               get([](Inject<Database> db) { return db->one<std::string>("SELECT secret FRMO"); }))
        .route("/endless", get([](Inject<Database> db) -> Task<std::string> {
                   (void)co_await db->query(ARMATURE_ENDLESS);
                   co_return "the end";
               }));
}

class InAnApplication : public OnEachDatabase {
  protected:
    void SetUp() override {
        OnEachDatabase::SetUp();
        if (!database) return;
        run(in_its_words("CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL "
                         "UNIQUE, price TEXT NOT NULL CHECK (price >= '0'))",
                         "CREATE TABLE products (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY "
                         "KEY, name text NOT NULL UNIQUE, price numeric(12,2) NOT NULL CHECK "
                         "(price >= 0))",
                         "CREATE TABLE products (id bigint AUTO_INCREMENT PRIMARY KEY, name "
                         "varchar(100) NOT NULL UNIQUE, price decimal(12,2) NOT NULL CHECK "
                         "(price >= 0))"));
    }
    // Status and content, as curl got them.
    static std::string curl(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(),
                         {"curl", "-sS", "--max-time", "60", "-H", "content-type: application/json",
                          "-w", "\n%{http_code}"});
        return armature::testing::run(std::move(arguments)).output;
    }
};

TEST_F(InAnApplication, ServesCurl) {
    TestServer server{shop(settings()).build()};
    const std::string url = server.url("/products");
    EXPECT_EQ(curl({url}), "[]\n200");
    EXPECT_EQ(curl({"-d", R"({"name":"Lamp","price":"12.50"})", url}),
              "{\"id\":1,\"name\":\"Lamp\",\"price\":\"12.50\"}\n200");
    EXPECT_EQ(curl({"-d", R"({"name":"x'); DROP TABLE products; --","price":"1.00"})", url}),
              "{\"id\":2,\"name\":\"x'); DROP TABLE products; --\",\"price\":\"1.00\"}\n200");
    EXPECT_EQ(curl({url + "/1"}), "{\"id\":1,\"name\":\"Lamp\",\"price\":\"12.50\"}\n200");
    EXPECT_THAT(curl({url + "/99"}), ::testing::EndsWith("\n404"));
    EXPECT_EQ(curl({"-X", "PUT", "-d", R"({"name":"Lamp","price":"13.00"})", url + "/1"}),
              "{\"id\":1,\"name\":\"Lamp\",\"price\":\"13.00\"}\n200");
    EXPECT_THAT(curl({"-X", "PUT", "-d", R"({"name":"Lamp","price":"13.00"})", url + "/99"}),
                ::testing::EndsWith("\n404"));
    EXPECT_EQ(curl({"-G", "--data-urlencode", "name=' OR '1'='1", url}), "[]\n200");
    EXPECT_EQ(curl({url + "?after=1&limit=1"}),
              "[{\"id\":2,\"name\":\"x'); DROP TABLE products; --\",\"price\":\"1.00\"}]\n200");
    EXPECT_EQ(curl({"-X", "DELETE", url + "/2"}), "\n204");
    EXPECT_THAT(curl({"-X", "DELETE", url + "/2"}), ::testing::EndsWith("\n404"));
    EXPECT_EQ(curl({url + "/all.txt"}), "Lamp\n\n200");
}

TEST_F(InAnApplication, TellsClientsWhatTheyMayKnow) {
    TestServer server{shop(settings()).build()};
    const std::string url = server.url("/products");
    curl({"-d", R"({"name":"Lamp","price":"12.50"})", url});
    const std::string twice = curl({"-d", R"({"name":"Lamp","price":"1.00"})", url});
    EXPECT_THAT(twice, ::testing::EndsWith("\n409"));
    EXPECT_THAT(twice, ::testing::HasSubstr("This conflicts with something that exists already."));
    EXPECT_THAT(twice, ::testing::Not(::testing::HasSubstr("roduct")));
    const std::string check = curl({"-d", R"({"name":"Debt","price":"-1.00"})", url});
    EXPECT_THAT(check, ::testing::EndsWith("\n422"));
    const std::string wrong = curl({server.url("/wrong")});
    EXPECT_THAT(wrong, ::testing::EndsWith("\n500"));
    EXPECT_THAT(wrong, ::testing::Not(::testing::HasSubstr("secret")));
}

TEST_F(InAnApplication, StreamsManyRowsToAClient) {
    run(in_its_words("INSERT INTO products (name, price) WITH RECURSIVE n (i) AS (SELECT 1 UNION "
                     "ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT 'product ' || i, '1' FROM n",
                     "INSERT INTO products (name, price) SELECT 'product ' || i, 1 FROM "
                     "generate_series(1, 200000) i",
                     "INSERT INTO products (name, price) SELECT 'product ' || seq, 1 FROM "
                     "seq_1_to_200000"));
    TestServer server{shop(settings()).build()};
    EXPECT_EQ(armature::testing::shell("curl -sS --max-time 60 " + server.url("/products/all.txt") +
                                       " | tail -n 1")
                  .output,
              "product 200000\n");
    // One that goes in the middle takes its statement with it.
    EXPECT_EQ(armature::testing::shell("curl -sS --max-time 60 " + server.url("/products/all.txt") +
                                       " 2>/dev/null | head -n 1")
                  .output,
              "product 1\n");
    EXPECT_THAT(curl({server.url("/products/1")}), ::testing::EndsWith("\n200"));
}

TEST_F(InAnApplication, EndsTheStatementOfAClientThatLeft) {
    TestServer server{shop(settings()).build()};
    {
        armature::testing::Process client{{"curl", "-sS", server.url("/endless")}};
        await_running();
    }
    expect_nothing_runs();
    EXPECT_THAT(curl({server.url("/health/ready")}), ::testing::EndsWith("\n200"));
}

TEST_F(InAnApplication, IsReadyWhileTheDatabaseAnswers) {
    TestServer server{shop(settings()).build()};
    EXPECT_THAT(curl({server.url("/health/ready")}), ::testing::EndsWith("\n200"));
    Application app = shop(settings()).build();
    app.start();
    app.shutdown("");
    const Response stopped = app.handle(Request{Method::get, "/health/ready"});
    EXPECT_EQ(stopped.status(), Status::service_unavailable) << "its connections are closed";
    app.start();
    EXPECT_EQ(app.handle(Request{Method::get, "/health/ready"}).status(), Status::ok);
    app.shutdown("");
}

TEST_F(InAnApplication, DoesntStartWithoutItsDatabase) {
    DatabaseOptions nowhere;
    nowhere.url = in_its_words("sqlite:/nonexistent/folder/shop.db",
                               "postgresql://shop:hunter2@/shop?host=/nonexistent",
                               "mariadb://shop:hunter2@/shop?socket=/nonexistent");
    const Application app = shop(nowhere).build();
    try {
        app.start();
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("no connection to "));
        EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("hunter2")));
        EXPECT_EQ(std::string_view{error.what()}.find('\n'), std::string_view::npos);
    }
}

} // namespace
} // namespace db_tests
