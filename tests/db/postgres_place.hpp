#pragma once

#include "db/support.hpp"
#include "support/postgres_server.hpp"

// For one file of each program whose databases are PostgreSQL's: it defines `make_place`.

namespace db_tests {
namespace {

using armature::testing::PostgresServer;

// One server for all tests, which takes a second or two to make; a database for each.
std::optional<PostgresServer> server;

class ServerOfAllTests : public ::testing::Environment {
  public:
    void SetUp() override {
        if (!PostgresServer::programs().empty()) server.emplace();
    }
    void TearDown() override { server.reset(); }
};
const auto* const environment = ::testing::AddGlobalTestEnvironment(new ServerOfAllTests);

std::string url_of(const std::string& name) { return server->url(name); }

struct PostgresPlace final : Place {
    PostgresPlace() {
        static int count = 0;
        name = "test_" + std::to_string(++count);
        LocalLoop loop;
        Database admin{url_of("postgres")};
        loop.run(
            admin.execute(Statement{Sql::trusted("CREATE DATABASE " + db::quoted_name(name)), {}}));
    }
    [[nodiscard]] std::string url() const override { return url_of(name); }
    [[nodiscard]] Dialect dialect() const override { return Dialect::postgres; }
    std::string name;
};

} // namespace

std::unique_ptr<Place> make_place() {
    if (!server) return nullptr;
    return std::make_unique<PostgresPlace>();
}

} // namespace db_tests
