#include "core/characters.hpp"
#include "http1/authority.hpp"
#include "http1/parse_head.hpp"

#include <armature/http1/parser.hpp>

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#define ARMATURE_HTTP1_X86 1
#include <immintrin.h>
#endif

namespace armature::http1 {
namespace {

// RFC 3986 has fewer characters than this, but browsers leave these others as they are (WHATWG URL,
// the query percent-encode set). Bytes above 0x7f are in no URI and mean different things to
// different programs; '#' starts a fragment, which is never sent (RFC 9110 §7.1).
constexpr CharacterSet target_characters =
    CharacterSet::alphanumeric_and("!\"$%&'()*+,-./:;<=>?@[\\]^_`{|}~");

// A path of these is neither encoded nor has it dot segments or a query.
constexpr CharacterSet plain_path_characters = CharacterSet::alphanumeric_and("!$&'()*+,-/:;=@_~");

constexpr auto says_how_to_read = [] {
    std::array<bool, armature::field_count> fields{};
    for (const Field field : {Field::connection, Field::content_length, Field::expect, Field::host,
                              Field::transfer_encoding})
        fields[static_cast<std::size_t>(field)] = true;
    return fields;
}();

bool read_decimal(std::string_view text, std::uint64_t& number) noexcept {
    if (text.empty()) return false;
    std::uint64_t result = 0;
    for (const char c : text) {
        if (!is_digit(c)) return false;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (result > (UINT64_MAX - digit) / 10) return false;
        result = result * 10 + digit;
    }
    number = result;
    return true;
}

bool note_connection(detail::HeadState& state, ParsedHead& out, std::string_view value) noexcept {
    if (value == "keep-alive") {
        state.says_keep_alive = true;
        return true;
    }
    while (!value.empty()) {
        const std::size_t comma = value.find(',');
        const std::string_view option = trim(value.substr(0, comma));
        value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
        if (!option.empty() && !is_token(option)) return false;
        if (equal_ignoring_case(option, "close")) state.says_close = true;
        if (equal_ignoring_case(option, "keep-alive")) state.says_keep_alive = true;
        if (equal_ignoring_case(option, "upgrade")) out.upgrade = true;
    }
    return true;
}

// RFC 9112 §6.1 and §6.3: `chunked` must be there once and last (400); before it there may be
// others, none of which is implemented (501). HTTP/1.0 doesn't have the field.
ParseError check_transfer_encoding(const ParsedHead& head, const Headers& fields) noexcept {
    if (head.minor_version == 0) return ParseError::bad_transfer_encoding;
    std::size_t codings = 0;
    std::size_t chunked = 0;
    bool last_is_chunked = false;
    bool is_list_of_tokens = true;
    fields.all(Field::transfer_encoding, [&](std::string_view value) {
        do {
            const std::string_view coding = take_part(value, ',');
            ++codings;
            last_is_chunked = equal_ignoring_case(coding, "chunked");
            chunked += last_is_chunked;
            is_list_of_tokens =
                is_list_of_tokens && !coding.empty() && token_characters.contains(coding.front());
        } while (!value.empty());
    });
    if (!is_list_of_tokens || chunked != 1 || !last_is_chunked)
        return ParseError::bad_transfer_encoding;
    if (codings != 1) return ParseError::unsupported_transfer_encoding;
    // An empty list element, as in "chunked,".
    if (fields.get(Field::transfer_encoding)->size() != std::strlen("chunked"))
        return ParseError::bad_transfer_encoding;
    return head.has_content_length ? ParseError::conflicting_framing : ParseError::none;
}

// The forms that don't begin with '/', and CONNECT. `rest` becomes path and query.
bool other_target(ParsedHead& out, std::string_view& rest) noexcept {
    const std::string_view target = out.target;
    rest = target.substr(target.size());
    if (out.method == Method::connect) {
        out.form = TargetForm::authority;
        out.authority = target;
        return is_connect_authority(target);
    }
    if (target == "*") {
        out.form = TargetForm::asterisk;
        return out.method == Method::options;
    }
    const std::size_t colon = target.find("://");
    if (colon == std::string_view::npos || !(equal_ignoring_case(target.substr(0, colon), "http") ||
                                             equal_ignoring_case(target.substr(0, colon), "https")))
        return false;
    rest = target.substr(colon + 3);
    const std::size_t slash = rest.find_first_of("/?");
    out.authority = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? rest.substr(rest.size()) : rest.substr(slash);
    const bool whole_server = rest.empty() && out.method == Method::options;
    out.form = whole_server ? TargetForm::asterisk : TargetForm::absolute;
    // A host is required, and userinfo is refused (RFC 9110 §4.2.1 and §4.2.4).
    return is_authority(out.authority) && !out.authority.empty() && out.authority.front() != ':';
}

namespace scalar {

// The callers only use the lowest bit, so these stop there.
template <class Stops>
std::uint64_t first_bit(const char* at, int size, Stops stops) noexcept {
    for (int i = 0; i < size; ++i)
        if (stops(at[i])) return std::uint64_t{1} << i;
    return 0;
}
inline std::uint64_t control_mask(const char* at) noexcept {
    return first_bit(at, 64, [](char c) { return is_control(c); });
}
inline std::uint32_t equal_mask(const char* at, char wanted) noexcept {
    return static_cast<std::uint32_t>(first_bit(at, 32, [=](char c) { return c == wanted; }));
}
inline std::uint32_t not_token_mask(const char* at) noexcept {
    return static_cast<std::uint32_t>(
        first_bit(at, 32, [](char c) { return !token_characters.contains(c); }));
}
inline std::uint32_t not_target_mask(const char* at) noexcept {
    return static_cast<std::uint32_t>(
        first_bit(at, 32, [](char c) { return !target_characters.contains(c); }));
}
inline std::uint32_t differing_mask(const char* one, const char* other) noexcept {
    for (int i = 0; i < 32; ++i)
        if (one[i] != other[i]) return std::uint32_t{1} << i;
    return 0;
}
inline std::uint32_t not_plain_path_mask(const char* at) noexcept {
    return static_cast<std::uint32_t>(
        first_bit(at, 32, [](char c) { return !plain_path_characters.contains(c); }));
}
inline std::uint32_t not_reg_name_mask(const char* at) noexcept {
    return static_cast<std::uint32_t>(
        first_bit(at, 32, [](char c) { return !reg_name_characters.contains(c); }));
}
inline Field known_field(const char* name, std::size_t size) noexcept {
    return field_from_name({name, size});
}

#include "http1/parse_head.inl"

} // namespace scalar

#if ARMATURE_HTTP1_X86

// A set of ASCII characters for the byte shuffle: `rows[low nibble]` has bit h set if the character
// with high nibble h is a member. Twice, for the two lanes of a 256-bit register.
struct alignas(32) NibbleSet {
    std::array<std::uint8_t, 32> rows{};
    consteval explicit NibbleSet(const CharacterSet& set) {
        for (unsigned c = 0; c < 128; ++c)
            if (set.contains(static_cast<char>(c))) {
                rows[c & 15] = static_cast<std::uint8_t>(rows[c & 15] | 1u << (c >> 4));
                rows[16 + (c & 15)] = rows[c & 15];
            }
    }
};
constexpr NibbleSet token_set{token_characters};
constexpr NibbleSet target_set{target_characters};
constexpr NibbleSet plain_path_set{plain_path_characters};
constexpr NibbleSet reg_name_set{reg_name_characters};
alignas(32) constexpr std::uint8_t high_bits[32] = {1,  2,   4, 8, 16, 32, 64, 128, 0, 0,  0,
                                                    0,  0,   0, 0, 0,  1,  2,  4,   8, 16, 32,
                                                    64, 128, 0, 0, 0,  0,  0,  0,   0, 0};

// Code of an instruction set is compiled by a region, not by a flag of the file: with a flag, the
// linker could choose this file's copy of some inline function for the whole program.
// Names that fit into a register, each with the colon after it, so that one comparison of a
// register with what the client sent tells both name and size. The rest, and the few that lost
// their slot to another, are found by `field_from_name`.
class ShortNames {
  public:
    struct alignas(32) Name {
        char text[32];
    };

    static constexpr bool may_hold(std::size_t size) noexcept { return size - 4 < 28; }

    constexpr ShortNames() {
        for (std::size_t i = 1; i < armature::field_count; ++i) {
            const std::string_view name = armature::detail::field_names[i];
            if (!may_hold(name.size())) continue;
            Field& slot = slots_[slot_of(word(name, 0), word(name, name.size() - 4), name.size())];
            if (slot != Field::other) continue;
            slot = static_cast<Field>(i);
            for (std::size_t c = 0; c < name.size(); ++c)
                names_[i].text[c] = name[c];
            names_[i].text[name.size()] = ':';
        }
    }
    // `may_hold(size)` must be true.
    Field candidate(const char* name, std::size_t size) const noexcept {
        std::uint32_t first;
        std::uint32_t last;
        std::memcpy(&first, name, 4);
        std::memcpy(&last, name + size - 4, 4);
        return slots_[slot_of(first, last, size)];
    }
    const char* text(Field field) const noexcept {
        return names_[static_cast<std::size_t>(field)].text;
    }

  private:
    static constexpr unsigned slot_bits = 10;

    static constexpr std::uint32_t word(std::string_view text, std::size_t at) noexcept {
        std::uint32_t result = 0;
        for (std::size_t i = 4; i-- > 0;)
            result = result << 8 | static_cast<unsigned char>(text[at + i]);
        return result;
    }
    static constexpr std::size_t slot_of(std::uint32_t first, std::uint32_t last,
                                         std::size_t size) noexcept {
        // The bit that tells upper from lower case is set before mixing.
        const std::uint32_t key =
            ((first | 0x20202020u) + (last | 0x20202020u) * 31u) ^ static_cast<std::uint32_t>(size);
        return key * 0x9E3779B1u >> (32 - slot_bits);
    }

    std::array<Field, std::size_t{1} << slot_bits> slots_{};
    std::array<Name, armature::field_count> names_{};
};
constexpr ShortNames short_names;

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("sse4.2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("sse4.2")
#endif
namespace sse42 {

inline __m128i load(const void* from) noexcept {
    return _mm_loadu_si128(static_cast<const __m128i*>(from));
}
inline std::uint32_t controls(const char* at) noexcept {
    const __m128i bytes = load(at);
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(low, del)));
}
inline std::uint32_t outside(const char* at, const NibbleSet& set) noexcept {
    const __m128i bytes = load(at);
    const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(0x0f));
    const __m128i row = _mm_shuffle_epi8(load(set.rows.data()), bytes);
    const __m128i bit = _mm_shuffle_epi8(load(high_bits), high);
    const __m128i is_out = _mm_cmpeq_epi8(_mm_and_si128(row, bit), _mm_setzero_si128());
    return static_cast<std::uint32_t>(_mm_movemask_epi8(is_out));
}
inline std::uint64_t control_mask(const char* at) noexcept {
    const std::uint32_t low = controls(at) | controls(at + 16) << 16;
    const std::uint32_t high = controls(at + 32) | controls(at + 48) << 16;
    return low | std::uint64_t{high} << 32;
}
inline std::uint32_t equal_mask(const char* at, char wanted) noexcept {
    const __m128i sought = _mm_set1_epi8(wanted);
    const auto low = _mm_movemask_epi8(_mm_cmpeq_epi8(load(at), sought));
    const auto high = _mm_movemask_epi8(_mm_cmpeq_epi8(load(at + 16), sought));
    return static_cast<std::uint32_t>(low) | static_cast<std::uint32_t>(high) << 16;
}
inline std::uint32_t not_token_mask(const char* at) noexcept {
    return outside(at, token_set) | outside(at + 16, token_set) << 16;
}
inline std::uint32_t not_target_mask(const char* at) noexcept {
    return outside(at, target_set) | outside(at + 16, target_set) << 16;
}
inline std::uint32_t differing_mask(const char* one, const char* other) noexcept {
    const auto low = _mm_movemask_epi8(_mm_cmpeq_epi8(load(one), load(other)));
    const auto high = _mm_movemask_epi8(_mm_cmpeq_epi8(load(one + 16), load(other + 16)));
    return ~(static_cast<std::uint32_t>(low) | static_cast<std::uint32_t>(high) << 16);
}
inline std::uint32_t not_plain_path_mask(const char* at) noexcept {
    return outside(at, plain_path_set) | outside(at + 16, plain_path_set) << 16;
}
inline std::uint32_t not_reg_name_mask(const char* at) noexcept {
    return outside(at, reg_name_set) | outside(at + 16, reg_name_set) << 16;
}
inline Field known_field(const char* name, std::size_t size) noexcept {
    if (ShortNames::may_hold(size)) [[likely]] {
        const Field field = short_names.candidate(name, size);
        const char* const wanted = short_names.text(field);
        const __m128i fold = _mm_set1_epi8(0x20);
        const __m128i low = _mm_cmpeq_epi8(_mm_or_si128(load(name), fold), load(wanted));
        const __m128i high = _mm_cmpeq_epi8(_mm_or_si128(load(name + 16), fold), load(wanted + 16));
        const std::uint32_t differs = ~(static_cast<std::uint32_t>(_mm_movemask_epi8(low)) |
                                        static_cast<std::uint32_t>(_mm_movemask_epi8(high)) << 16);
        if (differs << (31 - size) == 0) [[likely]]
            return field;
    }
    return field_from_name({name, size});
}

#include "http1/parse_head.inl"

} // namespace sse42
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2")
#endif
namespace avx2 {

inline __m256i load(const void* from) noexcept {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
inline std::uint32_t controls(const char* at) noexcept {
    const __m256i bytes = load(at);
    const __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
    const __m256i del = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7f));
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(low, del)));
}
inline std::uint32_t outside(const char* at, const NibbleSet& set) noexcept {
    const __m256i bytes = load(at);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
    const __m256i row = _mm256_shuffle_epi8(load(set.rows.data()), bytes);
    const __m256i bit = _mm256_shuffle_epi8(load(high_bits), high);
    const __m256i is_out = _mm256_cmpeq_epi8(_mm256_and_si256(row, bit), _mm256_setzero_si256());
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(is_out));
}
inline std::uint64_t control_mask(const char* at) noexcept {
    return controls(at) | std::uint64_t{controls(at + 32)} << 32;
}
inline std::uint32_t equal_mask(const char* at, char wanted) noexcept {
    const __m256i is_equal = _mm256_cmpeq_epi8(load(at), _mm256_set1_epi8(wanted));
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(is_equal));
}
inline std::uint32_t not_token_mask(const char* at) noexcept { return outside(at, token_set); }
inline std::uint32_t not_target_mask(const char* at) noexcept { return outside(at, target_set); }
inline std::uint32_t differing_mask(const char* one, const char* other) noexcept {
    const __m256i is_equal = _mm256_cmpeq_epi8(load(one), load(other));
    return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(is_equal));
}
inline std::uint32_t not_plain_path_mask(const char* at) noexcept {
    return outside(at, plain_path_set);
}
inline std::uint32_t not_reg_name_mask(const char* at) noexcept {
    return outside(at, reg_name_set);
}
inline Field known_field(const char* name, std::size_t size) noexcept {
    if (ShortNames::may_hold(size)) [[likely]] {
        const Field field = short_names.candidate(name, size);
        const __m256i folded = _mm256_or_si256(load(name), _mm256_set1_epi8(0x20));
        const __m256i is_equal = _mm256_cmpeq_epi8(folded, load(short_names.text(field)));
        const auto differs = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(is_equal));
        if (differs << (31 - size) == 0) [[likely]]
            return field;
    }
    return field_from_name({name, size});
}

#include "http1/parse_head.inl"

} // namespace avx2
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif

} // namespace

bool has(Isa isa) noexcept {
    switch (isa) {
    case Isa::scalar:
        return true;
#if ARMATURE_HTTP1_X86
    case Isa::sse42:
        return __builtin_cpu_supports("sse4.2");
    case Isa::avx2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
               __builtin_cpu_supports("bmi2");
#endif
    default:
        return false;
    }
}

ParseStatus parse_head(Isa isa, detail::HeadState& state, const char* data, std::size_t size,
                       const HeadLimits& limits, ParsedHead& out, Headers& fields) noexcept {
#if ARMATURE_HTTP1_X86
    if (isa == Isa::avx2) return avx2::parse(state, data, size, limits, out, fields);
    if (isa == Isa::sse42) return sse42::parse(state, data, size, limits, out, fields);
#endif
    return scalar::parse(state, data, size, limits, out, fields);
}

namespace {

using ParseFunction = ParseStatus (*)(detail::HeadState&, const char*, std::size_t,
                                      const HeadLimits&, ParsedHead&, Headers&) noexcept;

ParseFunction best_parse() noexcept {
#if ARMATURE_HTTP1_X86
    __builtin_cpu_init(); // this runs while static objects are made
    if (has(Isa::avx2)) return avx2::parse;
    if (has(Isa::sse42)) return sse42::parse;
#endif
    return scalar::parse;
}

const ParseFunction parse_best = best_parse();

} // namespace

ParseStatus HeadParser::parse(const char* data, std::size_t size, const HeadLimits& limits,
                              ParsedHead& out, Headers& fields) noexcept {
    return parse_best(state_, data, size, limits, out, fields);
}

} // namespace armature::http1
