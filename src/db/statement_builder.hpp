#pragma once

#include <armature/db/query.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::db::detail {

/// The text of a statement with numbered placeholders, and the values for them.
class StatementBuilder {
  public:
    StatementBuilder& add(std::string_view text) {
        text_ += text;
        return *this;
    }
    StatementBuilder& add_value(const Value& value) {
        values_.push_back(value);
        text_ += '$' + std::to_string(values_.size());
        return *this;
    }
    StatementBuilder& add(const Filter& filter) {
        std::size_t next = 0;
        for (const char c : filter.text()) {
            if (c == Filter::placeholder)
                add_value(filter.values()[next++]);
            else
                text_ += c;
        }
        return *this;
    }
    [[nodiscard]] Statement statement() { return {Sql::trusted(text_), std::move(values_)}; }

  private:
    std::string text_;
    std::vector<Value> values_;
};

} // namespace armature::db::detail
