#include "cli/mock/texts.hpp"

#include <armature/core/base64.hpp>

#include <array>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <utility>

namespace armature::cli::mock {

namespace {

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

// A moment of the last two years before 2025.
struct Moment {
    explicit Moment(seed::Fake& data)
        : at(data.past()), day(std::chrono::floor<std::chrono::days>(at)) {}
    [[nodiscard]] std::string date() const {
        const std::chrono::year_month_day date{day};
        return printed("%04d-%02u-%02u", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    }
    [[nodiscard]] std::string time() const {
        const std::chrono::hh_mm_ss time{at - day};
        return printed("%02d:%02d:%02dZ", static_cast<int>(time.hours().count()),
                       static_cast<int>(time.minutes().count()),
                       static_cast<int>(time.seconds().count()));
    }
    std::chrono::sys_seconds at;
    std::chrono::sys_days day;
};

} // namespace

Texts::Texts(Random& random)
    : random_(random), subject_{seed::Fake{random.next(), "mock"}, false} {}

Texts::Subject Texts::begin(bool is_about_a_person) {
    return std::exchange(subject_, {seed::Fake{random_.next(), "mock"}, is_about_a_person});
}

std::string Texts::plain(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

std::optional<std::string> Texts::of_format(std::string_view format) {
    seed::Fake& data = subject_.data;
    if (format == "email" || format == "idn-email") return data.email();
    if (format == "date-time") {
        const Moment moment{data};
        return moment.date() + 'T' + moment.time();
    }
    if (format == "date") return Moment{data}.date();
    if (format == "time") return Moment{data}.time();
    if (format == "duration") return printed("PT%dM", 1 + static_cast<int>(random_.below(59)));
    if (format == "uuid") return data.uuid().to_string();
    if (format == "uri" || format == "url" || format == "iri") return data.url();
    if (format == "uri-reference" || format == "iri-reference" || format == "uri-template")
        return '/' + data.word();
    if (format == "hostname" || format == "idn-hostname") return data.domain();
    if (format == "ipv4") return data.ipv4();
    if (format == "ipv6") return data.ipv6();
    if (format == "byte") return to_base64(data.word());
    if (format == "binary") return data.word();
    if (format == "password") return data.slug(2) + "-42";
    if (format == "regex") return std::string{"^[a-z]+$"};
    if (format == "json-pointer") return '/' + data.word();
    return std::nullopt;
}

std::string Texts::of_name(const std::string& name) {
    seed::Fake& data = subject_.data;
    const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
    if (name == "firstname" || name == "givenname") return data.first_name();
    if (name == "lastname" || name == "surname" || name == "familyname") return data.last_name();
    if (has("email")) return data.email();
    if (name == "username" || name == "login" || name == "nickname" || name == "handle")
        return data.user_name();
    if (name == "fullname" || name == "author" || name == "owner" || name == "displayname" ||
        (name == "name" && subject_.is_person))
        return data.name();
    if (has("phone") || name == "mobile") return data.phone();
    if (has("city")) return data.city();
    if (has("country")) return pick(random_, countries); // codes, as most APIs have them
    if (has("currency")) return pick(random_, currencies);
    if (name == "street") return data.street();
    if (has("address")) return data.address();
    if (has("postal") || has("zip")) return data.postcode();
    if (has("company") || has("organization") || has("organisation")) return data.company();
    if (has("url") || has("link") || name == "website" || name == "image" || name == "avatar")
        return data.url();
    if (name == "id" || has("uuid")) return data.uuid().to_string();
    if (has("description") || name == "text" || name == "body" || name == "content" ||
        name == "summary" || name == "message" || name == "detail" || name == "comment")
        return data.sentence();
    if (has("product")) return data.product();
    if (name == "title" || has("name") || name == "subject") return data.title();
    return data.word();
}

} // namespace armature::cli::mock
