#pragma once

#include <armature/json/names.hpp>

#include <cassert>
#include <cstring>

namespace armature {

/// Where JSON text is put together: a small buffer on the stack in front of a string, so that a
/// short document costs the string one allocation of the right size. Nothing reaches the string
/// before `flush`.
class JsonSink {
  public:
    explicit JsonSink(std::string& out) noexcept : out_(out) {}
    JsonSink(const JsonSink&) = delete;
    JsonSink& operator=(const JsonSink&) = delete;

    /// Room for `size` bytes, at most `buffer_size`; `advance` says how far it was used.
    [[nodiscard]] char* prepare(std::size_t size) {
        if (static_cast<std::size_t>(buffer_ + buffer_size - position_) < size) flush();
        return position_;
    }
    void advance(char* end) noexcept { position_ = end; }

    void put(char c) {
        *prepare(1) = c;
        ++position_;
    }
    /// Text of a size known at compile time, at most `buffer_size`: a few moves.
    void put(const char* text, std::size_t size) {
        std::memcpy(prepare(size), text, size);
        position_ += size;
    }
    /// Text of any size, as it is.
    void append(std::string_view text);
    void flush();
    /// Everything written, as a string of its own; the sink starts anew.
    [[nodiscard]] std::string take();

    static constexpr std::size_t buffer_size = 2048;

  private:
    std::string& out_;
    char* position_ = buffer_;
    char buffer_[buffer_size];
};

namespace detail {

/// In quotes and escaped; bytes that are not UTF-8 become U+FFFD, so the output is always valid.
void write_text(JsonSink& sink, std::string_view text);
void write_integer(JsonSink& sink, std::int64_t value);
void write_integer(JsonSink& sink, std::uint64_t value);
/// The shortest text that reads back as the same value; null for NaN and infinities.
void write_real(JsonSink& sink, double value);
void write_real(JsonSink& sink, float value);

template <class T>
void write_value(JsonSink& sink, const T& value);

// Follows: the object is begun, and something is in it.
template <class T, std::size_t I, bool Follows>
void write_member(JsonSink& sink, const T& object, bool& is_first) {
    constexpr const auto& member = description_of<T>.template get<I>();
    if constexpr (member.notes.write_only) return;
    using Names = JsonNames<T>;
    constexpr const char* name = Names::text.data() + Names::ends[I];
    constexpr std::size_t size = Names::ends[I + 1] - Names::ends[I];
    const auto& value = object.*member.pointer;
    if constexpr (member.is_optional)
        if (!value) return;
    if constexpr (Follows ? I != 0 : (I == 0 || I > Names::first_certain)) {
        sink.put(name, size);
    } else {
        sink.put(!Follows && is_first ? '{' : ',');
        sink.put(name + 1, size - 1);
    }
    is_first = false;
    if constexpr (member.is_optional)
        write_value(sink, *value);
    else
        write_value(sink, value);
}

template <class T, bool Follows = false, std::size_t... I>
void write_members(JsonSink& sink, const T& object, std::index_sequence<I...>) {
    bool is_first = !Follows;
    (write_member<T, I, Follows>(sink, object, is_first), ...);
    if (is_first) sink.put('{');
    sink.put('}');
}

template <class T, std::size_t I>
void write_alternative(JsonSink& sink, const T& variant) {
    constexpr const auto& description = description_of<T>;
    static_assert(is_plain_name(description.tags[I]),
                  "armature: the text of each type of a variant must have 1 to 256 bytes and none "
                  "of \" \\ and control characters");
    constexpr const auto& name = JsonDiscriminator<T>::text;
    sink.put(name.data(), name.size());
    sink.put('"');
    sink.append(description.tags[I]);
    sink.put('"');
    const auto& object = description.template get<I>(variant);
    using Struct = std::remove_cvref_t<decltype(object)>;
    write_members<Struct, true>(sink, object, typename decltype(description_of<Struct>)::indices{});
}

template <class T, std::size_t... I>
void write_variant(JsonSink& sink, const T& variant, std::index_sequence<I...>) {
    static constexpr void (*writers[])(JsonSink&, const T&) = {&write_alternative<T, I>...};
    if (variant.valueless_by_exception())
        sink.put("null", 4);
    else
        writers[variant.index()](sink, variant);
}

template <class T>
void write_value(JsonSink& sink, const T& value) {
    constexpr ValueKind kind = value_kind<T>;
    static_assert(kind != ValueKind::unsupported || std::same_as<T, std::nullptr_t>,
                  "armature: this type has no JSON form; give it ARMATURE_DESCRIBE(Type, members) "
                  "or ARMATURE_DESCRIBE_ENUM(Type, enumerators)");
    if constexpr (std::same_as<T, std::nullptr_t>) {
        sink.put("null", 4);
    } else if constexpr (kind == ValueKind::boolean) {
        if (value)
            sink.put("true", 4);
        else
            sink.put("false", 5);
    } else if constexpr (kind == ValueKind::integer) {
        if constexpr (std::signed_integral<T>)
            write_integer(sink, std::int64_t{value});
        else
            write_integer(sink, std::uint64_t{value});
    } else if constexpr (kind == ValueKind::real) {
        if constexpr (std::same_as<T, float>)
            write_real(sink, value);
        else
            write_real(sink, static_cast<double>(value));
    } else if constexpr (kind == ValueKind::text) {
        write_text(sink, value);
    } else if constexpr (kind == ValueKind::optional) {
        if (value)
            write_value(sink, *value);
        else
            sink.put("null", 4);
    } else if constexpr (kind == ValueKind::enumeration) {
        write_text(sink, enum_name(value));
    } else if constexpr (kind == ValueKind::formatted) {
        using Form = TextForm<T>;
        static_assert(Form::max_size <= 256, "armature: a TextForm has at most 256 bytes");
        char* const to = sink.prepare(Form::max_size + 2);
        *to = '"';
        char* const end = Form::write(to + 1, value);
        *end = '"';
        sink.advance(end + 1);
    } else if constexpr (kind == ValueKind::variant) {
        write_variant(sink, value, typename decltype(description_of<T>)::indices{});
    } else if constexpr (kind == ValueKind::object) {
        write_members(sink, value, typename decltype(description_of<T>)::indices{});
    } else if constexpr (kind == ValueKind::map) {
        char separator = '{';
        for (const auto& [key, item] : value) {
            sink.put(separator);
            write_text(sink, key);
            sink.put(':');
            write_value(sink, item);
            separator = ',';
        }
        if (separator == '{') sink.put('{');
        sink.put('}');
    } else if constexpr (kind == ValueKind::list) {
        char separator = '[';
        for (const auto& item : value) {
            sink.put(separator);
            // Names the type, because an item of std::vector<bool> is a proxy.
            write_value<std::remove_cv_t<typename T::value_type>>(sink, item);
            separator = ',';
        }
        if (separator == '[') sink.put('[');
        sink.put(']');
    }
}

} // namespace detail

/// Appends `value` as compact JSON text (RFC 8259) to `out`, without a document tree between.
///
/// bool, integers, floating point, text, types with a TextForm, std::optional, lists, maps with
/// text keys, described structs, enumerations and variants, nested as they come. An empty optional
/// member of a struct is left out; anywhere else it is null. NaN and infinities are null. An
/// enumerator that isn't described is "". The output is always valid UTF-8: other bytes in text
/// become U+FFFD.
///
/// Cost: at most one allocation for output below 2 KiB, none if `out` has the capacity.
template <class T>
void write_json(std::string& out, const T& value) {
    JsonSink sink(out);
    detail::write_value(sink, value);
    sink.flush();
}

/// `value` as compact JSON text; see `write_json`.
template <class T>
[[nodiscard]] std::string to_json(const T& value) {
    std::string overflow; // what doesn't fit into the sink's buffer
    JsonSink sink(overflow);
    detail::write_value(sink, value);
    return sink.take();
}

/// Builds JSON for which there is no struct:
///
///     JsonWriter json;
///     json.begin_object().member("status", "ok").key("ids").begin_array();
///     for (int id : ids) json.value(id);
///     json.end_array().end_object();
///     return json.take();
///
/// Commas come by themselves. Values are all that `write_json` accepts, and nullptr. Wrong use,
/// such as a value without a key in an object, is an assertion in debug builds. At most 64 levels.
class JsonWriter {
  public:
    JsonWriter() noexcept : sink_(text_) {}

    JsonWriter& begin_object() { return begin('{', true); }
    JsonWriter& end_object() { return end('}', true); }
    JsonWriter& begin_array() { return begin('[', false); }
    JsonWriter& end_array() { return end(']', false); }

    JsonWriter& key(std::string_view name);
    template <class T>
    JsonWriter& value(const T& value) {
        before_value();
        detail::write_value(sink_, value);
        return *this;
    }
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    /// A value that is JSON text already; it is not checked.
    JsonWriter& raw(std::string_view json);
    template <class T>
    JsonWriter& member(std::string_view name, const T& item) {
        return key(name).value(item);
    }
    JsonWriter& member(std::string_view name, const char* text) { return key(name).value(text); }

    /// The finished text; everything that was begun must be ended.
    [[nodiscard]] std::string take();

  private:
    void before_value();
    JsonWriter& begin(char bracket, bool is_object);
    JsonWriter& end(char bracket, bool is_object);

    std::string text_;
    JsonSink sink_;
    std::uint64_t in_object_ = 0; // a bit for each level, the innermost lowest
    unsigned depth_ = 0;
    bool needs_comma_ = false;
    bool has_key_ = false;
};

} // namespace armature
