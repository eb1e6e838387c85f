#pragma once

#include <armature/db/query.hpp>

#include <cstddef>
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
    /// What MariaDB wants in other words.
    StatementBuilder& add(std::string_view text, std::string_view for_mariadb) {
        others_.push_back({text_.size(), text.size(), std::string{for_mariadb}});
        return add(text);
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
    [[nodiscard]] Statement statement() {
        if (others_.empty()) return {Sql::trusted(text_), std::move(values_)};
        std::string for_mariadb;
        std::size_t at = 0;
        for (const Other& other : others_) {
            for_mariadb.append(text_, at, other.at - at) += other.text;
            at = other.at + other.size;
        }
        for_mariadb.append(text_, at);
        return {Sql::trusted(text_), std::move(values_), Sql::trusted(std::move(for_mariadb))};
    }

  private:
    struct Other {
        std::size_t at;
        std::size_t size;
        std::string text;
    };

    std::string text_;
    std::vector<Other> others_;
    std::vector<Value> values_;
};

} // namespace armature::db::detail
