#include "cli/mock/generate.hpp"

#include "cli/mock/texts.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace armature::cli::mock {

using spec::Schema;
using spec::Types;

namespace {

constexpr unsigned most_depth = 12; // then only what has to be there
constexpr unsigned deepest = 40;    // then nothing: the schema has no end
constexpr int tries = 12;

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
    static bool is_about_a_person(const Schema& schema) {
        const std::string name = Texts::plain(schema.name);
        for (const std::string_view word : {"user", "person", "owner", "customer", "author",
                                            "member", "contact", "employee", "patient", "student"})
            if (name.find(word) != name.npos) return true;
        for (const spec::Property& property : schema.properties) {
            const std::string member = Texts::plain(property.name);
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
        const Texts::Subject before = texts_.begin(is_about_a_person(schema));
        for (const spec::Property& property : schema.properties) {
            if (value.contains(property.name)) continue;
            const bool is_required = property.is_required;
            if (!is_required && depth_ > most_depth) continue;
            if (property.schema == nullptr) {
                value[property.name] = texts_.word();
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
                                                           : json(texts_.word());
        std::size_t wanted = schema.min_properties.value_or(0);
        if (schema.properties.empty() && schema.additional != nullptr && depth_ <= most_depth)
            wanted = std::max<std::size_t>(wanted, 2);
        if (schema.allows_additional)
            for (std::size_t i = 0; value.size() < wanted && i < 100; ++i) {
                const std::string name = texts_.word();
                if (value.contains(name)) continue;
                value[name] = schema.additional != nullptr ? make(*schema.additional, name)
                                                           : json(texts_.word());
            }
        // Parts that couldn't be folded in.
        for (const Schema* part : schema.all_of)
            if (json more = make(*part, {}); more.is_object())
                for (auto& [name, member] : more.items())
                    if (!value.contains(name)) value[name] = member;
        texts_.end(before);
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
                all.push_back(texts_.word());
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
        const double chosen = (first + (count > 1 ? std::floor(random_.real() * count) : 0)) * step;
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
                const double times = first + std::floor(random_.real() * count);
                value = times * step;
                if (value / step == times) break;
            }
            return value;
        }
        const double value = least + random_.real() * (most - least);
        const double rounded = std::round(value * 100) / 100;
        return rounded >= least && rounded <= most ? rounded : value;
    }

    static std::pair<double, double> bounds(const Schema& schema, std::string_view name,
                                            bool whole) {
        double least = 1;
        double most = 1000;
        const std::string plain = Texts::plain(name);
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
        if (auto made = texts_.of_format(schema.format)) return *std::move(made);
        return fitted(texts_.of_name(Texts::plain(name)), schema, true);
    }

    // Within the limits of length, where words are in the way.
    std::string fitted(std::string text, const Schema& schema, bool may_cut) {
        while (may_cut && schema.min_length && text.size() < *schema.min_length)
            text += ' ' + texts_.word();
        if (may_cut && schema.max_length && text.size() > *schema.max_length)
            text.resize(*schema.max_length);
        if (may_cut && text.ends_with(' ')) text.back() = 'a';
        return text;
    }

    const Generator& generator_;
    Random random_;
    const Generator::Options& options_;
    Texts texts_{random_};
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
