#include "i18n/catalogue.hpp"

#include "core/characters.hpp"
#include "i18n/lookup.hpp"

#include <armature/json/nlohmann.hpp>
#include <armature/log/log.hpp>

#include <unicode/timezone.h>

#include <algorithm>

namespace armature {

namespace {

using detail::LocaleCatalogue;
using detail::Message;

constexpr std::size_t most_unknown_keys = 1000;
constexpr std::string_view pseudo_tag = "en-XA";

std::string lower(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(), to_lower);
    return result;
}

icu::Locale icu_locale(const std::string& tag) {
    UErrorCode status = U_ZERO_ERROR;
    icu::Locale locale = icu::Locale::forLanguageTag(tag, status);
    if (U_FAILURE(status) || locale.isBogus() || locale.getLanguage()[0] == '\0' ||
        tag.find('_') != std::string::npos)
        throw CatalogueError("\"" + tag +
                             "\" is no locale: write it as BCP 47 has it, en or pt-BR");
    return locale;
}

// A file's messages: from the key, with dots, to the pattern.
using Patterns = std::map<std::string, std::string>;

void flatten(const std::string& file, const std::string& prefix, const nlohmann::json& object,
             Patterns& out) {
    for (const auto& [name, value] : object.items()) {
        const std::string key = prefix.empty() ? name : prefix + "." + name;
        if (value.is_object())
            flatten(file, key, value, out);
        else if (!value.is_string())
            throw CatalogueError(file + ": \"" + key + "\" is neither a message nor an object");
        else if (!out.emplace(key, value.get<std::string>()).second)
            throw CatalogueError(file + ": \"" + key + "\" is there twice");
    }
}

Patterns read(const CatalogueSource& source) {
    const std::string file = source.locale + ".json";
    nlohmann::json document;
    JsonErrors errors;
    const JsonStatus status = read_json(source.json, document, errors);
    if (status == JsonStatus::malformed)
        throw CatalogueError(file + ":" + std::to_string(errors.syntax()->line) + ":" +
                             std::to_string(errors.syntax()->column) + ": " +
                             errors.syntax()->detail);
    if (status == JsonStatus::invalid)
        throw CatalogueError(file + ": \"" + errors.values()[0].pointer + "\" " +
                             errors.values()[0].detail);
    if (!document.is_object()) throw CatalogueError(file + ": isn't an object of messages");
    Patterns patterns;
    flatten(file, "", document, patterns);
    return patterns;
}

// The catalogue of one locale before those of others fill its gaps.
struct Loaded {
    std::string tag;
    Patterns patterns;
    std::map<std::string_view, const Message*> messages;
};

// The arguments of a translation are among those that the program gives.
void compare_arguments(const Loaded& loaded, std::string_view key, const Message& message,
                       const Message& meant) {
    for (const std::string& argument : message.arguments())
        if (!std::binary_search(meant.arguments().begin(), meant.arguments().end(), argument))
            throw CatalogueError(loaded.tag + ".json: \"" + std::string{key} +
                                 "\" has the argument \"" + argument +
                                 "\", which the default locale's doesn't");
}

} // namespace

namespace detail {

void UnknownKeys::add(std::string_view key) {
    {
        const std::lock_guard lock{mutex_};
        if (keys_.size() == most_unknown_keys || !keys_.emplace(key).second) return;
    }
    log::warn("a message that no catalogue has was asked for", {{"key", key}});
}

std::vector<std::string> UnknownKeys::all() const {
    const std::lock_guard lock{mutex_};
    return {keys_.begin(), keys_.end()};
}

void LocaleCatalogue::format(std::string& out, std::string_view key,
                             std::span<const MessageArgument> arguments) const {
    const auto found = messages.find(key);
    if (found != messages.end()) {
        found->second->format(out, arguments);
        return;
    }
    unknown->add(key);
    out.append(key);
}

void LocaleCatalogue::translate(std::string& out, std::string_view key,
                                std::span<const TemplateArgument> arguments) const {
    std::vector<MessageArgument> converted;
    converted.reserve(arguments.size());
    for (const TemplateArgument& argument : arguments) {
        if (argument.kind == TemplateArgument::Kind::integer)
            converted.emplace_back(argument.name, argument.integer);
        else if (argument.kind == TemplateArgument::Kind::real)
            converted.emplace_back(argument.name, argument.real);
        else
            converted.emplace_back(argument.name, argument.text);
    }
    format(out, key, converted);
}

} // namespace detail

Translations::Impl::Impl(std::vector<CatalogueSource> sources, TranslationOptions given)
    : options(std::move(given)) {
    const std::unique_ptr<icu::TimeZone> zone{
        icu::TimeZone::createTimeZone(options.time_zone.c_str())};
    if (*zone == icu::TimeZone::getUnknown())
        throw CatalogueError("there is no time zone \"" + options.time_zone +
                             "\": write it as Europe/Berlin");
    std::sort(sources.begin(), sources.end(),
              [](const auto& a, const auto& b) { return a.locale < b.locale; });
    const auto first = std::find_if(sources.begin(), sources.end(), [&](const auto& source) {
        return source.locale == options.default_locale;
    });
    if (first == sources.end())
        throw CatalogueError(
            "there is no catalogue of the default locale: " + options.default_locale + ".json");
    std::rotate(sources.begin(), first, first + 1);

    std::vector<Loaded> all;
    const auto load = [&](const std::string& tag, Patterns patterns, bool is_pseudo) {
        const icu::Locale locale = icu_locale(is_pseudo ? options.default_locale : tag);
        for (const Loaded& other : all)
            if (lower(other.tag) == lower(tag))
                throw CatalogueError("the locale " + tag + " is there twice");
        Loaded& loaded = all.emplace_back(Loaded{tag, std::move(patterns), {}});
        for (const auto& [key, pattern] : loaded.patterns) {
            try {
                messages.push_back(std::make_unique<Message>(pattern, locale, *zone, is_pseudo));
            } catch (const std::invalid_argument& error) {
                throw CatalogueError(tag + ".json: \"" + key + "\" " + error.what());
            }
            const auto meant = all.front().messages.find(key);
            if (all.size() > 1 && meant == all.front().messages.end())
                throw CatalogueError(tag + ".json: \"" + key +
                                     "\" isn't among the messages of the default locale");
            if (all.size() > 1) compare_arguments(loaded, key, *messages.back(), *meant->second);
            loaded.messages.emplace(key, messages.back().get());
        }
    };
    all.reserve(sources.size() + 1);
    for (const CatalogueSource& source : sources)
        load(source.locale, read(source), false);
    if (options.pseudo_locale) load(std::string{pseudo_tag}, all.front().patterns, true);

    for (const Loaded& loaded : all) {
        auto catalogue = std::make_unique<LocaleCatalogue>();
        catalogue->tag = loaded.tag;
        catalogue->is_right_to_left = icu_locale(loaded.tag).isRightToLeft();
        catalogue->unknown = &unknown;
        // de-AT, then de, then the default locale.
        std::vector<const Loaded*> chain{&loaded};
        for (std::string tag = loaded.tag; tag.rfind('-') != std::string::npos;) {
            tag.resize(tag.rfind('-'));
            for (const Loaded& other : all)
                if (other.tag == tag) chain.push_back(&other);
        }
        for (const Loaded* one : chain)
            for (const auto& [key, message] : one->messages)
                catalogue->messages.try_emplace(std::string{key}, message);
        for (const auto& [key, message] : all.front().messages)
            if (catalogue->messages.try_emplace(std::string{key}, message).second)
                missing.push_back(loaded.tag + ": " + std::string{key});
        tags.push_back(lower(loaded.tag));
        catalogues.push_back(std::move(catalogue));
    }
    if (!missing.empty() && !options.allow_missing)
        throw CatalogueError(
            "a message is missing in " + missing.front() +
            (missing.size() > 1 ? " and " + std::to_string(missing.size() - 1) + " more" : "") +
            "; allow_missing has the default locale's instead");
}

} // namespace armature
