#pragma once

#include <armature/db/database.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace armature::seed::detail {

struct Column {
    std::string name;
    std::string type; ///< in lower case, as the table declares it
    bool may_be_null = true;
    bool is_generated = false; ///< computed from others
};

struct ForeignKey {
    std::string from; ///< a table's id
    std::string to;
    std::vector<std::string> columns; ///< of `from`
    bool is_deferrable = false;
};

struct Table {
    std::string id;    ///< the same for each way to write its name
    std::string name;  ///< as SQL has it, in quotes where needed
    std::string title; ///< for people
    std::vector<Column> columns;
    std::vector<std::string> primary_key;

    [[nodiscard]] const Column* column(std::string_view name) const noexcept;
};

/// What the database says of its tables. Ask once for each run: it isn't read again.
class Catalog {
  public:
    explicit Catalog(db::Session& session) : session_(session) {}

    /// Throws `SeedError` if it isn't there.
    [[nodiscard]] Task<const Table*> table(std::string name);
    /// All foreign keys of the database.
    [[nodiscard]] Task<const std::vector<ForeignKey>*> foreign_keys();
    /// The names of the tables in the application's schema, but for what `ignored` begins.
    [[nodiscard]] Task<std::vector<std::string>> table_names();
    /// By `ForeignKey::from` or `to`.
    [[nodiscard]] Task<const Table*> table_of_id(std::string id);

  private:
    [[nodiscard]] Task<> read_columns(Table& table);

    db::Session& session_;
    std::map<std::string, Table, std::less<>> tables_;            ///< by id
    std::map<std::string, std::string, std::less<>> ids_by_name_; ///< as it was asked for
    std::vector<ForeignKey> foreign_keys_;
    bool has_foreign_keys_ = false;
};

/// A statement of our own making; names in it are quoted.
[[nodiscard]] db::Statement statement(std::string sql, std::vector<db::Value> values = {});
/// "a", "b"
[[nodiscard]] std::string quoted_list(const std::vector<std::string>& names,
                                      std::string_view before = "");

} // namespace armature::seed::detail
