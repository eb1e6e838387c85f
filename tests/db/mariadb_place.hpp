#pragma once

#include "db/support.hpp"
#include "support/mariadb_server.hpp"

// For one file of each program whose databases are MariaDB's: it defines `make_place`.

namespace db_tests {
namespace {

using armature::testing::MariadbServer;

// One server for all tests, which takes some seconds to make; a database for each.
std::optional<MariadbServer> server;

class ServerOfAllTests : public ::testing::Environment {
  public:
    void SetUp() override {
        if (MariadbServer::is_installed()) server.emplace();
    }
    void TearDown() override { server.reset(); }
};
const auto* const environment = ::testing::AddGlobalTestEnvironment(new ServerOfAllTests);

struct MariadbPlace final : Place {
    MariadbPlace() {
        static int count = 0;
        name = "test_" + std::to_string(++count);
        LocalLoop loop;
        Database admin{server->url("")};
        loop.run(
            admin.execute(Statement{Sql::trusted("CREATE DATABASE " + db::quoted_name(name)), {}}));
    }
    [[nodiscard]] std::string url() const override { return server->url(name); }
    [[nodiscard]] Dialect dialect() const override { return Dialect::mariadb; }
    std::string name;
};

} // namespace

std::unique_ptr<Place> make_place() {
    if (!server) return nullptr;
    return std::make_unique<MariadbPlace>();
}

} // namespace db_tests
