#pragma once

#include <armature/describe/type_info.hpp>
#include <armature/describe/variant.hpp>
#include <armature/json/write.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature {

/// HTML that is sent as it is where a template puts it into a page's text; in an attribute, a URL
/// or a script it is escaped as all text. Make one only of markup that this program or a sanitizer
/// wrote: whoever writes the text writes the page.
class TrustedHtml {
  public:
    TrustedHtml() = default;
    explicit TrustedHtml(std::string html) noexcept : html_(std::move(html)) {}
    operator std::string_view() const noexcept { return html_; } // NOLINT: it is text elsewhere

  private:
    std::string html_;
};

namespace detail {

struct TemplateType;

/// A value as templates see it: which object, and what can be done with its type. Not owning.
struct TemplateRef {
    const void* object = nullptr;
    const TemplateType* type = nullptr; ///< null: there is no such thing

    [[nodiscard]] explicit operator bool() const noexcept { return type != nullptr; }
};

class TemplateVisitor {
  public:
    /// `key` is of maps, else empty.
    virtual void visit(std::string_view key, TemplateRef item, bool is_last) = 0;

  protected:
    ~TemplateVisitor() = default;
};

struct TemplateType {
    /// Neither optional nor variant: what is in them stands for them. `unsupported`: nothing is.
    ValueKind kind = ValueKind::unsupported;
    bool is_html = false;
    void (*text)(const void* object, std::string& out) = nullptr; ///< of scalars only
    void (*json)(const void* object, std::string& out) = nullptr;
    bool (*truth)(const void* object) = nullptr;
    TemplateRef (*find)(const void* object, std::string_view name) = nullptr; ///< objects and maps
    void (*each)(const void* object, TemplateVisitor& visitor) = nullptr;     ///< lists and maps
    std::int64_t (*integer)(const void* object) = nullptr;
    double (*real)(const void* object) = nullptr;
};

/// An optional without a value.
extern const TemplateType template_nothing;

template <class T>
[[nodiscard]] TemplateRef template_ref(const T& value);

template <class T>
void template_text(const T& value, std::string& out) {
    constexpr ValueKind kind = value_kind<T>;
    if constexpr (kind == ValueKind::text) {
        out.append(std::string_view{value});
    } else if constexpr (kind == ValueKind::enumeration) {
        out.append(enum_name(value));
    } else if constexpr (kind == ValueKind::formatted) {
        const std::size_t old = out.size();
        out.resize(old + TextForm<T>::max_size);
        out.resize(
            static_cast<std::size_t>(TextForm<T>::write(out.data() + old, value) - out.data()));
    } else {
        write_json(out, value);
    }
}

template <class T>
bool template_truth(const T& value) {
    constexpr ValueKind kind = value_kind<T>;
    if constexpr (kind == ValueKind::boolean)
        return value;
    else if constexpr (kind == ValueKind::integer || kind == ValueKind::real)
        return value != T{};
    else if constexpr (kind == ValueKind::text)
        return !std::string_view{value}.empty();
    else if constexpr (kind == ValueKind::list || kind == ValueKind::map)
        return value.begin() != value.end();
    else
        return true;
}

template <class T>
TemplateRef template_find(const T& object, std::string_view name) {
    TemplateRef found;
    if constexpr (value_kind<T> == ValueKind::object)
        for_each_member<T>([&](const auto& member) {
            if (member.name == name) found = template_ref(object.*member.pointer);
        });
    else
        for (const auto& [key, item] : object)
            if (std::string_view{key} == name) found = template_ref(item);
    return found;
}

template <class T>
void template_each(const T& list, TemplateVisitor& visitor) {
    for (auto it = list.begin(); it != list.end();) {
        if constexpr (value_kind<T> == ValueKind::map) {
            const auto& entry = *it;
            ++it;
            visitor.visit(entry.first, template_ref(entry.second), it == list.end());
        } else {
            // Names the type, because an item of std::vector<bool> is a proxy.
            const std::remove_cv_t<typename T::value_type>& item = *it;
            ++it;
            visitor.visit({}, template_ref(item), it == list.end());
        }
    }
}

template <class T>
constexpr TemplateType make_template_type() {
    constexpr ValueKind kind = value_kind<T>;
    static_assert(kind != ValueKind::unsupported,
                  "armature: templates can't show this type; give it ARMATURE_DESCRIBE(Type, "
                  "members) or ARMATURE_DESCRIBE_ENUM(Type, enumerators)");
    TemplateType type;
    type.kind = kind;
    type.is_html = std::same_as<T, TrustedHtml>;
    type.json = [](const void* object, std::string& out) {
        write_json(out, *static_cast<const T*>(object));
    };
    type.truth = [](const void* object) { return template_truth(*static_cast<const T*>(object)); };
    if constexpr (kind == ValueKind::object || kind == ValueKind::map)
        type.find = [](const void* object, std::string_view name) {
            return template_find(*static_cast<const T*>(object), name);
        };
    if constexpr (kind == ValueKind::list || kind == ValueKind::map)
        type.each = [](const void* object, TemplateVisitor& visitor) {
            template_each(*static_cast<const T*>(object), visitor);
        };
    else if constexpr (kind != ValueKind::object)
        type.text = [](const void* object, std::string& out) {
            template_text(*static_cast<const T*>(object), out);
        };
    if constexpr (kind == ValueKind::integer)
        type.integer = [](const void* object) {
            return static_cast<std::int64_t>(*static_cast<const T*>(object));
        };
    if constexpr (kind == ValueKind::real)
        type.real = [](const void* object) {
            return static_cast<double>(*static_cast<const T*>(object));
        };
    return type;
}

template <class T>
inline constexpr TemplateType template_type = make_template_type<T>();

template <class T, std::size_t... I>
TemplateRef template_alternative(const T& variant, std::index_sequence<I...>) {
    TemplateRef found{nullptr, &template_nothing};
    ((variant.index() == I ? void(found = template_ref(description_of<T>.template get<I>(variant)))
                           : void()),
     ...);
    return found;
}

template <class T>
TemplateRef template_ref(const T& value) {
    if constexpr (std::same_as<T, TemplateRef>) {
        return value;
    } else if constexpr (value_kind<T> == ValueKind::optional) {
        return value ? template_ref(*value) : TemplateRef{nullptr, &template_nothing};
    } else if constexpr (value_kind<T> == ValueKind::variant) {
        return template_alternative(value, typename decltype(description_of<T>)::indices{});
    } else {
        return {&value, &template_type<T>};
    }
}

} // namespace detail

/// Named values of any describable types, for a page without a struct of its own:
///
///     templates->render("page.html", TemplateValues{}.set("title", "Hello").set("user", user))
///
/// Keeps copies. A struct is better: `Templates::require` checks a template against it at start-up.
class TemplateValues {
  public:
    TemplateValues() = default;
    TemplateValues(TemplateValues&&) noexcept = default;
    TemplateValues& operator=(TemplateValues&&) noexcept = default;

    template <class T>
    TemplateValues& set(std::string name, T value) & {
        if constexpr (std::is_pointer_v<T>) { // of a literal
            return set(std::move(name), std::string{value});
        } else {
            auto kept = std::make_unique<ValueOf<T>>(std::move(value));
            const detail::TemplateRef ref = detail::template_ref(kept->value);
            values_.push_back({std::move(name), ref, std::move(kept)});
            return *this;
        }
    }
    template <class T>
    TemplateValues&& set(std::string name, T value) && {
        return std::move(set(std::move(name), std::move(value)));
    }

    /// For templates.
    [[nodiscard]] detail::TemplateRef ref() const noexcept { return {this, &type}; }

  private:
    struct Value {
        virtual ~Value() = default;
    };
    template <class T>
    struct ValueOf final : Value {
        explicit ValueOf(T&& moved) : value(std::move(moved)) {}
        T value;
    };
    struct Entry {
        std::string name;
        detail::TemplateRef ref;
        std::unique_ptr<Value> value;
    };
    static const detail::TemplateType type;

    std::vector<Entry> values_;
};

} // namespace armature
