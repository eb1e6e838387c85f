#pragma once

#include <armature/db/database.hpp>
#include <armature/db/model.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace armature::db {

enum class DifferenceKind : std::uint8_t {
    missing_table, ///< a model has it, the database doesn't
    extra_table,   ///< no model has it
    missing_column,
    extra_column,
    type,
    nullability,
    key,
};

struct Difference {
    DifferenceKind kind;
    std::string table;
    std::string column; ///< empty if it is the table's
    std::string detail; ///< one line: "may be NULL, but its member must have a value"
};

/// Where a database isn't what models say.
class SchemaDiff {
  public:
    SchemaDiff(std::vector<Difference> differences, std::string up, std::string down)
        : differences_(std::move(differences)), up_(std::move(up)), down_(std::move(down)) {}

    /// By table, in the order of the models; extra tables last.
    [[nodiscard]] const std::vector<Difference>& differences() const noexcept {
        return differences_;
    }
    [[nodiscard]] bool empty() const noexcept { return differences_.empty(); }
    /// For people: a line for each difference.
    [[nodiscard]] std::string text() const;
    /// A migration that brings the database to what the models say, to be read before it is run:
    /// what would lose data, or depends on the rows that are there, is commented out.
    [[nodiscard]] std::string migration() const;

  private:
    std::vector<Difference> differences_;
    std::string up_;
    std::string down_;
};

/// Compares models with the catalog: tables, columns, their types and whether they may be NULL, the
/// primary key. Indices, defaults and checks aren't compared. Tables of `ignored`, and those of
/// Armature itself (armature_…), aren't extra.
[[nodiscard]] Task<SchemaDiff> diff(Session& session, std::vector<const ModelInfo*> models,
                                    std::vector<std::string> ignored = {});
/// `co_await diff<Author, Post>(db)`
template <Model... T>
    requires(sizeof...(T) > 0)
[[nodiscard]] Task<SchemaDiff> diff(Session& session) {
    return diff(session, models<T...>(), {});
}

} // namespace armature::db
