// The C++ of docs/seeding.md: compiled and run here, repeated there.
#include <armature/core/decimal.hpp>
#include <armature/db/migrations.hpp>
#include <armature/seed/seeding.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace seeding_page {

using namespace armature;

// [factories]
struct Customer {
    std::int64_t id = 0;
    std::string name;
    std::string email;
    bool is_blocked = false;
};
ARMATURE_DESCRIBE(Customer, id, name, email, is_blocked);

struct Order {
    std::int64_t id = 0;
    std::int64_t customer_id = 0;
    std::string product;
    Decimal price;
};
ARMATURE_DESCRIBE(Order, id, customer_id, product, price);

const auto customers =
    seed::Factory<Customer>{"customers"}
        .define([](seed::Fake& fake, Customer& customer) {
            customer.name = fake.name();
            customer.email = fake.unique_email(); // of that name
        })
        .trait("blocked", [](Customer& customer) { customer.is_blocked = true; });

const auto orders = seed::Factory<Order>{"orders"}
                        .define([](seed::Fake& fake, Order& order) {
                            order.product = fake.product();
                            order.price = fake.price(5, 200);
                        })
                        .belongs_to(&Order::customer_id, customers); // a new one for each, unless…
// [/factories]

// [seeders]
Task<> seed_customers(seed::Seeding& seeding) {
    seeding.create(customers.count(seeding.count(100)).has(orders.count(3), &Order::customer_id));
    seeding.create(customers.count(5).with("blocked"));
    co_return;
}

Task<> seed_busy_customers(seed::Seeding& seeding) {
    const auto busy = seeding.create(customers.named("busy").count(10));
    seeding.create(orders.count(1000).recycle_skewed(&Order::customer_id, busy));
    co_return;
}
// [/seeders]

// [main]
int main_of_shop(int argc, char** argv) {
    const std::string url = "sqlite:shop.db";
    seed::SeedOptions options;
    options.url = url;
    seed::Seeders seeders{options};
    seeders.add("Customers", seed_customers).add("Busy", seed_busy_customers);
    if (const auto status = seed::seed_command(argc, argv, seeders)) return *status;
    return 0; // … App::create()
}
// [/main]

// [again]
struct Country {
    std::string code;
    std::string name;
};
ARMATURE_DESCRIBE(Country, code, name);

Task<> seed_what_must_be_there(seed::Seeding& seeding) {
    const std::vector<Country> countries{{"is", "Iceland"}, {"ch", "Switzerland"}};
    seeding.upsert("countries", countries, {"code"}); // by a natural key
    seeding.create(customers.count(20).keys_from(1)); // by their keys, 1 to 20
    co_await seeding.load("fixtures/plans.yaml");     // by the primary key
}
// [/again]

// [test]
Task<std::int64_t> blocked_customers(db::Database& database) {
    db::Transaction transaction = co_await database.begin(); // rolled back by the scope's end
    seed::Seeding seeding{transaction};
    seeding.create(customers.count(7).with("blocked"));
    co_await seeding.flush();
    const auto count =
        co_await transaction.one<std::int64_t>("SELECT count(*) FROM customers WHERE is_blocked");
    co_return count;
}
// [/test]

TEST(SeedingPage, DoesWhatItSays) {
    std::string folder = std::filesystem::temp_directory_path() / "armature-page-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    db::MigrationOptions options;
    options.url = "sqlite:" + folder + "/shop.db";
    db::Migrations migrations{options};
    migrations.add("1_shop.sql", R"sql(
-- migrate:up
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE, is_blocked BOOLEAN);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id),
    product TEXT, price TEXT);
CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT);
CREATE TABLE plans (id INTEGER PRIMARY KEY, name TEXT);
)sql");
    migrations.up();
    const auto before = std::filesystem::current_path();
    std::filesystem::create_directory(folder + "/fixtures");
    std::ofstream{folder + "/fixtures/plans.yaml"} << "- id: 1\n  name: Free\n";
    std::filesystem::current_path(folder);
    std::string program = "./app";
    std::string command = "db:seed";
    char* arguments[] = {program.data(), command.data()};
    EXPECT_EQ(main_of_shop(2, arguments), 0);
    EXPECT_EQ(main_of_shop(1, arguments), 0);
    {
        LocalLoop loop;
        db::Database db{options.url};
        EXPECT_EQ(loop.run(db.one<int>("SELECT count(*) FROM customers")), 115);
        EXPECT_EQ(loop.run(db.one<int>("SELECT count(*) FROM orders")), 1300);
        EXPECT_EQ(loop.run(blocked_customers(db)), 12);
        EXPECT_EQ(loop.run(db.one<int>("SELECT count(*) FROM customers WHERE is_blocked")), 5);
        const auto again = [&]() -> Task<std::vector<seed::TableReport>> {
            db::Transaction transaction = co_await db.begin();
            seed::Seeding seeding{transaction};
            co_await seed_what_must_be_there(seeding);
            co_await seeding.flush();
            co_await transaction.commit();
            co_return seeding.report();
        };
        (void)loop.run(again());
        for (const seed::TableReport& table : loop.run(again())) {
            EXPECT_EQ(table.inserted + table.updated, 0U) << table.table;
            EXPECT_GT(table.same, 0U) << table.table;
        }
    }
    EXPECT_EQ(customers.build().id, 1);
    std::filesystem::current_path(before);
    std::filesystem::remove_all(folder);
}

} // namespace seeding_page
