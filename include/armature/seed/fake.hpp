#pragma once

#include <armature/core/decimal.hpp>
#include <armature/core/uuid.hpp>
#include <armature/seed/random.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace armature::seed {

/// The language and country of names, addresses and phone numbers.
enum class Locale : std::uint8_t { en, de, fr, es, ja };

/// Invented values for one row. The same seed, factory and row give the same values for ever; what
/// other rows and factories draw makes no difference.
///
/// Nothing of it belongs to anybody: domains are those of RFC 2606, addresses those of RFC 5737 and
/// RFC 3849, card numbers are those that payment providers give for tests, and phone numbers are of
/// ranges kept free for fiction; Spain and Japan have none, so there it is a prefix that nobody is
/// given.
///
/// Texts are UTF-8. Not thread-safe.
class Fake {
  public:
    /// `name` tells factories apart. `place` counts the rows that unique values are unique among.
    Fake(std::uint64_t seed, std::string_view name, std::uint64_t index = 0,
         Locale locale = Locale::en) noexcept
        : Fake(seed, detail::hash(name), index, detail::hash(name), index, locale) {}
    Fake(std::uint64_t seed, std::uint64_t name, std::uint64_t index, std::uint64_t table,
         std::uint64_t place, Locale locale) noexcept;

    /// The row's number, from 0.
    [[nodiscard]] std::uint64_t index() const noexcept { return index_; }
    [[nodiscard]] Locale locale() const noexcept { return locale_; }
    [[nodiscard]] Random& random() noexcept { return random_; }

    // --- one person, whose name, user name and address of mail belong together ------------------
    [[nodiscard]] std::string first_name();
    [[nodiscard]] std::string last_name();
    /// In the order that the locale has.
    [[nodiscard]] std::string name();
    /// ASCII: "ada.miller".
    [[nodiscard]] std::string user_name();
    /// Others may have it too.
    [[nodiscard]] std::string email();
    /// No other row of the table has it: "ada.miller.1b7k2x@example.com".
    [[nodiscard]] std::string unique_email();
    [[nodiscard]] std::string unique_user_name();
    /// From now on another person.
    void another_person() noexcept { ++person_; }
    /// E.164, with the digits in groups: "+1 202-555-0143".
    [[nodiscard]] std::string phone();
    [[nodiscard]] std::string job_title();
    /// Between these ages on 1 January 2025.
    [[nodiscard]] std::chrono::year_month_day birthday(unsigned least_age = 18,
                                                       unsigned most_age = 90);

    // --- places and companies -------------------------------------------------------------------
    [[nodiscard]] std::string street();
    [[nodiscard]] std::string postcode();
    [[nodiscard]] std::string city();
    [[nodiscard]] std::string country();
    /// Street, postcode and city in one line.
    [[nodiscard]] std::string address();
    [[nodiscard]] std::string company();

    // --- internet -------------------------------------------------------------------------------
    /// Below example.com, example.org, example.net or .test.
    [[nodiscard]] std::string domain();
    [[nodiscard]] std::string url();
    [[nodiscard]] std::string ipv4();
    [[nodiscard]] std::string ipv6();
    [[nodiscard]] std::string slug(std::size_t words = 3);
    [[nodiscard]] std::string file_name();
    [[nodiscard]] std::string media_type();

    // --- text -----------------------------------------------------------------------------------
    [[nodiscard]] std::string word();
    [[nodiscard]] std::string words(std::size_t count);
    /// Some words with a capital and a full stop.
    [[nodiscard]] std::string sentence();
    [[nodiscard]] std::string paragraph(std::size_t sentences = 4);
    /// A few words with a capital, without a full stop.
    [[nodiscard]] std::string title();
    /// "Sturdy oak lamp".
    [[nodiscard]] std::string product();

    // --- numbers, times and the rest ------------------------------------------------------------
    [[nodiscard]] bool chance(double probability) noexcept { return random_.chance(probability); }
    [[nodiscard]] std::int64_t integer(std::int64_t least, std::int64_t most) {
        return random_.between(least, most);
    }
    /// Money: whole units from `least` to `most`, with two places (none for ja).
    [[nodiscard]] Decimal price(std::int64_t least = 1, std::int64_t most = 500);
    /// ISO 4217.
    [[nodiscard]] std::string_view currency() const noexcept;
    /// Version 4 by its form.
    [[nodiscard]] Uuid uuid() noexcept;
    /// "#1e90ff"
    [[nodiscard]] std::string colour();
    [[nodiscard]] std::string colour_name();
    /// A number with a valid check digit that payment providers take as a test.
    [[nodiscard]] std::string_view card_number() noexcept;
    /// From `from` up to, but without, `to`.
    [[nodiscard]] std::chrono::sys_seconds time(std::chrono::sys_seconds from,
                                                std::chrono::sys_seconds to);
    [[nodiscard]] std::chrono::year_month_day date(std::chrono::year_month_day from,
                                                   std::chrono::year_month_day to);
    /// In the `days` before 1 January 2025: what depends on today isn't the same tomorrow.
    [[nodiscard]] std::chrono::sys_seconds past(unsigned days = 730);

    /// A number below `size` that no other row of the table gets. For several columns name them:
    /// each has its own order. Throws std::out_of_range for a row that isn't below `size`.
    [[nodiscard]] std::uint64_t unique(std::uint64_t size, std::string_view column = "") const;
    /// One of these, all as likely.
    template <class T>
    [[nodiscard]] T one_of(std::initializer_list<T> values) {
        return values.begin()[random_.below(values.size())];
    }

  private:
    struct Named;
    [[nodiscard]] Named named() const noexcept;
    [[nodiscard]] std::string unique_mark() const;
    [[nodiscard]] std::string digits(std::string_view pattern);

    Random random_;
    std::uint64_t seed_;
    std::uint64_t row_; ///< the seed of this row
    std::uint64_t index_;
    std::uint64_t table_;
    std::uint64_t place_;
    std::uint64_t person_ = 0;
    Locale locale_;
};

} // namespace armature::seed
