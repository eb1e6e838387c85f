#pragma once

#include <armature/db/error.hpp>
#include <armature/db/value.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature::db {

class Rows;

namespace detail {

/// One value of a row, in the text that its database writes.
struct Cell {
    std::string_view text;
    bool is_null = false;
    bool is_bytes = false; ///< the text is the bytes themselves
};

bool parse_boolean(std::string_view text, bool& out) noexcept;
bool parse_bytes(const Cell& cell, Bytes& out);
/// A database's way to write a time, as RFC 3339 has it; at most 63 characters.
std::string_view as_date_time(std::string_view text, char (&buffer)[64]) noexcept;
[[noreturn]] void throw_unreadable(std::string_view column, const Cell& cell,
                                   std::string_view wanted);
[[noreturn]] void throw_no_column(std::string_view name);

template <class T>
bool parse_number(std::string_view text, T& out) noexcept {
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, out);
    return error == std::errc{} && last == end;
}

// False: the text is none of that type.
template <class T>
bool parse_cell(const Cell& cell, T& out) {
    constexpr ValueKind kind = value_kind<T>;
    static_assert(is_bindable<T>(),
                  "armature: a column is read as a truth value, a number, a std::string, bytes, a "
                  "described enumeration, a type with a TextForm (for those of <chrono> include "
                  "armature/describe/chrono.hpp), or a std::optional of one of these");
    if constexpr (std::is_same_v<T, Bytes>) {
        return parse_bytes(cell, out);
    } else if constexpr (kind == ValueKind::boolean) {
        return parse_boolean(cell.text, out);
    } else if constexpr (kind == ValueKind::integer || kind == ValueKind::real) {
        return parse_number(cell.text, out);
    } else if constexpr (kind == ValueKind::text) {
        out = T{cell.text};
        return true;
    } else if constexpr (kind == ValueKind::formatted) {
        if (TextForm<T>::parse(cell.text, out)) return true;
        if constexpr (TextForm<T>::format == "date-time") {
            char buffer[64];
            return TextForm<T>::parse(as_date_time(cell.text, buffer), out);
        }
        return false;
    } else {
        for (const EnumName& entry : description_of<T>.names)
            if (entry.name == cell.text) {
                out = static_cast<T>(entry.value);
                return true;
            }
        return false;
    }
}

template <class T>
constexpr std::string_view wanted_of() {
    constexpr ValueKind kind = value_kind<T>;
    if constexpr (kind == ValueKind::boolean)
        return "a truth value";
    else if constexpr (kind == ValueKind::integer)
        return "an integer that its member can hold";
    else if constexpr (kind == ValueKind::real)
        return "a number";
    else if constexpr (kind == ValueKind::formatted)
        return TextForm<T>::wanted;
    else if constexpr (kind == ValueKind::enumeration)
        return "the name of an enumerator";
    else
        return "bytes";
}

template <class T>
void read_cell(std::string_view column, const Cell& cell, T& out) {
    if constexpr (armature::detail::is_optional<T>) {
        if (cell.is_null) {
            out.reset();
        } else {
            typename T::value_type value{};
            read_cell(column, cell, value);
            out = std::move(value);
        }
    } else {
        if (cell.is_null) throw_unreadable(column, cell, "anything but NULL");
        if (!parse_cell(cell, out)) throw_unreadable(column, cell, wanted_of<T>());
    }
}

/// Which column each member of `T` is in, found once for all rows; -1: in none.
template <class T>
using ColumnsOf = std::array<int, decltype(description_of<T>)::size>;

} // namespace detail

/// What a statement gave: rows, or how many it changed. Owns its texts.
class Rows {
  public:
    [[nodiscard]] std::size_t size() const noexcept {
        return columns_.empty() ? 0 : cells_.size() / columns_.size();
    }
    [[nodiscard]] bool empty() const noexcept { return cells_.empty(); }
    /// How many rows an INSERT, UPDATE, DELETE or MERGE changed; 0 for everything else.
    [[nodiscard]] std::uint64_t changed() const noexcept { return changed_; }
    [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }

    /// The text of a value, as the database writes it; nullopt for NULL. Lives as long as this.
    [[nodiscard]] std::optional<std::string_view> text(std::size_t row, std::size_t column) const {
        const detail::Cell found = cell(row, column);
        if (found.is_null) return std::nullopt;
        return found.text;
    }
    /// One value. Throws `DatabaseError` (mapping) when it isn't a `T`.
    template <class T>
    [[nodiscard]] T get(std::size_t row, std::size_t column) const {
        T value{};
        detail::read_cell(columns_.at(column), cell(row, column), value);
        return value;
    }
    /// A row as a `T`: a described struct, each member from the column of its name, or any other
    /// type from the first column. Members that aren't required may have no column.
    ///
    /// Throws `DatabaseError` (mapping) when they don't fit.
    template <class T>
    [[nodiscard]] T as(std::size_t row) const {
        if constexpr (value_kind<T> == ValueKind::object)
            return read<T>(row, find_columns<T>());
        else
            return get<T>(row, 0);
    }
    /// All rows as `T`.
    template <class T>
    [[nodiscard]] std::vector<T> all() const {
        std::vector<T> items;
        items.reserve(size());
        if constexpr (value_kind<T> == ValueKind::object) {
            const detail::ColumnsOf<T> columns = find_columns<T>();
            for (std::size_t row = 0; row < size(); ++row)
                items.push_back(read<T>(row, columns));
        } else {
            for (std::size_t row = 0; row < size(); ++row)
                items.push_back(get<T>(row, 0));
        }
        return items;
    }

    // For the library.
    [[nodiscard]] detail::Cell cell(std::size_t row, std::size_t column) const {
        const Place& place = cells_.at(row * columns_.size() + column);
        return {std::string_view{text_}.substr(place.offset, place.size), place.form == Form::null,
                place.form == Form::bytes};
    }
    void add_column(std::string name) { columns_.push_back(std::move(name)); }
    void add_null() { cells_.push_back({text_.size(), 0, Form::null}); }
    void add_text(std::string_view text) { add(text, Form::text); }
    void add_bytes(std::string_view bytes) { add(bytes, Form::bytes); }
    void set_changed(std::uint64_t count) noexcept { changed_ = count; }
    void clear_rows() noexcept {
        cells_.clear();
        text_.clear();
    }

  private:
    enum class Form : std::uint8_t { null, text, bytes };
    struct Place {
        std::size_t offset;
        std::uint32_t size;
        Form form;
    };

    void add(std::string_view text, Form form) {
        cells_.push_back({text_.size(), static_cast<std::uint32_t>(text.size()), form});
        text_.append(text);
    }
    [[nodiscard]] int find_column(std::string_view name) const noexcept {
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (columns_[i] == name) return static_cast<int>(i);
        return -1;
    }
    template <class T>
    [[nodiscard]] detail::ColumnsOf<T> find_columns() const {
        detail::ColumnsOf<T> found{};
        std::size_t index = 0;
        for_each_member<T>([&](const auto& member) {
            const int column = find_column(member.name);
            if (column < 0 && (member.is_required() || member.notes.read_only))
                detail::throw_no_column(member.name);
            found[index++] = column;
        });
        return found;
    }
    template <class T>
    [[nodiscard]] T read(std::size_t row, const detail::ColumnsOf<T>& columns) const {
        T object{};
        std::size_t index = 0;
        for_each_member<T>([&](const auto& member) {
            const int column = columns[index++];
            if (column < 0) return;
            detail::read_cell(member.name, cell(row, static_cast<std::size_t>(column)),
                              object.*member.pointer);
        });
        return object;
    }

    std::vector<std::string> columns_;
    std::vector<Place> cells_;
    std::string text_;
    std::uint64_t changed_ = 0;
};

} // namespace armature::db
