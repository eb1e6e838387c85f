#include <armature/core/field.hpp>

#include <array>
#include <cstring>

namespace armature {
namespace {

constexpr unsigned slot_bits = 11;
constexpr std::size_t slot_count = std::size_t{1} << slot_bits;

// These three characters and the length differ for any two of the names.
constexpr std::uint32_t key_of(std::string_view name) noexcept {
    const std::size_t size = name.size();
    const auto at = [&](std::size_t i) {
        return std::uint32_t{static_cast<unsigned char>(name[i])};
    };
    return (at(0) | at(size / 2) << 8 | at(size * 3 / 4) << 16 | 0x202020u) ^
           static_cast<std::uint32_t>(size) << 24;
}

constexpr std::size_t slot_of(std::uint32_t key, std::uint32_t multiplier) noexcept {
    return (key * multiplier) >> (32 - slot_bits);
}

// Tries multipliers until no two names share a slot. The compiler does it, so adding a name needs
// nothing else; should the names ever be too many for the table, this doesn't compile.
consteval std::uint32_t find_multiplier() {
    std::array<std::uint32_t, field_count> keys{};
    for (std::size_t i = 1; i < field_count; ++i)
        keys[i] = key_of(detail::field_names[i]);
    std::array<std::uint16_t, slot_count> used_in_round{};
    std::uint32_t multiplier = 0x9E3779B1u;
    for (std::uint16_t round = 1; round < 1000; ++round) {
        std::size_t i = 1;
        for (; i < field_count; ++i) {
            std::uint16_t& used = used_in_round[slot_of(keys[i], multiplier)];
            if (used == round) break;
            used = round;
        }
        if (i == field_count) return multiplier;
        multiplier = multiplier * 0x0019660Du + 0x3C6EF35Eu;
    }
    throw "no multiplier separates the field names: raise slot_bits";
}

constexpr std::uint32_t multiplier = find_multiplier();

constexpr auto slots = [] {
    std::array<Field, slot_count> table{};
    for (std::size_t i = 1; i < field_count; ++i)
        table[slot_of(key_of(detail::field_names[i]), multiplier)] = static_cast<Field>(i);
    return table;
}();

template <class Word>
Word load(const char* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

// True if `text` is `name` but for the case of letters. In a field name bit 0x40 is set in letters
// and clear in digits and hyphens, so it tells where a difference of 0x20 is only one of case.
template <class Word>
bool equal_folded(const char* text, const char* name) noexcept {
    constexpr Word case_bits = static_cast<Word>(0x2020202020202020u);
    const Word canonical = load<Word>(name);
    const Word may_differ = static_cast<Word>(canonical >> 1) & case_bits;
    return ((load<Word>(text) ^ canonical) & static_cast<Word>(~may_differ)) == 0;
}

bool same_name(const char* text, const char* name, std::size_t size) noexcept {
    if (size >= 8) {
        const std::size_t last = size - 8;
        for (std::size_t i = 0; i < last; i += 8)
            if (!equal_folded<std::uint64_t>(text + i, name + i)) return false;
        return equal_folded<std::uint64_t>(text + last, name + last);
    }
    if (size >= 4)
        return equal_folded<std::uint32_t>(text, name) &&
               equal_folded<std::uint32_t>(text + size - 4, name + size - 4);
    return equal_folded<std::uint16_t>(text, name) &&
           equal_folded<std::uint16_t>(text + size - 2, name + size - 2);
}

// What `same_name` takes for granted.
static_assert([] {
    for (std::size_t i = 1; i < field_count; ++i) {
        if (detail::field_names[i].size() < 2) return false;
        for (const char c : detail::field_names[i])
            if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') return false;
    }
    return true;
}());

} // namespace

Field field_from_name(std::string_view name) noexcept {
    if (name.empty()) return Field::other;
    const Field candidate = slots[slot_of(key_of(name), multiplier)];
    const std::string_view canonical = field_name(candidate);
    // An empty slot holds Field::other, whose name has length 0.
    if (canonical.size() != name.size()) return Field::other;
    return same_name(name.data(), canonical.data(), name.size()) ? candidate : Field::other;
}

} // namespace armature
