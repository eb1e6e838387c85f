#pragma once

#include "db/statement_builder.hpp"

#include <armature/db/repository.hpp>
#include <armature/json/errors.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace armature::db::detail {

/// Texts of a model's statements, quoted and made once.
struct ModelTexts {
    std::string table;
    std::string columns;     ///< all of them, in their order
    std::string find;        ///< SELECT … WHERE key = $1
    std::string not_deleted; ///< " AND … IS NULL", or empty
};

inline constexpr std::size_t none = ModelInfo::none;

/// A column by one of the model's indices; null for `none`.
[[nodiscard]] const ColumnInfo* column_at(const ModelInfo& model, std::size_t index) noexcept;
[[nodiscard]] inline const ColumnInfo& key_column(const ModelInfo& model) noexcept {
    return model.columns[model.key];
}
[[nodiscard]] const ColumnInfo& column_of_member(const ModelInfo& model, std::string_view member);

[[nodiscard]] Value get(const ColumnInfo& column, const void* object);
void set(const ColumnInfo& column, void* object, std::string_view text);
/// Reads a row whose columns from `first` on are the model's.
void read_object(const ModelInfo& model, const Rows& rows, std::size_t row, std::size_t first,
                 void* object);

/// Throws std::logic_error unless each step is a relation.
void check_path(const ModelInfo& model, const RelationPath& path);

/// The time, for columns of points in time.
[[nodiscard]] std::string now_text();
/// The time as a column holds it.
[[nodiscard]] Value now_for(const ModelInfo& model, const ColumnInfo& column);

/// The faults of what is to be written, as a request's content has them.
class Validation {
  public:
    void check(const ColumnInfo& column, const Value& value, const JsonPath* parent = nullptr);
    /// Throws `Error` 422 if there were any.
    void finish() const;

  private:
    JsonErrors errors_;
};

/// New objects of a model, one behind the other.
class ObjectArray {
  public:
    ObjectArray(const ModelInfo& model, std::size_t count)
        : model_(model), objects_(static_cast<std::byte*>(model.make(count))) {}
    ObjectArray(const ObjectArray&) = delete;
    ObjectArray& operator=(const ObjectArray&) = delete;
    ~ObjectArray() { model_.destroy(objects_); }
    [[nodiscard]] void* at(std::size_t index) const noexcept {
        return objects_ + index * model_.size;
    }

  private:
    const ModelInfo& model_;
    std::byte* objects_;
};

} // namespace armature::db::detail
