#include "db/migrations_impl.hpp"
#include "db/sqlite_connection.hpp"

#include <armature/core/url.hpp>
#include <armature/db/query.hpp>

#include <filesystem>
#include <utility>

// The database as a whole: made, removed, waited for.

namespace armature::db::detail {

namespace {

bool is_sqlite(const std::string& url) { return url.starts_with("sqlite:"); }
bool is_postgres(const std::string& url) { return url.starts_with("postgres"); }

DatabaseOptions plain_options(std::string url) {
    DatabaseOptions options;
    options.url = std::move(url);
    options.max_connections = 1;
    options.prepare = false;
    return options;
}

// The name in a URL of PostgreSQL: what the query says wins over the path, as in libpq.
std::string database_in(std::string_view url) {
    const std::size_t authority = url.find("://") + 3;
    const std::size_t query = std::min(url.find('?'), url.size());
    const std::size_t slash = std::min(url.find('/', authority), query);
    std::string_view name = url.substr(slash, query - slash);
    if (!name.empty()) name.remove_prefix(1);
    std::string_view rest = url.substr(std::min(query + 1, url.size()));
    while (!rest.empty()) {
        const std::string_view item = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), item.size() + 1));
        if (item.starts_with("dbname=")) name = item.substr(7);
    }
    std::string decoded;
    if (name.empty() || !percent_decode(name, decoded))
        throw MigrationError{"the URL names no database"};
    return decoded;
}

/// The same server's database of its administrators; MariaDB needs none.
class Server {
  public:
    explicit Server(const std::string& url)
        : name_(database_in(url)),
          database_(plain_options(with_database(url, is_postgres(url) ? "postgres" : ""))) {}

    [[nodiscard]] bool is_local() { return loop_.run(database_.is_local()); }
    [[nodiscard]] bool has_database() {
        if (database_.dialect() == Dialect::mariadb)
            return loop_.run(database_.one<bool>(
                "SELECT count(*) > 0 FROM information_schema.schemata WHERE schema_name = $1",
                name_));
        return loop_.run(
            database_.one<bool>("SELECT count(*) > 0 FROM pg_database WHERE datname = $1", name_));
    }
    void run(std::string_view what, std::string_view behind = "") {
        std::string sql{what};
        sql.append(quoted_name(name_)).append(behind);
        Statement statement{Sql::trusted(std::move(sql)), {}};
        loop_.run(database_.execute(std::move(statement)));
    }

  private:
    std::string name_;
    LocalLoop loop_;
    Database database_;
};

} // namespace

bool create_database(const std::string& url) {
    if (is_sqlite(url)) {
        const bool was_there = std::filesystem::exists(sqlite_path(url));
        LocalLoop loop;
        Database database{plain_options(url)};
        loop.run(database.ping()); // which makes the file
        return !was_there;
    }
    Server server{url};
    if (server.has_database()) return false;
    server.run("CREATE DATABASE ", is_postgres(url) ? "" : " CHARACTER SET utf8mb4");
    return true;
}

bool drop_database(const std::string& url, bool force) {
    if (is_sqlite(url)) {
        const std::string path = sqlite_path(url);
        const bool was_there = std::filesystem::remove(path);
        for (const char* const end : {"-wal", "-shm", "-migrate"})
            std::filesystem::remove(path + end);
        return was_there;
    }
    Server server{url};
    if (!force && !server.is_local())
        throw MigrationError{"this database is on another machine: nothing was done. If you mean "
                             "it, say --force"};
    if (!server.has_database()) return false;
    server.run("DROP DATABASE ", force && is_postgres(url) ? " WITH (FORCE)" : "");
    return true;
}

void wait_for_database(const std::string& url, Duration longest) {
    LocalLoop loop;
    const std::int64_t until = steady_now() + longest.count();
    for (;;) {
        std::string why;
        try {
            Database database{plain_options(url)};
            loop.run(database.ping());
            return;
        } catch (const DatabaseError& error) {
            why = error.what();
        }
        if (steady_now() >= until) throw MigrationError{"the database doesn't answer: " + why};
        loop.run(sleep_for(Duration::milliseconds(200)));
    }
}

} // namespace armature::db::detail
