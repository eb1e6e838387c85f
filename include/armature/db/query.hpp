#pragma once

#include <armature/db/sql.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Statements that depend on what a request asks for: filters, an order, a page. Names are quoted,
/// values are bound; what these can't say is said in SQL.
namespace armature::db {

/// A name in double quotes, whatever is in it; with `split`, "schema.table" is two names. Throws
/// std::invalid_argument for an empty one or one with control characters.
[[nodiscard]] std::string quoted_name(std::string_view name, bool split = false);

/// A condition. Conditions are joined by `&&`, `||` and `!`.
class Filter {
  public:
    friend Filter operator&&(const Filter& a, const Filter& b) { return a.joined(" AND ", b); }
    friend Filter operator||(const Filter& a, const Filter& b) { return a.joined(" OR ", b); }
    friend Filter operator!(const Filter& filter) {
        return Filter{"(NOT " + filter.text_ + ")", filter.values_};
    }

    /// The condition, with `placeholder` where a value goes.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] const std::vector<Value>& values() const noexcept { return values_; }
    static constexpr char placeholder = '\x01';

  private:
    friend class Column;
    friend class Select;
    Filter(std::string text, std::vector<Value> values)
        : text_(std::move(text)), values_(std::move(values)) {}
    [[nodiscard]] Filter joined(std::string_view word, const Filter& other) const;

    std::string text_;
    std::vector<Value> values_;
};

/// A column, to compare: `column("age") >= 18 && column("name").starts_with("A")`. A comparison
/// with nullptr, or with a std::optional without a value, by == or != is IS NULL or IS NOT NULL; by
/// another it throws std::invalid_argument.
class Column {
  public:
    explicit Column(std::string_view name) : name_(quoted_name(name, true)) {}

    friend Filter operator==(const Column& column, const Value& value) {
        return column.compare("=", value);
    }
    friend Filter operator!=(const Column& column, const Value& value) {
        return column.compare("<>", value);
    }
    friend Filter operator<(const Column& column, const Value& value) {
        return column.compare("<", value);
    }
    friend Filter operator<=(const Column& column, const Value& value) {
        return column.compare("<=", value);
    }
    friend Filter operator>(const Column& column, const Value& value) {
        return column.compare(">", value);
    }
    friend Filter operator>=(const Column& column, const Value& value) {
        return column.compare(">=", value);
    }
    /// One of these; none if there are none.
    [[nodiscard]] Filter in(std::vector<Value> values) const;
    /// LIKE: % and _ in the pattern have their meaning. SQLite ignores the case of A to Z.
    [[nodiscard]] Filter like(std::string_view pattern) const;
    // The text as it is.
    [[nodiscard]] Filter starts_with(std::string_view text) const;
    [[nodiscard]] Filter contains(std::string_view text) const;

  private:
    [[nodiscard]] Filter compare(std::string_view with, const Value& value) const;
    std::string name_;
};

[[nodiscard]] inline Column column(std::string_view name) { return Column{name}; }

enum class Order : std::uint8_t { ascending, descending };

namespace detail {

template <class T>
std::vector<std::string_view> member_names() {
    std::vector<std::string_view> names;
    for_each_member<T>([&](const auto& member) { names.push_back(member.name); });
    return names;
}

} // namespace detail

/// SELECT … FROM one table.
///
///     Select select{"users"};
///     select.columns<User>().order_by("name").order_by("id").limit(50);
///     if (age) select.where(column("age") >= *age);
///     if (last) select.after({last->name, last->id});     // the next page
///     std::vector<User> users = co_await db.all<User>(select);
class Select {
  public:
    explicit Select(std::string_view table);
    /// The members of a described struct; all columns unless one of these is called.
    template <class T>
    Select& columns() {
        return columns(detail::member_names<T>());
    }
    Select& columns(const std::vector<std::string_view>& names);
    /// Several calls: all have to hold.
    Select& where(const Filter& filter);
    /// The first call is the first that counts.
    Select& order_by(std::string_view column, Order order = Order::ascending);
    /// Rows behind the one with these values of the columns of `order_by`, in their order: the next
    /// page, found by an index however far it is. Their values together must be unique and not
    /// NULL: let the last be the key.
    Select& after(std::vector<Value> values);
    Select& limit(std::size_t count);
    Select& offset(std::size_t count);
    [[nodiscard]] Statement statement() const;
    operator Statement() const { return statement(); } // NOLINT: it is one

  private:
    struct Key {
        std::string name;
        bool is_descending;
    };
    std::string table_;
    std::string columns_ = "*";
    std::optional<Filter> filter_;
    std::vector<Key> order_;
    std::vector<Value> after_;
    std::optional<std::size_t> limit_;
    std::optional<std::size_t> offset_;
};

/// INSERT of one row.
class Insert {
  public:
    explicit Insert(std::string_view table);
    Insert& set(std::string_view column, Value value);
    /// All members of a described struct but those that are `read_only`, which the database sets.
    template <class T>
    Insert& values(const T& object) {
        for_each_member<T>([&](const auto& member) {
            if constexpr (detail::is_bindable<
                              typename std::remove_cvref_t<decltype(member)>::value_type>())
                if (!member.notes.read_only) set(member.name, Value{object.*member.pointer});
        });
        return *this;
    }
    /// Gives the row as the database made it.
    template <class T>
    Insert& returning() {
        return returning(detail::member_names<T>());
    }
    Insert& returning(const std::vector<std::string_view>& columns);
    /// A row with the same values of these columns, which have a unique index, gets the others.
    Insert& or_update(const std::vector<std::string_view>& key);
    [[nodiscard]] Statement statement() const;
    operator Statement() const { return statement(); } // NOLINT

  private:
    std::string table_;
    std::vector<std::string> columns_;
    std::vector<Value> values_;
    std::string returning_;
    std::vector<std::string> key_;
};

/// UPDATE of the rows that a filter finds.
class Update {
  public:
    explicit Update(std::string_view table);
    Update& set(std::string_view column, Value value);
    Update& where(const Filter& filter);
    /// Of all rows: without this or a filter `statement` throws std::logic_error.
    Update& everywhere();
    [[nodiscard]] Statement statement() const;
    operator Statement() const { return statement(); } // NOLINT

  private:
    std::string table_;
    std::vector<std::string> columns_;
    std::vector<Value> values_;
    std::optional<Filter> filter_;
    bool everywhere_ = false;
};

/// DELETE of the rows that a filter finds.
class Delete {
  public:
    explicit Delete(std::string_view table);
    Delete& where(const Filter& filter);
    Delete& everywhere();
    [[nodiscard]] Statement statement() const;
    operator Statement() const { return statement(); } // NOLINT

  private:
    std::string table_;
    std::optional<Filter> filter_;
    bool everywhere_ = false;
};

} // namespace armature::db
