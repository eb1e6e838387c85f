#pragma once

#include <armature/core/field.hpp>

#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace armature {

/// Several well-known fields, for asking after all of them at once.
class FieldSet {
  public:
    template <std::size_t Count>
    consteval explicit FieldSet(const Field (&fields)[Count]) {
        for (const Field field : fields)
            bits_[static_cast<unsigned>(field) >> 6] |= std::uint64_t{1}
                                                        << (static_cast<unsigned>(field) & 63);
    }

  private:
    friend class Headers;
    std::uint64_t bits_[2] = {0, 0};
};

/// Header or trailer fields of one message: ordered, case-insensitive, multi-valued
/// (RFC 9110 §5). Well-known names carry a `Field` id, so looking one up compares integers.
///
/// Fields either own their text (`append`, `set`) or view text that somebody else keeps alive
/// (`append_view`): the parser fills a request's fields with views into the read buffer, so a
/// request's fields live as long as the request; a response's fields own what they were given.
///
/// Names and values are checked: a name must be a token (RFC 9110 §5.6.2), a value may hold no
/// CR, LF, NUL or other control character but HTAB (RFC 9110 §5.5). A bad one throws
/// `std::invalid_argument` from `append` and `set`, and makes `try_append` and `try_set` return
/// false: response splitting is not possible. Owned names are kept in lower case and owned values
/// without spaces around them, as HTTP/2 and HTTP/3 demand (RFC 9113 §8.2).
///
/// Threads: like a standard container. Cost: no allocation up to `inline_capacity` fields of
/// static text.
class Headers {
  public:
    /// One field line.
    class Entry {
      public:
        Entry() = default;
        /// A line to be added as a view: see `append_view`.
        constexpr Entry(Field field, std::string_view name, std::string_view value,
                        std::uint8_t joined = 0) noexcept
            : name_(name.data()), value_(value.data()),
              value_size_(static_cast<std::uint32_t>(value.size())),
              name_size_(static_cast<std::uint16_t>(name.size())), field_(field), joined_(joined) {}

        [[nodiscard]] std::string_view name() const noexcept { return {name_, name_size_}; }
        [[nodiscard]] std::string_view value() const noexcept { return {value_, value_size_}; }
        /// The id of a well-known name, else `Field::other`.
        [[nodiscard]] Field field() const noexcept { return field_; }
        /// How many lines from this one on stand in memory one after the other, each with ": " and
        /// CR LF, as HTTP/1.1 sends them; 0 when that isn't known.
        [[nodiscard]] std::size_t joined() const noexcept { return joined_; }

      private:
        friend class Headers;
        const char* name_;
        const char* value_;
        std::uint32_t value_size_;
        std::uint16_t name_size_;
        Field field_;
        std::uint8_t joined_; // how many lines from this one on are in one piece, see `join`; or 0
    };
    using const_iterator = const Entry*;

    static constexpr std::size_t inline_capacity = 6;

    Headers() noexcept = default;
    Headers(const Headers& other);
    Headers(Headers&& other) noexcept { take(other); }
    Headers& operator=(const Headers& other);
    Headers& operator=(Headers&& other) noexcept;
    ~Headers() {
        if (entries_ != inline_ || text_) release();
    }

    [[nodiscard]] const_iterator begin() const noexcept { return entries_; }
    [[nodiscard]] const_iterator end() const noexcept { return entries_ + size_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// The first value of a field, or nullopt. A field that may appear several times needs `all`.
    [[nodiscard]] std::optional<std::string_view> get(Field field) const noexcept {
        if (!maybe(field)) return std::nullopt;
        for (const Entry& entry : *this)
            if (entry.field_ == field) return entry.value();
        return std::nullopt;
    }
    /// The same by name, in any case of letters.
    [[nodiscard]] std::optional<std::string_view> get(FieldName name) const noexcept {
        if (name.field() != Field::other) return get(name.field());
        return maybe(Field::other) ? get_other(name.text()) : std::nullopt;
    }

    /// True if at least one of `fields` is there. Two comparisons, however many they are.
    [[nodiscard]] bool contains_any(const FieldSet& fields) const noexcept {
        return ((present_[0] & fields.bits_[0]) | (present_[1] & fields.bits_[1])) != 0;
    }
    [[nodiscard]] bool contains(Field field) const noexcept { return get(field).has_value(); }
    [[nodiscard]] bool contains(FieldName name) const noexcept { return get(name).has_value(); }

    /// Calls `visit(std::string_view value)` for each value of a field, in order.
    template <class Visit>
    void all(Field field, Visit&& visit) const {
        if (!maybe(field)) return;
        for (const Entry& entry : *this)
            if (entry.field_ == field) visit(entry.value());
    }
    template <class Visit>
    void all(FieldName name, Visit&& visit) const {
        if (!maybe(name.field())) return;
        for (const Entry& entry : *this)
            if (matches(entry, name)) visit(entry.value());
    }

    /// Adds a field line after the others, copying its text. Throws std::invalid_argument.
    void append(FieldName name, std::string_view value);
    /// Replaces every line of that field by one. Throws std::invalid_argument.
    void set(FieldName name, std::string_view value);
    /// As `append` and `set`, but false instead of an exception.
    [[nodiscard]] bool try_append(FieldName name, std::string_view value);
    [[nodiscard]] bool try_set(FieldName name, std::string_view value);
    /// Removes every line of that field; returns how many there were.
    std::size_t erase(FieldName name) noexcept;

    /// Adds a line without copying or checking: for text that was checked (a parser) or is a
    /// literal. `name` and `value` must outlive this object and its copies' source.
    /// `field` must be the id of `name`.
    ///
    /// `joined`: how many lines from this one on stand in memory one after the other as HTTP/1.1
    /// sends them, `name: value` and CR LF, with `room_behind_lines`. They are written in one go.
    void append_view(Field field, std::string_view name, std::string_view value,
                     std::uint8_t joined = 0) {
        append_view(Entry{field, name, value, joined});
    }
    void append_view(const Entry& line) {
        const std::uint32_t at = size_;
        if (at == capacity_) [[unlikely]]
            return append_behind(line);
        size_ = at + 1;
        entries_[at] = line;
        mark(line.field_);
        text_bound_ += std::size_t{line.name_size_} + line.value_size_ + 4;
    }
    /// Several lines at once, one for each of `fields`, which is cheaper than one after the other.
    template <Field... fields>
    void append_views(const Entry (&lines)[sizeof...(fields)]) {
        constexpr std::uint32_t count = sizeof...(fields);
        const std::uint32_t at = size_;
        if (capacity_ - at < count) [[unlikely]]
            return append_behind(lines, count);
        size_ = at + count;
        std::size_t text = text_bound_;
        for (std::uint32_t i = 0; i < count; ++i) {
            entries_[at + i] = lines[i];
            text += std::size_t{lines[i].name_size_} + lines[i].value_size_ + 4;
        }
        text_bound_ = text;
        (mark(fields), ...);
    }
    /// The same for a well-known field, under its canonical name.
    void append_view(Field field, std::string_view value) {
        append_view(field, field_name(field), value);
    }

    /// How many bytes may be read behind joined lines, whatever they are.
    static constexpr std::size_t room_behind_lines = 32;

    /// Lays the text of all lines out in one piece, for `append_views`.
    void join();
    /// Adds all lines of `other` as views, which costs about as much as one line when they are
    /// joined: `other` must outlive this object and its copies' source. At most 255 lines.
    void append_views(const Headers& other);
    /// True if a field of `other` may be here too; false is certain.
    [[nodiscard]] bool may_share(const Headers& other) const noexcept {
        return ((present_[0] & other.present_[0]) | (present_[1] & other.present_[1])) != 0;
    }

    /// At least as many bytes as the lines `name: value` take, each with CR LF: room for writing
    /// them without counting again.
    [[nodiscard]] std::size_t text_bound() const noexcept { return text_bound_; }

    /// Makes room for that many fields, so that adding them allocates nothing.
    void reserve(std::size_t count) {
        if (capacity_ < count) grow_to(count);
    }

    void swap(Headers& other) noexcept;

    /// Forgets all fields but keeps the storage for the next message.
    void clear() noexcept {
        size_ = 0;
        text_bound_ = 0;
        present_[0] = present_[1] = 0;
        if (text_) release_text();
    }

    /// Moves the views of fields that point into [from, from + size) to the same offsets at `to`:
    /// for a caller that moved the buffer which `append_view` pointed into.
    void rebase(const char* from, std::size_t size, const char* to) noexcept;

    /// ASCII case-insensitive comparison of two field names.
    [[nodiscard]] static bool equal_names(std::string_view a, std::string_view b) noexcept;

  private:
    struct Text; // a chain of blocks that holds owned names and values

    static_assert(field_count <= 128, "the presence bitmap has 128 bits");
    // Field::other has a bit too, so that `maybe` needs no branch.
    void mark(Field field) noexcept {
        const auto bit = static_cast<unsigned>(field);
        present_[bit >> 6] |= std::uint64_t{1} << (bit & 63);
    }
    [[nodiscard]] bool maybe(Field field) const noexcept {
        const auto bit = static_cast<unsigned>(field);
        return (present_[bit >> 6] >> (bit & 63)) & 1;
    }
    // `append_view` when there is no room. Nothing is left to do after it, so that the way without
    // it keeps no registers.
    void append_behind(Entry line);
    void append_behind(const Entry* lines, std::uint32_t count);
    void grow_to(std::size_t capacity);
    void separate() noexcept;
    void release() noexcept;
    void release_text() noexcept;
    void take(Headers& other) noexcept;
    [[nodiscard]] std::string_view keep(std::string_view text);
    [[nodiscard]] std::string_view keep_name(FieldName name);
    [[nodiscard]] std::optional<std::string_view> get_other(std::string_view name) const noexcept;
    [[nodiscard]] static bool matches(const Entry& entry, FieldName name) noexcept {
        return entry.field_ == name.field() &&
               (entry.field_ != Field::other || equal_names(entry.name(), name.text()));
    }
    std::size_t remove(Entry* from, FieldName name) noexcept;

    Entry* entries_ = inline_;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = inline_capacity;
    std::uint64_t present_[2] = {0, 0};
    std::size_t text_bound_ = 0;
    Text* text_ = nullptr;
    Entry inline_[inline_capacity];
};

} // namespace armature
