#pragma once

#include <armature/json/names.hpp>
#include <armature/json/validate.hpp>

#include <limits>

namespace armature {

class JsonReader;

namespace detail {

// What the compiled part of the reader knows of a described struct.
struct JsonField {
    std::string_view key; // as it mostly stands in a text: "name":
    JsonStatus (*read)(JsonReader& reader, void* object);

    [[nodiscard]] constexpr std::string_view name() const noexcept {
        return key.substr(1, key.size() - 3);
    }
};
struct JsonFields {
    const JsonField* fields;
    std::size_t size;
    std::uint64_t required; // a bit for each field
};
// One of a variant's structs. Its fields end with the discriminator, which says nothing new then.
struct JsonAlternative {
    std::string_view tag;
    void* (*emplace)(void* variant);
    JsonFields fields;
};

} // namespace detail

/// Reads JSON text from front to end, strictly (RFC 8259), into values whose types the caller
/// knows. `read_json` is what a program uses; this is the compiled part behind it.
///
/// Every function reads one value. When it returns `malformed`, reading is over. When it returns
/// `invalid`, the fault is in the errors, the value was skipped, and reading goes on.
class JsonReader {
  public:
    /// Arrays and objects nested deeper than this are refused as malformed (RFC 8259 §9).
    static constexpr unsigned max_depth = 64;
    static constexpr std::size_t any_count = static_cast<std::size_t>(-1);

    /// `text` and `errors` must outlive the reader.
    JsonReader(std::string_view text, JsonErrors& errors) noexcept;

    JsonStatus read_boolean(bool& out);
    /// 1.0 and 1e2 are integers, as JSON Schema 2020-12 has it; 1.5 is not.
    JsonStatus read_integer(std::int64_t& out, std::int64_t least, std::int64_t greatest);
    JsonStatus read_integer(std::uint64_t& out, std::uint64_t greatest);
    /// Correctly rounded. Too large is invalid; too small is zero.
    JsonStatus read_real(double& out);
    JsonStatus read_real(float& out);
    JsonStatus read_text(std::string& out);
    JsonStatus read_enum(std::int64_t& out, const EnumName* names, std::size_t count);
    /// Text that `parse` takes, or "must be " and `wanted`.
    JsonStatus read_formatted(void* out, bool (*parse)(std::string_view text, void* out),
                              std::string_view wanted);
    JsonStatus read_object(void* object, const detail::JsonFields& fields);
    /// The object that the member `discriminator`, wherever it stands, says it is.
    JsonStatus read_variant(void* variant, std::string_view discriminator,
                            const detail::JsonAlternative* alternatives, std::size_t count);
    /// Calls `item` for each member, to read its value. `step.key` is a view that ends with the
    /// next read: `item` makes it view its own copy. False: there is a member of that name
    /// already, and the value was not read.
    JsonStatus read_map(void* map,
                        bool (*item)(JsonReader&, void* map, JsonPath& step, JsonStatus& status));
    /// Calls `item` for each item, to read it. More or fewer than `exact` items are invalid.
    JsonStatus read_list(void* list, JsonStatus (*item)(JsonReader&, void* list, std::size_t index),
                         std::size_t exact = any_count);
    /// Takes a null if the next value is one.
    bool take_null() noexcept;
    /// The text from the next value on.
    [[nodiscard]] std::string_view rest() noexcept;
    /// Any value, checked and forgotten.
    JsonStatus skip_value();
    /// Nothing but white space may be left.
    JsonStatus finish();

    /// Reports a fault of the value just read.
    JsonStatus invalid(std::string detail);
    [[nodiscard]] JsonErrors& errors() noexcept { return errors_; }
    [[nodiscard]] const JsonPath* path() const noexcept { return path_; }

  private:
    struct Number;

    void skip_space() noexcept {
        while (position_ != end_ && (*position_ == ' ' || *position_ == '\n' ||
                                     *position_ == '\r' || *position_ == '\t'))
            ++position_;
    }
    [[nodiscard]] bool next_is(char c) noexcept {
        skip_space();
        return position_ != end_ && *position_ == c;
    }
    JsonStatus malformed(const char* position, std::string detail);
    JsonStatus expected(const char* what);
    JsonStatus mismatch(const char* wanted);
    JsonStatus take_word(std::string_view word);
    JsonStatus enter();
    [[nodiscard]] bool take_comma() noexcept {
        if (!next_is(',')) return false;
        ++position_;
        return true;
    }
    JsonStatus take_bracket(char bracket);
    JsonStatus take_string(std::string_view& view, std::string& decoded);
    JsonStatus decode_escape(std::string& decoded);
    JsonStatus take_hex(std::uint32_t& unit);
    JsonStatus take_key(std::string_view& key);
    JsonStatus take_field(const detail::JsonFields& fields, std::size_t& index);
    JsonStatus find_alternative(std::string_view discriminator,
                                const detail::JsonAlternative* alternatives, std::size_t count,
                                const detail::JsonAlternative*& found);
    JsonStatus read_tag(const detail::JsonAlternative* alternatives, std::size_t count,
                        const detail::JsonAlternative*& found);
    JsonStatus take_number(Number& number);
    JsonStatus skip_number();
    JsonStatus read_magnitude(Number& number, std::uint64_t& magnitude, bool& fits);
    JsonStatus invalid_range(std::int64_t least, std::uint64_t greatest);
    template <class Real>
    JsonStatus read_floating(Real& out);

    const char* position_;
    const char* const begin_;
    const char* const end_;
    JsonErrors& errors_;
    const JsonPath* path_ = nullptr;
    unsigned depth_ = 0;
    std::string scratch_; // decoded names, and strings of which only the syntax matters
};

namespace detail {

template <class T>
JsonStatus read_value(JsonReader& reader, T& out);

template <class T, std::size_t I>
JsonStatus read_member(JsonReader& reader, void* object) {
    constexpr const auto& member = description_of<T>.template get<I>();
    if constexpr (member.notes.read_only) return reader.skip_value();
    auto& value = static_cast<T*>(object)->*member.pointer;
    const JsonStatus status = read_value(reader, value);
    if constexpr (member.rules.size() != 0)
        if (status == JsonStatus::ok &&
            !check_rules(value, member.rules.data(), member.rules.size(), reader.errors(),
                         reader.path()))
            return JsonStatus::invalid;
    return status;
}

template <class T, class Indices>
struct JsonFieldTable;
template <class T, std::size_t... I>
struct JsonFieldTable<T, std::index_sequence<I...>> {
    static constexpr JsonField fields[] = {{{JsonNames<T>::text.data() + JsonNames<T>::ends[I] + 1,
                                             JsonNames<T>::ends[I + 1] - JsonNames<T>::ends[I] - 1},
                                            &read_member<T, I>}...};
    static constexpr JsonFields table{
        fields, sizeof...(I),
        ((std::uint64_t{description_of<T>.template get<I>().is_required()} << I) | ...)};
};

template <class T, class Members>
struct JsonAlternativeTable;
template <class T, std::size_t... I>
struct JsonAlternativeTable<T, std::index_sequence<I...>> {
    template <std::size_t A, class Members>
    struct Fields;
    template <std::size_t A, std::size_t... M>
    struct Fields<A, std::index_sequence<M...>> {
        using Struct = typename decltype(description_of<T>)::template alternative<A>;
        static_assert(sizeof...(M) < 64,
                      "armature: a struct of a variant has at most 63 described members");
        static constexpr JsonField fields[] = {
            JsonFieldTable<Struct, std::index_sequence<M...>>::fields[M]...,
            {{JsonDiscriminator<T>::text.data() + 1, JsonDiscriminator<T>::text.size() - 1},
             [](JsonReader& reader, void*) { return reader.skip_value(); }}};
        static constexpr JsonFields table{
            fields, sizeof...(M) + 1,
            JsonFieldTable<Struct, std::index_sequence<M...>>::table.required};
    };
    template <std::size_t A>
    using Members =
        typename decltype(description_of<
                          typename decltype(description_of<T>)::template alternative<A>>)::indices;

    static constexpr JsonAlternative alternatives[] = {
        {description_of<T>.tags[I],
         [](void* variant) -> void* {
             return &description_of<T>.template emplace<I>(*static_cast<T*>(variant));
         },
         Fields<I, Members<I>>::table}...};
};

template <class T>
JsonStatus read_list_item(JsonReader& reader, void* list, std::size_t index) {
    T& out = *static_cast<T*>(list);
    using Item = typename T::value_type;
    if constexpr (!requires { out.emplace_back(); }) { // std::array
        if (index < out.size()) return read_value(reader, out[index]);
        return reader.skip_value();
    } else if constexpr (std::same_as<Item, bool>) { // std::vector<bool> has no bool to refer to
        bool item = false;
        const JsonStatus status = reader.read_boolean(item);
        out.push_back(item);
        return status;
    } else {
        // Most lists are short; without this, three items cost three allocations.
        if constexpr (requires { out.reserve(4); } && sizeof(Item) <= 64)
            if (index == 0) out.reserve(4);
        return read_value(reader, out.emplace_back());
    }
}

template <class T>
bool read_map_item(JsonReader& reader, void* map, JsonPath& step, JsonStatus& status) {
    using Key = typename T::key_type;
    const auto [place, is_new] = static_cast<T*>(map)->try_emplace(Key(step.key));
    if (!is_new) return false;
    step.key = place->first;
    status = read_value(reader, place->second);
    return true;
}

template <class T>
JsonStatus read_value(JsonReader& reader, T& out) {
    constexpr ValueKind kind = value_kind<T>;
    static_assert(kind != ValueKind::unsupported,
                  "armature: this type can't be read from JSON; give it ARMATURE_DESCRIBE(Type, "
                  "members) or ARMATURE_DESCRIBE_ENUM(Type, enumerators)");
    if constexpr (kind == ValueKind::boolean) {
        return reader.read_boolean(out);
    } else if constexpr (kind == ValueKind::integer) {
        using Limits = std::numeric_limits<T>;
        JsonStatus status;
        if constexpr (std::signed_integral<T>) {
            std::int64_t value = 0;
            status = reader.read_integer(value, Limits::min(), Limits::max());
            out = static_cast<T>(value);
        } else {
            std::uint64_t value = 0;
            status = reader.read_integer(value, Limits::max());
            out = static_cast<T>(value);
        }
        return status;
    } else if constexpr (kind == ValueKind::real) {
        static_assert(!std::same_as<T, long double>, "armature: JSON numbers are read as double");
        return reader.read_real(out);
    } else if constexpr (kind == ValueKind::text) {
        static_assert(std::same_as<T, std::string>,
                      "armature: text is read from JSON into a std::string, which owns it");
        return reader.read_text(out);
    } else if constexpr (kind == ValueKind::optional) {
        if (reader.take_null()) {
            out.reset();
            return JsonStatus::ok;
        }
        return read_value(reader, out.emplace());
    } else if constexpr (kind == ValueKind::enumeration) {
        constexpr const auto& names = description_of<T>.names;
        std::int64_t value = 0;
        const JsonStatus status = reader.read_enum(value, names.data(), names.size());
        if (status == JsonStatus::ok) out = static_cast<T>(value);
        return status;
    } else if constexpr (kind == ValueKind::formatted) {
        return reader.read_formatted(
            &out,
            [](std::string_view text, void* value) {
                return TextForm<T>::parse(text, *static_cast<T*>(value));
            },
            TextForm<T>::wanted);
    } else if constexpr (kind == ValueKind::variant) {
        constexpr const auto& description = description_of<T>;
        using Table = JsonAlternativeTable<T, typename decltype(description_of<T>)::indices>;
        return reader.read_variant(&out, description.discriminator, Table::alternatives,
                                   description.size);
    } else if constexpr (kind == ValueKind::object) {
        using Indices = typename decltype(description_of<T>)::indices;
        return reader.read_object(&out, JsonFieldTable<T, Indices>::table);
    } else if constexpr (kind == ValueKind::map) {
        out.clear();
        return reader.read_map(&out, &read_map_item<T>);
    } else if constexpr (kind == ValueKind::list) {
        if constexpr (requires { out.emplace_back(); }) {
            out.clear();
            return reader.read_list(&out, &read_list_item<T>);
        } else {
            return reader.read_list(&out, &read_list_item<T>, out.size());
        }
    }
}

} // namespace detail

/// Reads JSON text (RFC 8259) into `out`, without a document tree between, and checks the rules
/// of every described value on the way.
///
/// ok: `out` holds the document. malformed: `errors.syntax()` says where and why. invalid:
/// `errors.values()` has every fault of the document, each with its JSON Pointer. Unless ok,
/// `out` holds valid but unspecified values.
///
/// - A std::optional member may be absent or null; any other must be there, and null is a fault. A
///   `defaulted` member may be absent. An absent member keeps the value it had in `out`.
/// - A `read_only` member is ignored, whatever it is.
/// - Members that the struct doesn't have are ignored, as HTTP APIs grow by adding members.
/// - A member given twice is a fault: RFC 8259 §4 leaves its meaning open, so a proxy that checked
///   one value and a program that uses the other would disagree.
/// - Numbers are never narrowed silently: what doesn't fit the type is a fault. 1.0 is an integer.
/// - Text must be UTF-8; escapes of half a surrogate pair are malformed. A byte order mark is too.
///
/// Errors: std::invalid_argument for a `pattern` that is not a regular expression.
template <class T>
[[nodiscard]] JsonStatus read_json(std::string_view text, T& out, JsonErrors& errors) {
    JsonReader reader(text, errors);
    const JsonStatus status = detail::read_value(reader, out);
    if (status == JsonStatus::malformed) return status;
    return reader.finish() == JsonStatus::ok ? status : JsonStatus::malformed;
}

/// Only whether `text` is JSON: ok, or malformed.
[[nodiscard]] JsonStatus check_json(std::string_view text, JsonErrors& errors);

} // namespace armature
