#include "cli/mock/generate.hpp"

#include <armature/core/base64.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <optional>
#include <set>
#include <utility>

namespace armature::cli::mock {

using spec::Schema;
using spec::Types;

namespace {

constexpr unsigned most_depth = 12; // then only what has to be there
constexpr unsigned deepest = 40;    // then nothing: the schema has no end
constexpr int tries = 12;

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

std::string lower(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

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

// Makes one value.
class Maker {
  public:
    Maker(const Generator& generator, Random random, const Generator::Options& options)
        : generator_(generator), random_(random), options_(options) {}

    json make(const Schema& schema, std::string_view name) {
        const Schema& flat = generator_.flat(schema);
        if (options_.uses_examples)
            if (std::optional<json> given = example_of(flat)) return *std::move(given);
        json value;
        // A choice that doesn't fit with the others, or a pattern with a length: try another.
        for (int i = 0; i < tries; ++i) {
            value = once(flat, name);
            if (depth_ > most_depth || fits(schema, value, options_.direction)) break;
        }
        return value;
    }

  private:
    // Whom an object is about.
    struct Person {
        std::string first;
        std::string last;
        bool is_meant = false; ///< "name" is a person's
    };

    static bool is_about_a_person(const Schema& schema) {
        const std::string name = lower(schema.name);
        for (const std::string_view word : {"user", "person", "owner", "customer", "author",
                                            "member", "contact", "employee", "patient", "student"})
            if (name.find(word) != name.npos) return true;
        for (const spec::Property& property : schema.properties) {
            const std::string member = lower(property.name);
            if (member == "email" || member == "firstname" || member == "lastname" ||
                member == "username" || member == "age" || member == "birthday")
                return true;
        }
        return false;
    }

    [[nodiscard]] std::optional<json> example_of(const Schema& schema) const {
        const auto usable = [&](const spec::Node* node) -> std::optional<json> {
            json value = json_of(*node);
            if (!fits(schema, value, options_.direction)) return std::nullopt;
            return value;
        };
        for (const spec::Node* example : schema.examples)
            if (auto value = usable(example)) return value;
        if (schema.default_value != nullptr) return usable(schema.default_value);
        return std::nullopt;
    }

    json once(const Schema& schema, std::string_view name) {
        if (depth_ >= deepest) return nullptr;
        ++depth_;
        json value = by_kind(schema, name);
        --depth_;
        return value;
    }

    json by_kind(const Schema& schema, std::string_view name) {
        if (!schema.enumeration.empty())
            return json_of(*schema.enumeration[random_.below(schema.enumeration.size())]);
        for (const auto* choices : {&schema.one_of, &schema.any_of})
            if (!choices->empty()) return of_choice(schema, *choices, name);
        const Types types = schema.types;
        if (types.has(Types::map) || (types.is_any() && looks_like_map(schema)))
            return map(schema, {});
        if (types.has(Types::list) || (types.is_any() && schema.items != nullptr))
            return list(schema, name);
        if (types.has(Types::text) || (types.is_any() && looks_like_text(schema)))
            return text(schema, name);
        if (types.has(Types::integer)) return integer(schema, name);
        if (types.has(Types::number) || (types.is_any() && (schema.minimum || schema.maximum)))
            return number(schema, name);
        if (types.has(Types::boolean)) return random_.below(2) == 0;
        if (types.has(Types::null)) return nullptr;
        return types.is_any() ? json::object() : json(nullptr);
    }

    static bool looks_like_map(const Schema& schema) {
        return !schema.properties.empty() || !schema.required.empty() ||
               schema.additional != nullptr || schema.min_properties || !schema.all_of.empty();
    }
    static bool looks_like_text(const Schema& schema) {
        return !schema.format.empty() || !schema.pattern.empty() || schema.min_length ||
               schema.max_length;
    }

    json of_choice(const Schema& schema, const std::vector<const Schema*>& choices,
                   std::string_view name) {
        const Schema& choice = *choices[random_.below(choices.size())];
        json value = make(choice, name);
        if (!value.is_object()) return value;
        // What stands beside the choice holds as well.
        if (looks_like_map(schema)) value = map(schema, std::move(value));
        if (schema.discriminator) {
            const auto tags = schema.discriminator->tags_of(choice);
            if (!tags.empty()) value[schema.discriminator->property] = tags.front();
        }
        return value;
    }

    json map(const Schema& schema, json value) {
        if (!value.is_object()) value = json::object();
        const std::optional<Person> before =
            std::exchange(person_, Person{pick(random_, first_names), pick(random_, last_names),
                                          is_about_a_person(schema)});
        for (const spec::Property& property : schema.properties) {
            if (value.contains(property.name)) continue;
            const bool is_required = property.is_required;
            if (!is_required && depth_ > most_depth) continue;
            if (property.schema == nullptr) {
                value[property.name] = pick(random_, words);
                continue;
            }
            if (property.schema->is_never ||
                (options_.direction == Direction::response ? property.schema->write_only
                                                           : property.schema->read_only))
                continue;
            if (!is_required && is_inside(property.schema)) continue; // it would never end
            inside_.push_back(&generator_.flat(*property.schema));
            json made = make(*property.schema, property.name);
            inside_.pop_back();
            // One that can't be made may be left out.
            if (!is_required && !fits(*property.schema, made, options_.direction)) continue;
            value[property.name] = std::move(made);
        }
        for (const std::string& name : schema.required)
            if (!value.contains(name) && schema.find(name) == nullptr)
                value[name] = schema.additional != nullptr ? make(*schema.additional, name)
                                                           : json(pick(random_, words));
        std::size_t wanted = schema.min_properties.value_or(0);
        if (schema.properties.empty() && schema.additional != nullptr && depth_ <= most_depth)
            wanted = std::max<std::size_t>(wanted, 2);
        if (schema.allows_additional)
            for (std::size_t i = 0; value.size() < wanted && i < words.size(); ++i) {
                std::string name{words[(random_.below(words.size()) + i) % words.size()]};
                if (value.contains(name)) continue;
                value[name] = schema.additional != nullptr ? make(*schema.additional, name)
                                                           : json(pick(random_, words));
            }
        // Parts that couldn't be folded in.
        for (const Schema* part : schema.all_of)
            if (json more = make(*part, {}); more.is_object())
                for (auto& [name, member] : more.items())
                    if (!value.contains(name)) value[name] = member;
        person_ = before;
        return value;
    }

    [[nodiscard]] bool is_inside(const Schema* schema) const {
        return std::count(inside_.begin(), inside_.end(), &generator_.flat(*schema)) > 0;
    }

    json list(const Schema& schema, std::string_view name) {
        json all = json::array();
        for (const Schema* item : schema.prefix_items)
            all.push_back(make(*item, name));
        std::uint64_t wanted = 2 + random_.below(2);
        if (depth_ > most_depth || (schema.items != nullptr && is_inside(schema.items))) wanted = 0;
        wanted = std::max(wanted, schema.min_items.value_or(0));
        wanted = std::min(wanted, schema.max_items.value_or(wanted));
        if (schema.items == nullptr) {
            while (all.size() < wanted)
                all.push_back(pick(random_, words));
            return all;
        }
        inside_.push_back(&generator_.flat(*schema.items));
        for (int left = tries * static_cast<int>(wanted); all.size() < wanted && left > 0; --left) {
            json item = make(*schema.items, singular(name));
            if (schema.unique_items && std::find(all.begin(), all.end(), item) != all.end())
                continue;
            all.push_back(std::move(item));
        }
        inside_.pop_back();
        return all;
    }

    static std::string_view singular(std::string_view name) {
        return name.ends_with('s') ? name.substr(0, name.size() - 1) : name;
    }

    json integer(const Schema& schema, std::string_view name) {
        const auto [least, most] = bounds(schema, name, true);
        const double step = schema.multiple_of.value_or(1);
        const double first = std::ceil(least / step);
        const double last = std::floor(most / step);
        const double count = std::min(last - first + 1, 1e15);
        const double chosen =
            (first + (count > 1 ? std::floor(random_.fraction() * count) : 0)) * step;
        return static_cast<std::int64_t>(chosen);
    }

    json number(const Schema& schema, std::string_view name) {
        const auto [least, most] = bounds(schema, name, false);
        if (schema.multiple_of) {
            const double step = *schema.multiple_of;
            const double first = std::ceil(least / step);
            const double count = std::max(std::floor(most / step) - first + 1, 1.0);
            double value = 0;
            // Of 0.01 few numbers are multiples to the last bit: one that is, if there is one.
            for (int i = 0; i < 64; ++i) {
                const double times = first + std::floor(random_.fraction() * count);
                value = times * step;
                if (value / step == times) break;
            }
            return value;
        }
        const double value = least + random_.fraction() * (most - least);
        const double rounded = std::round(value * 100) / 100;
        return rounded >= least && rounded <= most ? rounded : value;
    }

    static std::pair<double, double> bounds(const Schema& schema, std::string_view name,
                                            bool whole) {
        double least = 1;
        double most = 1000;
        const std::string plain = lower(name);
        if (plain == "age") {
            least = 18;
            most = 90;
        } else if (plain == "latitude" || plain == "lat") {
            least = -90;
            most = 90;
        } else if (plain == "longitude" || plain == "lng" || plain == "lon") {
            least = -180;
            most = 180;
        } else if (plain == "year") {
            least = 1990;
            most = 2025;
        }
        const double gap = whole ? 1 : 1e-6;
        std::optional<double> low = schema.minimum;
        if (schema.exclusive_minimum)
            low = std::max(low.value_or(-1e308), *schema.exclusive_minimum + gap);
        std::optional<double> high = schema.maximum;
        if (schema.exclusive_maximum)
            high = std::min(high.value_or(1e308), *schema.exclusive_maximum - gap);
        if (low) {
            least = std::max(least, *low);
            if (!high) most = std::max(most, least + 999);
        }
        if (high) {
            most = std::min(most, *high);
            if (!low) least = std::min(least, most);
        }
        if (low && high && (least > *high || most < *low)) return {*low, *high};
        return {low ? std::max(least, *low) : least, high ? std::min(most, *high) : most};
    }

    json text(const Schema& schema, std::string_view name) {
        if (!schema.pattern.empty()) {
            if (std::string made = text_of_pattern(schema.pattern, random_);
                !made.empty() && matches(schema.pattern, made))
                return fitted(std::move(made), schema, false);
        }
        if (auto made = of_format(schema.format)) return *std::move(made);
        return fitted(of_name(lower(name)), schema, true);
    }

    std::optional<std::string> of_format(const std::string& format) {
        const Person person =
            person_.value_or(Person{pick(random_, first_names), pick(random_, last_names)});
        if (format == "email" || format == "idn-email")
            return lower(person.first) + '.' + lower(person.last) + "@example.com";
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
                           static_cast<unsigned>(a >> 16 & 0xFFFF),
                           static_cast<unsigned>(a & 0xFFF),
                           static_cast<unsigned>(0x8000 | (b >> 48 & 0x3FFF)),
                           static_cast<unsigned long long>(b & 0xFFFFFFFFFFFF));
        }
        if (format == "uri" || format == "url" || format == "iri")
            return "https://example.com/" + pick(random_, words);
        if (format == "uri-reference" || format == "iri-reference" || format == "uri-template")
            return '/' + pick(random_, words);
        if (format == "hostname" || format == "idn-hostname")
            return pick(random_, words) + ".example.com";
        if (format == "ipv4")
            return printed("192.0.2.%d", 1 + static_cast<int>(random_.below(254)));
        if (format == "ipv6")
            return printed("2001:db8::%x", 1 + static_cast<unsigned>(random_.below(0xFFFE)));
        if (format == "byte") return to_base64(pick(random_, words));
        if (format == "binary") return pick(random_, words);
        if (format == "password") return two_words("-") + "-42";
        if (format == "regex") return std::string{"^[a-z]+$"};
        if (format == "json-pointer") return '/' + pick(random_, words);
        return std::nullopt;
    }

    std::string of_name(const std::string& name) {
        const Person person =
            person_.value_or(Person{pick(random_, first_names), pick(random_, last_names)});
        const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
        if (name == "firstname" || name == "givenname") return person.first;
        if (name == "lastname" || name == "surname" || name == "familyname") return person.last;
        if (has("email")) return *of_format("email");
        if (name == "username" || name == "login" || name == "nickname" || name == "handle")
            return lower(person.first) + std::to_string(10 + random_.below(90));
        if (name == "fullname" || name == "author" || name == "owner" || name == "displayname" ||
            (name == "name" && person.is_meant))
            return person.first + ' ' + person.last;
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
    std::string two_words(const char* between) {
        const std::string first = pick(random_, words);
        return first + between + pick(random_, words);
    }

    static std::string capital(std::string text) {
        if (!text.empty())
            text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
        return text;
    }

    // Within the limits of length, where words are in the way.
    std::string fitted(std::string text, const Schema& schema, bool may_cut) {
        while (may_cut && schema.min_length && text.size() < *schema.min_length)
            text += ' ' + pick(random_, words);
        if (may_cut && schema.max_length && text.size() > *schema.max_length)
            text.resize(*schema.max_length);
        if (may_cut && text.ends_with(' ')) text.back() = 'a';
        return text;
    }

    const Generator& generator_;
    Random random_;
    const Generator::Options& options_;
    std::optional<Person> person_;
    std::vector<const Schema*> inside_; ///< those that are being made
    unsigned depth_ = 0;
};

json Generator::make(const Schema& schema, Random random, const Options& options) const {
    return Maker{*this, random, options}.make(schema, {});
}

const Schema& Generator::flat(const Schema& schema) const {
    const auto found = flat_.find(&schema);
    return found == flat_.end() ? schema : found->second;
}

void Generator::prepare(const Schema* schema) {
    std::vector<const Schema*> open{schema};
    while (!open.empty()) {
        const Schema* const next = open.back();
        open.pop_back();
        if (next == nullptr || flat_.contains(next)) continue;
        const Schema& flat = flat_.emplace(next, spec::merged(*next)).first->second;
        // What was folded is made anew: the parts of both are met here.
        for (const Schema* part : {next, &flat}) {
            for (const spec::Property& property : part->properties)
                open.push_back(property.schema);
            open.insert(open.end(), {part->additional, part->items, part->not_});
            for (const auto* list :
                 {&part->prefix_items, &part->all_of, &part->any_of, &part->one_of})
                open.insert(open.end(), list->begin(), list->end());
        }
    }
}

void Generator::prepare(const spec::Document& document) {
    const auto prepare_media = [this](const std::vector<spec::Media>& content) {
        for (const spec::Media& media : content) {
            prepare(media.schema);
            prepare(media.item_schema);
        }
    };
    for (const spec::Operation& operation : document.operations()) {
        if (operation.body) prepare_media(operation.body->content);
        for (const spec::Response& response : operation.responses) {
            prepare_media(response.content);
            for (const spec::Parameter& header : response.headers)
                prepare(header.schema);
        }
    }
}

} // namespace armature::cli::mock
