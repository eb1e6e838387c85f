#pragma once

#include "seed/catalog.hpp"

#include <armature/seed/seeding.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace armature::seed::detail {

using Sources = std::vector<std::shared_ptr<RowSource>>;

/// Writes a plan: looks at the tables, puts them into the order of their foreign keys, and copies
/// the rows.
class Writer {
  public:
    Writer(db::Transaction& transaction, const SeedOptions& options)
        : transaction_(transaction), options_(options), catalog_(transaction) {}

    [[nodiscard]] Task<> write(Sources sources);

    [[nodiscard]] Catalog& catalog() noexcept { return catalog_; }
    [[nodiscard]] const std::vector<TableReport>& report() const noexcept { return report_; }

    void (*progress)(void* argument, std::string_view table, std::uint64_t done,
                     std::uint64_t total) = nullptr;
    void* argument = nullptr;

  private:
    /// A table of the plan, and what is to be written to it.
    struct Part {
        const Table* table = nullptr;
        Sources sources;
        std::vector<std::string> later; ///< columns that a second pass sets
    };

    [[nodiscard]] Task<std::vector<Part>> parts_of(const Sources& sources);
    [[nodiscard]] Task<> empty(std::vector<Part>& parts);
    [[nodiscard]] Task<> set_keys(Part& part);
    /// The foreign keys that a part's rows have a value for.
    [[nodiscard]] static bool has_columns(const Part& part, const ForeignKey& key);
    [[nodiscard]] std::vector<Part> ordered(std::vector<Part> parts,
                                            const std::vector<ForeignKey>& keys);
    [[nodiscard]] Task<> write_source(const Part& part, const RowSource& source);
    [[nodiscard]] Task<> upsert(const Part& part, const RowSource& source,
                                const std::vector<std::string>& columns);
    [[nodiscard]] Task<> link(const Part& part, const RowSource& source);
    [[nodiscard]] Task<> advance_sequences(const Part& part);

    /// Copies the rows' values of `columns` into a table.
    [[nodiscard]] Task<> copy(std::string target, const RowSource& source,
                              const std::vector<std::string>& columns);
    [[nodiscard]] Task<> copy_text(std::string target, const RowSource& source,
                                   std::vector<std::size_t> chosen, std::string names);
    [[nodiscard]] Task<> insert_rows(std::string target, const RowSource& source,
                                     std::vector<std::size_t> chosen, std::string names);
    /// A table of this transaction with some columns of another one.
    [[nodiscard]] Task<std::string> make_temporary(const Table& table,
                                                   const std::vector<std::string>& columns);
    [[nodiscard]] Task<> run(std::string sql);
    [[nodiscard]] Task<std::uint64_t> number(std::string sql);

    [[nodiscard]] bool is_postgres() const noexcept {
        return transaction_.dialect() == db::Dialect::postgres;
    }
    TableReport& report_of(const std::string& table);
    void tell(const RowSource& source, std::uint64_t more);

    db::Transaction& transaction_;
    const SeedOptions& options_;
    Catalog catalog_;
    std::vector<TableReport> report_;
    std::map<std::string, std::uint64_t> next_index_; ///< of each factory
    std::set<std::string> emptied_;                   ///< ids of tables
    std::set<std::string> written_;
    std::uint64_t done_ = 0;
    std::uint64_t total_ = 0;
};

} // namespace armature::seed::detail
