#pragma once

#include <armature/app/text_value.hpp>
#include <armature/core/arena.hpp>
#include <armature/core/utf8.hpp>
#include <armature/json/validate.hpp>

#include <utility>

/// Reads described structs from names and values that are texts: query strings and forms.
namespace armature::detail {

/// What the compiled part knows of a member of a described struct.
struct TextField {
    std::string_view name;
    /// Reads one value of that name; a list gets one more item unless it is the first.
    bool (*read)(std::string_view text, void* object, bool is_first, JsonErrors& errors,
                 const JsonPath* path);
    /// Checks the member's rules, once all values are there; null without any.
    bool (*check)(const void* object, JsonErrors& errors, const JsonPath* path);
    bool is_list;
    bool empty_counts; ///< an empty text is a value of it
};
struct TextFields {
    const TextField* fields;
    std::size_t size;
    std::uint64_t required; // a bit for each field
};

/// Collects names and values into a described struct.
class TextFieldReader {
  public:
    static constexpr std::size_t max_values = 1000;

    TextFieldReader(void* object, const TextFields& fields, JsonErrors& errors) noexcept
        : object_(object), fields_(fields), errors_(errors) {}

    /// One name and its value, decoded. A std::string_view that is read becomes `value` itself.
    /// Throws `Error` 400 after `max_values`.
    void take(std::string_view name, std::string_view value);
    /// Reports a value that is nothing a text can be read from.
    void refuse(std::string_view name, std::string detail);
    /// The pairs of a query or form by WHATWG rules, decoded into `arena` where they must be.
    void take_pairs(std::string_view text, Arena& arena);
    /// Reports what is missing, and the rules that are broken by what is there.
    void finish();

  private:
    [[nodiscard]] std::size_t find(std::string_view name) noexcept;
    void count();

    void* object_;
    const TextFields& fields_;
    JsonErrors& errors_;
    std::uint64_t seen_ = 0;
    std::uint64_t faulty_ = 0;
    std::size_t next_ = 0; // a guess: clients mostly send the members in the order of description
    std::size_t values_ = 0;
};

// What a member is read from: one text, or one text for each item.
template <class T>
struct TextTarget {
    using value_type = T;
    static constexpr bool is_list = false;
    static T& begin(T& member, bool) { return member; }
};
template <class T>
    requires(value_kind<T> == ValueKind::list && requires(T& list) { list.emplace_back(); })
struct TextTarget<T> {
    using value_type = typename T::value_type;
    static constexpr bool is_list = true;
    static T& begin(T& member, bool is_first) {
        if (is_first) member.clear(); // a default is replaced, not added to
        return member;
    }
};
template <class T>
struct TextTarget<std::optional<T>> {
    using value_type = typename TextTarget<T>::value_type;
    static constexpr bool is_list = TextTarget<T>::is_list;
    static T& begin(std::optional<T>& member, bool is_first) {
        return is_first ? member.emplace() : *member;
    }
};

/// Adds the fault of a text that should have been something else; false.
bool bad_text(std::string wanted, JsonErrors& errors, const JsonPath* path);

template <class T, std::size_t I>
bool read_text_member(std::string_view text, void* object, bool is_first, JsonErrors& errors,
                      const JsonPath* path) {
    auto& member = static_cast<T*>(object)->*description_of<T>.template get<I>().pointer;
    using Target = TextTarget<std::remove_cvref_t<decltype(member)>>;
    using Value = typename Target::value_type;
    auto& target = Target::begin(member, is_first);
    bool is_read = value_kind<Value> != ValueKind::text || is_utf8(text);
    if constexpr (Target::is_list) {
        Value item{};
        is_read = is_read && read_text(text, item);
        target.push_back(std::move(item));
        const JsonPath step{path, {}, target.size() - 1};
        return is_read || bad_text(wanted_text<Value>(), errors, &step);
    } else {
        is_read = is_read && read_text(text, target);
        return is_read || bad_text(wanted_text<Value>(), errors, path);
    }
}

template <class T, std::size_t I>
bool check_text_member(const void* object, JsonErrors& errors, const JsonPath* path) {
    constexpr const auto& member = description_of<T>.template get<I>();
    return check_rules(static_cast<const T*>(object)->*member.pointer, member.rules.data(),
                       member.rules.size(), errors, path);
}

template <class T, class Indices>
struct TextFieldTable;
template <class T, std::size_t... I>
struct TextFieldTable<T, std::index_sequence<I...>> {
    template <std::size_t Index>
    using Target = TextTarget<typename std::remove_cvref_t<
        decltype(description_of<T>.template get<Index>())>::value_type>;

    /// False when a member isn't a text value, an optional or a list of them.
    static constexpr bool is_readable = (is_text_value<typename Target<I>::value_type> && ...);

    template <std::size_t Index>
    static constexpr TextField make() {
        constexpr const auto& member = description_of<T>.template get<Index>();
        bool (*check)(const void*, JsonErrors&, const JsonPath*) = nullptr;
        if constexpr (member.rules.size() != 0) check = &check_text_member<T, Index>;
        return {member.name, &read_text_member<T, Index>, check, Target<Index>::is_list,
                value_kind<typename Target<Index>::value_type> == ValueKind::text};
    }
    template <std::size_t Index>
    static constexpr bool is_required =
        description_of<T>.template get<Index>().is_required() && !Target<Index>::is_list;

    static constexpr TextField fields[] = {make<I>()...};
    static constexpr TextFields table{fields, sizeof...(I),
                                      ((is_required<I> ? std::uint64_t{1} << I : 0) | ...)};
};

template <class T>
constexpr bool is_text_struct() {
    if constexpr (value_kind<T> == ValueKind::object)
        return TextFieldTable<T, typename decltype(description_of<T>)::indices>::is_readable;
    else
        return false;
}

/// The table of a struct whose members can all be read from texts.
template <class T>
constexpr const TextFields& text_fields() {
    return TextFieldTable<T, typename decltype(description_of<T>)::indices>::table;
}

} // namespace armature::detail
