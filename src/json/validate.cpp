#include "describe/formats.hpp"

#include <armature/json/validate.hpp>

#include <re2/re2.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <memory>
#include <stdexcept>

namespace armature::detail {
namespace {

// Compiled patterns, found by their text. Entries are added and never removed, so readers need
// no lock, and there is one for each pattern written in the program.
struct CompiledPattern {
    explicit CompiledPattern(std::string_view source)
        : text(source), expression(re2::StringPiece(text), RE2::Quiet) {}

    const std::string text;
    const RE2 expression;
    CompiledPattern* next = nullptr;
};

const RE2& compiled(std::string_view text) {
    static std::atomic<CompiledPattern*> buckets[64];
    std::size_t hash = text.size();
    for (const char c : text)
        hash = hash * 31 + static_cast<unsigned char>(c);
    std::atomic<CompiledPattern*>& bucket = buckets[hash % 64];
    CompiledPattern* first = bucket.load(std::memory_order_acquire);
    for (const CompiledPattern* at = first; at; at = at->next)
        if (at->text == text) return at->expression;

    auto added = std::make_unique<CompiledPattern>(text);
    if (!added->expression.ok())
        throw std::invalid_argument("armature: the pattern '" + added->text +
                                    "' is not a regular expression: " + added->expression.error());
    // Two threads may add the same pattern at once: both entries are good.
    added->next = first;
    while (!bucket.compare_exchange_weak(added->next, added.get(), std::memory_order_acq_rel)) {
    }
    return added.release()->expression;
}

std::string bound_text(const Rule& rule) {
    if (!rule.is_real) return std::to_string(rule.integer);
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, rule.real).ptr};
}

// -1, 0 or 1: the value below, at or above the bound.
template <std::integral Integer>
int compare(Integer value, const Rule& rule) noexcept {
    if (rule.is_real) {
        const auto real = static_cast<double>(value);
        return real < rule.real ? -1 : real > rule.real;
    }
    if (std::cmp_less(value, rule.integer)) return -1;
    return std::cmp_greater(value, rule.integer);
}
// In the value's own type: the float 0.1 is not above the bound 0.1, though the nearest double is.
template <std::floating_point Real>
int compare(Real value, const Rule& rule) noexcept {
    const Real bound =
        rule.is_real ? static_cast<Real>(rule.real) : static_cast<Real>(rule.integer);
    return value < bound ? -1 : value > bound;
}

// As JSON Schema has it: the quotient is whole. Only integers have the rule.
template <class Number>
bool is_multiple(Number value, std::int64_t divisor) noexcept {
    if constexpr (std::integral<Number>)
        return divisor == 0 || value % static_cast<Number>(divisor) == 0;
    else
        return true;
}

template <class Number>
bool check_number(Number value, const Rule* rules, std::size_t count, JsonErrors& errors,
                  const JsonPath* path) {
    bool valid = true;
    for (const Rule* rule = rules; rule != rules + count; ++rule) {
        const int order = compare(value, *rule);
        const char* wanted = nullptr;
        switch (rule->kind) {
        case RuleKind::min:
            if (order < 0) wanted = "must be at least ";
            break;
        case RuleKind::exclusive_min:
            if (order <= 0) wanted = "must be greater than ";
            break;
        case RuleKind::max:
            if (order > 0) wanted = "must be at most ";
            break;
        case RuleKind::exclusive_max:
            if (order >= 0) wanted = "must be less than ";
            break;
        default:
            if (!is_multiple(value, rule->integer)) wanted = "must be a multiple of ";
        }
        if (!wanted) continue;
        errors.add(path, wanted + bound_text(*rule));
        valid = false;
    }
    return valid;
}

// One sentence for lengths and counts: "must have at least 1 character".
bool check_count(std::size_t value, const Rule& rule, bool is_min, const char* unit,
                 JsonErrors& errors, const JsonPath* path) {
    const auto bound = static_cast<std::size_t>(rule.integer);
    if (is_min ? value >= bound : value <= bound) return true;
    errors.add(path, (is_min ? "must have at least " : "must have at most ") +
                         std::to_string(bound) + ' ' + unit + (bound == 1 ? "" : "s"));
    return false;
}

std::size_t count_characters(std::string_view text) noexcept {
    std::size_t count = 0;
    for (const char c : text)
        count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return count;
}

} // namespace

bool check_integer(std::int64_t value, const Rule* rules, std::size_t count, JsonErrors& errors,
                   const JsonPath* path) {
    return check_number(value, rules, count, errors, path);
}
bool check_integer(std::uint64_t value, const Rule* rules, std::size_t count, JsonErrors& errors,
                   const JsonPath* path) {
    return check_number(value, rules, count, errors, path);
}
bool check_real(float value, const Rule* rules, std::size_t count, JsonErrors& errors,
                const JsonPath* path) {
    return check_number(value, rules, count, errors, path);
}
bool check_real(double value, const Rule* rules, std::size_t count, JsonErrors& errors,
                const JsonPath* path) {
    return check_number(value, rules, count, errors, path);
}

bool check_text(std::string_view value, const Rule* rules, std::size_t count, JsonErrors& errors,
                const JsonPath* path) {
    bool valid = true;
    for (const Rule* rule = rules; rule != rules + count; ++rule) {
        switch (rule->kind) {
        case RuleKind::min_length:
        case RuleKind::max_length:
            valid &= check_count(count_characters(value), *rule, rule->kind == RuleKind::min_length,
                                 "character", errors, path);
            break;
        case RuleKind::pattern:
            if (RE2::PartialMatch(re2::StringPiece(value), compiled(rule->text))) break;
            errors.add(path, "must match the pattern " + std::string(rule->text));
            valid = false;
            break;
        default:
            const Format* const format = find_format(rule->text);
            if (!format || format->has(value)) break;
            errors.add(path, "must be " + std::string(format->wanted));
            valid = false;
        }
    }
    return valid;
}

bool check_items(std::size_t value, const Rule* rules, std::size_t count, JsonErrors& errors,
                 const JsonPath* path) {
    bool valid = true;
    for (const Rule* rule = rules; rule != rules + count; ++rule)
        if (rule->kind != RuleKind::unique_items)
            valid &=
                check_count(value, *rule, rule->kind == RuleKind::min_items, "item", errors, path);
    return valid;
}

// Sorting, because comparing each item with each would let a client buy quadratic time.
bool check_unique(std::vector<const void*>& items, bool (*less)(const void*, const void*),
                  JsonErrors& errors, const JsonPath* path) {
    std::sort(items.begin(), items.end(), less);
    const auto equal = [less](const void* a, const void* b) { return !less(a, b); };
    if (std::adjacent_find(items.begin(), items.end(), equal) == items.end()) return true;
    errors.add(path, "must not hold an item twice");
    return false;
}

} // namespace armature::detail
