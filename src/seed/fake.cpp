#include "seed/words.hpp"

#include <armature/seed/fake.hpp>

#include <array>

namespace armature::seed {

using detail::NameWord;
using detail::Words;

namespace {

constexpr std::string_view digits_and_letters = "0123456789abcdefghijklmnopqrstuvwxyz";

const Words& words_of(Locale locale) noexcept {
    switch (locale) {
    case Locale::de:
        return detail::german;
    case Locale::fr:
        return detail::french;
    case Locale::es:
        return detail::spanish;
    case Locale::ja:
        return detail::japanese;
    case Locale::en:
        break;
    }
    return detail::english;
}

template <class T>
const T& pick(Random& random, std::span<const T> from) noexcept {
    return from[random.below(from.size())];
}

// Of a letter of Latin-1 with a mark, in UTF-8: what stands for it in ASCII.
std::string_view without_mark(unsigned char second) noexcept {
    switch (second) {
    case 0x84:
    case 0xA4:
        return "ae"; // ä
    case 0x96:
    case 0xB6:
        return "oe"; // ö
    case 0x9C:
    case 0xBC:
        return "ue"; // ü
    case 0x9F:
        return "ss"; // ß
    case 0x87:
    case 0xA7:
        return "c"; // ç
    case 0x91:
    case 0xB1:
        return "n"; // ñ
    case 0x98:
    case 0xB8:
        return "o"; // ø
    case 0x86:
    case 0xA6:
        return "ae"; // æ
    default:
        break;
    }
    const unsigned lower = second | 0x20u;
    if (lower <= 0xA6) return "a";
    if (lower <= 0xAB) return "e";
    if (lower <= 0xAF) return "i";
    if (lower >= 0xB2 && lower <= 0xB6) return "o";
    if (lower >= 0xB9 && lower <= 0xBC) return "u";
    return "y";
}

void append_ascii(std::string& to, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) == 0xC3 && i + 1 < text.size())
            to += without_mark(static_cast<unsigned char>(text[++i]));
        else if (c >= 'A' && c <= 'Z')
            to += static_cast<char>(c - 'A' + 'a');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            to += c;
    }
}
void append_ascii(std::string& to, const NameWord& name) {
    if (name.ascii.empty())
        append_ascii(to, name.text);
    else
        to += name.ascii;
}

std::string filled(std::string_view form, std::initializer_list<std::string_view> names,
                   std::initializer_list<std::string_view> values) {
    std::string text{form};
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::size_t at = text.find(names.begin()[i]);
        if (at != std::string::npos) text.replace(at, names.begin()[i].size(), values.begin()[i]);
    }
    return text;
}

void capitalise(std::string& text) noexcept {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
}

constexpr std::chrono::sys_days the_day{std::chrono::year{2025} / 1 / 1};

} // namespace

struct Fake::Named {
    const NameWord* first;
    const NameWord* last;
    std::string_view domain;
};

Fake::Fake(std::uint64_t seed, std::uint64_t name, std::uint64_t index, std::uint64_t table,
           std::uint64_t place, Locale locale) noexcept
    : random_(Random::row_seed(seed, name, index)), seed_(seed),
      row_(Random::row_seed(seed, name, index)), index_(index), table_(table), place_(place),
      locale_(locale) {}

// Drawn apart from everything else, so that the order of the calls makes no difference.
Fake::Named Fake::named() const noexcept {
    const Words& words = words_of(locale_);
    const std::uint64_t drawn = detail::mix(row_ + (person_ + 1) * 0xA24BAED4963EE407);
    const std::uint64_t more = detail::mix(drawn);
    constexpr std::array<std::string_view, 3> domains{"example.com", "example.org", "example.net"};
    return {&words.first_names[detail::high_product(drawn, words.first_names.size())],
            &words.last_names[detail::high_product(more, words.last_names.size())],
            domains[detail::high_product(detail::mix(more), domains.size())]};
}

std::string Fake::first_name() { return std::string{named().first->text}; }
std::string Fake::last_name() { return std::string{named().last->text}; }
std::string Fake::name() {
    const Named person = named();
    const bool reversed = words_of(locale_).family_name_first;
    std::string text{reversed ? person.last->text : person.first->text};
    text += ' ';
    text += reversed ? person.first->text : person.last->text;
    return text;
}
std::string Fake::user_name() {
    const Named person = named();
    std::string text;
    append_ascii(text, *person.first);
    text += '.';
    append_ascii(text, *person.last);
    return text;
}
std::string Fake::email() {
    std::string text = user_name();
    text += '@';
    text += named().domain;
    return text;
}

std::string Fake::unique_mark() const {
    std::uint64_t number = unique(std::uint64_t{1} << 32, "mark");
    std::string mark;
    do {
        mark += digits_and_letters[number % 36];
        number /= 36;
    } while (number != 0);
    return mark;
}
std::string Fake::unique_user_name() {
    std::string text = user_name();
    text += '.';
    text += unique_mark();
    return text;
}
std::string Fake::unique_email() {
    std::string text = unique_user_name();
    text += '@';
    text += named().domain;
    return text;
}

std::string Fake::digits(std::string_view pattern) {
    std::string text{pattern};
    for (char& c : text)
        if (c == '#') c = static_cast<char>('0' + random_.below(10));
    return text;
}

std::string Fake::phone() { return digits(pick(random_, words_of(locale_).phones)); }
std::string Fake::job_title() { return std::string{pick(random_, words_of(locale_).jobs)}; }
std::chrono::year_month_day Fake::birthday(unsigned least_age, unsigned most_age) {
    using std::chrono::years;
    const std::chrono::year_month_day today{the_day};
    return date(std::chrono::sys_days{today - years{most_age + 1}} + std::chrono::days{1},
                std::chrono::sys_days{today - years{least_age}} + std::chrono::days{1});
}

std::string Fake::street() {
    const Words& words = words_of(locale_);
    std::string number = std::to_string(random_.between(1, 199));
    if (locale_ == Locale::ja)
        number = std::to_string(random_.between(1, 9)) + "丁目" +
                 std::to_string(random_.between(1, 30)) + '-' +
                 std::to_string(random_.between(1, 20));
    return filled(words.street_form, {"{n}", "{s}"}, {number, pick(random_, words.streets)});
}
std::string Fake::postcode() { return digits(words_of(locale_).postcode); }
std::string Fake::city() { return std::string{pick(random_, words_of(locale_).cities)}; }
std::string Fake::country() { return std::string{words_of(locale_).country}; }
std::string Fake::address() {
    const std::string street_text = street();
    const std::string postcode_text = postcode();
    const std::string city_text = city();
    return filled(words_of(locale_).address_form, {"{s}", "{p}", "{c}"},
                  {street_text, postcode_text, city_text});
}
std::string Fake::company() {
    const Words& words = words_of(locale_);
    const std::string_view form = pick(random_, words.company_forms);
    return filled(form, {"{}"}, {pick(random_, words.last_names).text});
}

std::string Fake::domain() {
    const std::string_view name = pick(random_, detail::english.words);
    std::string text{name};
    text += one_of<std::string_view>({".example.com", ".example.org", ".example.net", ".test"});
    return text;
}
std::string Fake::url() {
    std::string text = "https://" + domain() + '/';
    return text += slug(2);
}
std::string Fake::ipv4() {
    std::string text = one_of<std::string_view>({"192.0.2.", "198.51.100.", "203.0.113."}).data();
    return text += std::to_string(random_.between(1, 254));
}
std::string Fake::ipv6() {
    std::string text = "2001:db8";
    for (int group = 0; group < 6; ++group) {
        text += ':';
        std::uint64_t value = random_.below(0xFFFF) + 1;
        std::string digits_of;
        for (; value != 0; value >>= 4)
            digits_of.insert(digits_of.begin(), digits_and_letters[value & 15]);
        text += digits_of;
    }
    return text;
}
std::string Fake::slug(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0) text += '-';
        text += pick(random_, detail::english.words);
    }
    return text;
}
std::string Fake::file_name() {
    std::string text = slug(2) + '.';
    return text += pick(random_, detail::file_endings);
}
std::string Fake::media_type() { return std::string{pick(random_, detail::media_types)}; }

std::string Fake::word() { return std::string{pick(random_, words_of(locale_).words)}; }
std::string Fake::words(std::size_t count) {
    const Words& from = words_of(locale_);
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0) text += from.space;
        text += pick(random_, from.words);
    }
    return text;
}
std::string Fake::title() {
    std::string text = words(3 + random_.below(3));
    capitalise(text);
    return text;
}
std::string Fake::sentence() {
    std::string text = words(6 + random_.below(8));
    capitalise(text);
    const std::string_view stop = words_of(locale_).stop;
    return text += stop.substr(0, stop.find(' '));
}
std::string Fake::paragraph(std::size_t sentences) {
    std::string text;
    for (std::size_t i = 0; i < sentences; ++i) {
        if (i != 0) text += words_of(locale_).space;
        text += sentence();
    }
    return text;
}
std::string Fake::product() {
    std::string text{pick(random_, detail::product_qualities)};
    text += ' ';
    text += pick(random_, detail::product_materials);
    text += ' ';
    return text += pick(random_, detail::product_things);
}

Decimal Fake::price(std::int64_t least, std::int64_t most) {
    if (locale_ == Locale::ja) return Decimal{random_.between(least, most)};
    return Decimal::scaled(random_.between(least * 100, most * 100), 2);
}
std::string_view Fake::currency() const noexcept { return words_of(locale_).currency; }
Uuid Fake::uuid() noexcept {
    std::array<std::uint8_t, 16> bytes;
    for (std::size_t half = 0; half < 2; ++half) {
        const std::uint64_t value = random_.next();
        for (std::size_t i = 0; i < 8; ++i)
            bytes[half * 8 + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    return Uuid{bytes};
}
std::string Fake::colour() {
    std::string text = "#";
    for (int i = 0; i < 6; ++i)
        text += digits_and_letters[random_.below(16)];
    return text;
}
std::string Fake::colour_name() { return std::string{pick(random_, words_of(locale_).colours)}; }
std::string_view Fake::card_number() noexcept { return pick(random_, detail::test_cards); }

std::chrono::sys_seconds Fake::time(std::chrono::sys_seconds from, std::chrono::sys_seconds to) {
    return from + std::chrono::seconds{random_.between(0, (to - from).count() - 1)};
}
std::chrono::year_month_day Fake::date(std::chrono::year_month_day from,
                                       std::chrono::year_month_day to) {
    const std::chrono::sys_days first{from};
    return first +
           std::chrono::days{random_.between(0, (std::chrono::sys_days{to} - first).count() - 1)};
}
std::chrono::sys_seconds Fake::past(unsigned days) {
    return time(the_day - std::chrono::days{days}, the_day);
}

std::uint64_t Fake::unique(std::uint64_t size, std::string_view column) const {
    return Permutation{size, detail::mix(seed_ ^ table_ ^ detail::hash(column))}.at(place_);
}

} // namespace armature::seed
