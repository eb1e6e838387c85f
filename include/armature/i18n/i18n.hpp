#pragma once

#include <armature/app/extract.hpp>
#include <armature/core/response.hpp>
#include <armature/templates/translation.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

struct TemplateMessage;

/// Messages that can't be used; says in which file, and at which line or key.
class CatalogueError : public std::invalid_argument {
  public:
    explicit CatalogueError(const std::string& why) : std::invalid_argument("armature: " + why) {}
};

struct TranslationOptions {
    /// The locale of who has none of the others; its catalogue has every message.
    std::string default_locale = "en";
    /// The query parameter that overrides the browser's choice, "lang" for example; empty: none.
    std::string query = {};
    /// The cookie that does so; empty: none. Responses then vary by Cookie too.
    std::string cookie = {};
    /// The zone of dates and times in messages, a name of the IANA's database.
    std::string time_zone = "UTC";
    /// Lets catalogues lack messages: their locale's parents have them, or the default locale.
    /// `Translations::missing` lists them.
    bool allow_missing = false;
    /// Adds the locale en-XA: the default locale's messages with accents, longer and in brackets,
    /// to see in a page what isn't translated or has no room.
    bool pseudo_locale = false;
};

/// A catalogue that doesn't come from a folder.
struct CatalogueSource {
    std::string locale; ///< BCP 47: "pt-BR"
    std::string json;
};

/// An argument of a message: `{"name", user.name}`, `{"count", 3}`, `{"when",
/// system_clock::now()}`. Texts are views, to be used within the expression.
class MessageArgument {
  public:
    enum class Kind : std::uint8_t { text, integer, real, date };

    MessageArgument(std::string_view argument, std::string_view value) noexcept
        : name(argument), text(value) {}
    MessageArgument(std::string_view argument, const char* value) noexcept
        : name(argument), text(value) {}
    template <std::integral T>
    MessageArgument(std::string_view argument, T value) noexcept
        : name(argument), kind(Kind::integer), integer(static_cast<std::int64_t>(value)) {}
    template <std::floating_point T>
    MessageArgument(std::string_view argument, T value) noexcept
        : name(argument), kind(Kind::real), real(static_cast<double>(value)) {}
    /// A point in time of the system's clock.
    template <class Time>
        requires requires(const Time& time) { time.time_since_epoch().count(); }
    MessageArgument(std::string_view argument, const Time& time) noexcept
        : name(argument), kind(Kind::date) {
        using Period = typename Time::period;
        real = static_cast<double>(time.time_since_epoch().count()) *
               static_cast<double>(Period::num) * 1000 / static_cast<double>(Period::den);
    }

    std::string_view name;
    Kind kind = Kind::text;
    std::string_view text = {};
    std::int64_t integer = 0;
    double real = 0; ///< of a date: milliseconds since 1970
};

namespace detail {
struct LocaleCatalogue;
} // namespace detail

/// The language of the request under way, as a handler's parameter. Lives as long as the
/// application.
class Locale {
  public:
    explicit Locale(const detail::LocaleCatalogue& catalogue) noexcept : catalogue_(&catalogue) {}
    /// BCP 47: "pt-BR".
    [[nodiscard]] std::string_view tag() const noexcept;
    /// "ltr" or "rtl".
    [[nodiscard]] std::string_view direction() const noexcept;

  private:
    const detail::LocaleCatalogue* catalogue_;
};

/// Gives messages in the language of the request, as a handler's parameter:
///
///     get([](Translator tr) { return tr("cart.items", {{"count", 3}}); })
///
/// Thread-safe; cheap to copy. Lives as long as the application.
class Translator {
  public:
    explicit Translator(const detail::LocaleCatalogue& catalogue) noexcept
        : catalogue_(&catalogue) {}
    /// The message as text: escape it where it goes. Of a key that no catalogue has, the key; the
    /// log says so once.
    [[nodiscard]] std::string
    operator()(std::string_view key, std::initializer_list<MessageArgument> arguments = {}) const;
    [[nodiscard]] Locale locale() const noexcept { return Locale{*catalogue_}; }

  private:
    const detail::LocaleCatalogue* catalogue_;
};

/// Messages in several languages, and the middleware that finds out which one a request is to have.
///
///     app.wrap(Translations{"locales", {.query = "lang", .cookie = "lang"}})
///
/// The folder has a JSON file for each locale, `en.json`, `pt-BR.json`: keys and messages in ICU's
/// MessageFormat, nested objects if you like ("cart": {"items": …} is "cart.items"). All is read
/// and checked here: throws CatalogueError when a message is malformed, there twice, missing, or
/// takes an argument that the default locale's doesn't.
///
/// The locale is that of the query parameter, else of the cookie, else the best of Accept-Language
/// by lookup (RFC 4647 §3.4), else the default. Responses say it in Content-Language and vary by
/// Accept-Language. Copies share everything.
class Translations {
  public:
    static constexpr std::string_view name = "translations";

    explicit Translations(const std::string& folder, TranslationOptions options = {});
    explicit Translations(std::vector<CatalogueSource> sources, TranslationOptions options = {});

    /// Checks that every message that templates ask for is there and gets its arguments. Throws
    /// CatalogueError that names the template and its line.
    const Translations& require(const std::vector<TemplateMessage>& messages) const&;
    Translations&& require(const std::vector<TemplateMessage>& messages) && {
        static_cast<const Translations&>(*this).require(messages);
        return std::move(*this);
    }

    /// What is missing: "pt-BR: cart.items".
    [[nodiscard]] std::vector<std::string> missing() const;
    /// Keys that were asked for and are in no catalogue; the first thousand.
    [[nodiscard]] std::vector<std::string> unknown_keys() const;
    [[nodiscard]] std::vector<std::string> locales() const;

    /// For a mail, or whatever has no request: the nearest locale to a list as of Accept-Language.
    [[nodiscard]] Translator translator(std::string_view accept_language) const;

    void before(Request& request) const;
    void after(Request& request, Response& response) const;

    struct Impl; ///< for the implementation

  private:
    std::shared_ptr<Impl> impl_;
};

namespace detail {
[[nodiscard]] const LocaleCatalogue& catalogue_of(Request& request);
} // namespace detail

template <>
struct Extract<Translator> {
    static Translator from(const ExtractInput& input) {
        return Translator{detail::catalogue_of(input.request)};
    }
};
template <>
struct Extract<Locale> {
    static Locale from(const ExtractInput& input) {
        return Locale{detail::catalogue_of(input.request)};
    }
};

} // namespace armature
