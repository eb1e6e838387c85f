#pragma once

#include <armature/describe/describe.hpp>
#include <armature/json/errors.hpp>

namespace armature {
namespace detail {

// Each adds an error per broken rule and says whether there was none.
bool check_integer(std::int64_t value, const Rule* rules, std::size_t count, JsonErrors& errors,
                   const JsonPath* path);
bool check_integer(std::uint64_t value, const Rule* rules, std::size_t count, JsonErrors& errors,
                   const JsonPath* path);
bool check_real(float value, const Rule* rules, std::size_t count, JsonErrors& errors,
                const JsonPath* path);
bool check_real(double value, const Rule* rules, std::size_t count, JsonErrors& errors,
                const JsonPath* path);
bool check_text(std::string_view value, const Rule* rules, std::size_t count, JsonErrors& errors,
                const JsonPath* path);
bool check_items(std::size_t value, const Rule* rules, std::size_t count, JsonErrors& errors,
                 const JsonPath* path);

/// `items` is put into the order that `less` gives.
bool check_unique(std::vector<const void*>& items, bool (*less)(const void*, const void*),
                  JsonErrors& errors, const JsonPath* path);

template <class T>
bool check_list(const T& list, const Rule* rules, std::size_t count, JsonErrors& errors,
                const JsonPath* path) {
    using Item = typename T::value_type;
    bool valid = check_items(list.size(), rules, count, errors, path);
    for (const Rule* rule = rules; rule != rules + count; ++rule) {
        if (rule->kind != RuleKind::unique_items) continue;
        std::vector<const void*> items;
        for (const Item& item : list)
            items.push_back(&item);
        const auto less = [](const void* a, const void* b) {
            return *static_cast<const Item*>(a) < *static_cast<const Item*>(b);
        };
        valid = check_unique(items, less, errors, path) && valid;
    }
    return valid;
}

/// The rules of one member, not those inside its value.
template <class T>
bool check_rules(const T& value, const Rule* rules, std::size_t count, JsonErrors& errors,
                 const JsonPath* path) {
    constexpr ValueKind kind = value_kind<T>;
    if constexpr (kind == ValueKind::optional)
        return !value || check_rules(*value, rules, count, errors, path);
    else if constexpr (kind == ValueKind::integer && std::signed_integral<T>)
        return check_integer(std::int64_t{value}, rules, count, errors, path);
    else if constexpr (kind == ValueKind::integer)
        return check_integer(std::uint64_t{value}, rules, count, errors, path);
    else if constexpr (std::same_as<T, float>)
        return check_real(value, rules, count, errors, path);
    else if constexpr (kind == ValueKind::real)
        return check_real(static_cast<double>(value), rules, count, errors, path);
    else if constexpr (kind == ValueKind::text)
        return check_text(value, rules, count, errors, path);
    else if constexpr (has_ordered_items<T>())
        return check_list(value, rules, count, errors, path);
    else
        return check_items(value.size(), rules, count, errors, path);
}

template <class T>
bool validate_value(const T& value, JsonErrors& errors, const JsonPath* path);

template <class T, std::size_t... I>
bool validate_variant(const T& value, JsonErrors& errors, const JsonPath* path,
                      std::index_sequence<I...>) {
    bool valid = true;
    ((value.index() == I &&
      (valid = validate_value(description_of<T>.template get<I>(value), errors, path))),
     ...);
    return valid;
}

template <class T>
bool validate_value(const T& value, JsonErrors& errors, const JsonPath* path) {
    bool valid = true;
    if constexpr (value_kind<T> == ValueKind::optional) {
        if (value) valid = validate_value(*value, errors, path);
    } else if constexpr (value_kind<T> == ValueKind::list) {
        JsonPath step{path, {}, 0};
        for (const auto& item : value) {
            valid &= validate_value(item, errors, &step);
            ++step.index;
        }
    } else if constexpr (value_kind<T> == ValueKind::map) {
        for (const auto& [key, item] : value) {
            const JsonPath step{path, key, 0};
            valid &= validate_value(item, errors, &step);
        }
    } else if constexpr (value_kind<T> == ValueKind::variant) {
        valid =
            validate_variant(value, errors, path, typename decltype(description_of<T>)::indices{});
    } else if constexpr (value_kind<T> == ValueKind::object) {
        for_each_member<T>([&](const auto& member) {
            const JsonPath step{path, member.name, 0};
            const auto& item = value.*member.pointer;
            constexpr std::size_t count = std::remove_cvref_t<decltype(member)>::rule_count;
            if constexpr (count != 0)
                valid &= check_rules(item, member.rules.data(), count, errors, &step);
            valid &= validate_value(item, errors, &step);
        });
    }
    return valid;
}

} // namespace detail

/// Checks the rules of a described value and of all values in it: for a value that did not come
/// from `read_json`, which checks them as it reads. Adds an error for each broken rule; true if
/// there was none.
///
/// Errors: std::invalid_argument for a `pattern` that is not a regular expression.
/// Threads: any; compiled patterns are shared without a lock.
template <class T>
[[nodiscard]] bool validate(const T& value, JsonErrors& errors) {
    return detail::validate_value(value, errors, nullptr);
}

} // namespace armature
