#include "cli/mock/texts.hpp"

#include <armature/core/base64.hpp>

#include <array>
#include <cctype>
#include <cstddef>
#include <cstdio>
#include <utility>

namespace armature::cli::mock {

namespace {

constexpr std::array<std::string_view, 24> first_names{
    "Ada",   "Alan",  "Barbara", "Claude", "Dennis", "Edsger",   "Frances",   "Grace",
    "Hedy",  "Ivan",  "Jean",    "Ken",    "Leslie", "Margaret", "Niklaus",   "Olga",
    "Peter", "Radia", "Sofia",   "Tim",    "Ursula", "Vint",     "Whitfield", "Yukihiro"};
constexpr std::array<std::string_view, 24> last_names{
    "Lovelace",     "Turing",   "Liskov",   "Shannon",       "Ritchie", "Dijkstra",
    "Allen",        "Hopper",   "Lamarr",   "Sutherland",    "Bartik",  "Thompson",
    "Lamport",      "Hamilton", "Wirth",    "Ladyzhenskaya", "Naur",    "Perlman",
    "Kovalevskaya", "Berners",  "Franklin", "Cerf",          "Diffie",  "Matsumoto"};
constexpr std::array<std::string_view, 32> words{
    "amber",  "basin",  "candle", "delta",   "ember",    "field",  "garden",  "harbour",
    "island", "jacket", "kettle", "lantern", "meadow",   "needle", "orchard", "paper",
    "quarry", "river",  "saddle", "timber",  "umbrella", "valley", "window",  "yarn",
    "anchor", "bridge", "copper", "door",    "engine",   "flint",  "glass",   "hammer"};
constexpr std::array<std::string_view, 12> cities{"Berlin", "Lisbon", "Kyoto", "Nairobi",
                                                  "Oslo",   "Quito",  "Turin", "Utrecht",
                                                  "Vienna", "Accra",  "Hanoi", "Lima"};
constexpr std::array<std::string_view, 12> countries{"DE", "PT", "JP", "KE", "NO", "EC",
                                                     "IT", "NL", "AT", "GH", "VN", "PE"};
constexpr std::array<std::string_view, 6> currencies{"EUR", "USD", "JPY", "GBP", "CHF", "NOK"};

template <std::size_t Size>
std::string pick(Random& random, const std::array<std::string_view, Size>& all) {
    return std::string{all[random.below(Size)]};
}

std::string printed(const char* format, auto... values) {
    char text[80];
    const int size = std::snprintf(text, sizeof text, format, values...);
    return {text, static_cast<std::size_t>(size)};
}

// A moment in 2024 or 2025.
struct Moment {
    explicit Moment(Random& random)
        : year(2024 + static_cast<int>(random.below(2))),
          month(1 + static_cast<int>(random.below(12))),
          day(1 + static_cast<int>(random.below(28))), hour(static_cast<int>(random.below(24))),
          minute(static_cast<int>(random.below(60))), second(static_cast<int>(random.below(60))) {}
    [[nodiscard]] std::string date() const { return printed("%04d-%02d-%02d", year, month, day); }
    [[nodiscard]] std::string time() const {
        return printed("%02d:%02d:%02dZ", hour, minute, second);
    }
    int year, month, day, hour, minute, second;
};

} // namespace

Texts::Texts(Random& random) : random_(random) { (void)begin(false); }

Texts::Person Texts::begin(bool is_about_a_person) {
    Person person;
    person.first = pick(random_, first_names);
    person.last = pick(random_, last_names);
    person.is_meant = is_about_a_person;
    return std::exchange(person_, std::move(person));
}

std::string Texts::word() { return pick(random_, words); }

std::string Texts::plain(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

std::optional<std::string> Texts::of_format(std::string_view format) {
    if (format == "email" || format == "idn-email")
        return plain(person_.first) + '.' + plain(person_.last) + "@example.com";
    if (format == "date-time") {
        const Moment moment{random_};
        return moment.date() + 'T' + moment.time();
    }
    if (format == "date") return Moment{random_}.date();
    if (format == "time") return Moment{random_}.time();
    if (format == "duration") return printed("PT%dM", 1 + static_cast<int>(random_.below(59)));
    if (format == "uuid") {
        const std::uint64_t a = random_.next();
        const std::uint64_t b = random_.next();
        return printed("%08x-%04x-4%03x-%04x-%012llx", static_cast<unsigned>(a >> 32),
                       static_cast<unsigned>(a >> 16 & 0xFFFF), static_cast<unsigned>(a & 0xFFF),
                       static_cast<unsigned>(0x8000 | (b >> 48 & 0x3FFF)),
                       static_cast<unsigned long long>(b & 0xFFFFFFFFFFFF));
    }
    if (format == "uri" || format == "url" || format == "iri")
        return "https://example.com/" + pick(random_, words);
    if (format == "uri-reference" || format == "iri-reference" || format == "uri-template")
        return '/' + pick(random_, words);
    if (format == "hostname" || format == "idn-hostname")
        return pick(random_, words) + ".example.com";
    if (format == "ipv4") return printed("192.0.2.%d", 1 + static_cast<int>(random_.below(254)));
    if (format == "ipv6")
        return printed("2001:db8::%x", 1 + static_cast<unsigned>(random_.below(0xFFFE)));
    if (format == "byte") return to_base64(pick(random_, words));
    if (format == "binary") return pick(random_, words);
    if (format == "password") return two_words("-") + "-42";
    if (format == "regex") return std::string{"^[a-z]+$"};
    if (format == "json-pointer") return '/' + pick(random_, words);
    return std::nullopt;
}

std::string Texts::of_name(const std::string& name) {
    const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
    if (name == "firstname" || name == "givenname") return person_.first;
    if (name == "lastname" || name == "surname" || name == "familyname") return person_.last;
    if (has("email")) return *of_format("email");
    if (name == "username" || name == "login" || name == "nickname" || name == "handle")
        return plain(person_.first) + std::to_string(10 + random_.below(90));
    if (name == "fullname" || name == "author" || name == "owner" || name == "displayname" ||
        (name == "name" && person_.is_meant))
        return person_.first + ' ' + person_.last;
    if (has("phone") || name == "mobile")
        return printed("+1-202-555-%04d", 100 + static_cast<int>(random_.below(100)));
    if (has("city")) return pick(random_, cities);
    if (has("country")) return pick(random_, countries);
    if (has("currency")) return pick(random_, currencies);
    if (name == "street" || has("address")) {
        const std::string street = capital(pick(random_, words)) + " Street ";
        return street + std::to_string(1 + random_.below(200));
    }
    if (has("postal") || has("zip"))
        return printed("%05d", 10000 + static_cast<int>(random_.below(89999)));
    if (has("url") || has("link") || name == "website" || name == "image" || name == "avatar")
        return *of_format("uri");
    if (name == "id" || has("uuid")) return *of_format("uuid");
    if (has("description") || name == "text" || name == "body" || name == "content" ||
        name == "summary" || name == "message" || name == "detail" || name == "comment") {
        std::string sentence = capital(pick(random_, words));
        for (std::uint64_t i = 4 + random_.below(5); i > 0; --i)
            sentence += ' ' + pick(random_, words);
        return sentence + '.';
    }
    if (name == "title" || has("name") || name == "subject" || name == "product")
        return capital(two_words(" "));
    return pick(random_, words);
}

// One after the other: in which order the operands of a sum are evaluated is up to the
// compiler.
std::string Texts::two_words(const char* between) {
    const std::string first = pick(random_, words);
    return first + between + pick(random_, words);
}

std::string Texts::capital(std::string text) {
    if (!text.empty())
        text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

} // namespace armature::cli::mock
