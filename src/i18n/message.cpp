#include "i18n/message.hpp"

#include <armature/describe/chrono.hpp>

#include <unicode/smpdtfmt.h>

#include <algorithm>
#include <stdexcept>

namespace armature::detail {

namespace {

std::string to_utf8(const icu::UnicodeString& text) {
    std::string result;
    text.toUTF8String(result);
    return result;
}
icu::UnicodeString from_utf8(std::string_view text) {
    return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

void check(UErrorCode status, const std::string& what) {
    if (U_FAILURE(status)) throw std::invalid_argument(what + ": " + u_errorName(status));
}

// The style of {when, date, STYLE}: short, medium, long, full, a ::skeleton or a pattern.
std::unique_ptr<icu::DateFormat> date_format(bool is_time, icu::UnicodeString style,
                                             const icu::Locale& locale) {
    UErrorCode status = U_ZERO_ERROR;
    style.trim();
    std::unique_ptr<icu::DateFormat> format;
    const auto in_style = [&](icu::DateFormat::EStyle named) {
        format.reset(is_time ? icu::DateFormat::createTimeInstance(named, locale)
                             : icu::DateFormat::createDateInstance(named, locale));
    };
    if (style.isEmpty() || style == u"medium")
        in_style(icu::DateFormat::kMedium);
    else if (style == u"short")
        in_style(icu::DateFormat::kShort);
    else if (style == u"long")
        in_style(icu::DateFormat::kLong);
    else if (style == u"full")
        in_style(icu::DateFormat::kFull);
    else if (style.startsWith(u"::"))
        format.reset(
            icu::DateFormat::createInstanceForSkeleton(style.tempSubString(2), locale, status));
    else
        format = std::make_unique<icu::SimpleDateFormat>(style, locale, status);
    if (!format) status = U_MEMORY_ALLOCATION_ERROR;
    check(status, "the style \"" + to_utf8(style) + "\" of a date or time");
    return format;
}

double milliseconds_of(const MessageArgument& argument) {
    switch (argument.kind) {
    case MessageArgument::Kind::integer:
        return static_cast<double>(argument.integer);
    case MessageArgument::Kind::real:
    case MessageArgument::Kind::date:
        return argument.real;
    case MessageArgument::Kind::text:
        break;
    }
    Instant instant;
    if (!parse_date_time(argument.text, instant))
        throw std::invalid_argument("armature: the argument \"" + std::string{argument.name} +
                                    "\" of a message is no date: give a time point, milliseconds "
                                    "since 1970, or text as RFC 3339 has it");
    return static_cast<double>(instant.seconds) * 1000 +
           static_cast<double>(instant.nanoseconds / 1'000'000);
}

// What stands for a letter in the pseudo-locale.
char16_t accented(char16_t c) {
    static constexpr std::u16string_view plain =
        u"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static constexpr std::u16string_view marked =
        u"ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž";
    const std::size_t at = plain.find(c);
    return at == std::u16string_view::npos ? c : marked[at];
}

void append_text(icu::UnicodeString& out, const icu::UnicodeString& text, bool is_pseudo) {
    if (!is_pseudo) {
        out.append(text);
        return;
    }
    for (std::int32_t i = 0; i < text.length(); ++i) {
        out.append(accented(text[i]));
        // German is a third longer than English, they say.
        if (std::u16string_view{u"aeiou"}.find(text[i]) != std::u16string_view::npos)
            out.append(accented(text[i]));
    }
}

} // namespace

class Message::Lease {
  public:
    explicit Lease(const Message& message) : message_(message) {
        const std::lock_guard lock{message.mutex_};
        if (message.idle_.empty()) {
            format_.reset(message.format_->clone()); // nobody formats with the first: it is whole
        } else {
            format_ = std::move(message.idle_.back());
            message.idle_.pop_back();
        }
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
        const std::lock_guard lock{message_.mutex_};
        message_.idle_.push_back(std::move(format_));
    }
    const icu::MessageFormat& operator*() const noexcept { return *format_; }

  private:
    const Message& message_;
    std::unique_ptr<icu::MessageFormat> format_;
};

namespace {

// The style that has ICU show numbers as browsers do: grouped as the language does, with at most
// three decimals. ICU's own {n, number} and # group all numbers alike.
std::u16string_view number_style(const icu::UnicodeString& style) {
    if (style.isEmpty()) return u"::.###";
    if (style == u"integer") return u"::precision-integer";
    if (style == u"percent") return u"::percent scale/100 precision-integer";
    return {};
}

} // namespace

// Copies the pattern: text as it is, or made strange; dates as arguments that are texts already;
// numbers in the style above.
class Message::Rewriter {
  public:
    Rewriter(Message& message, const icu::MessagePattern& parsed, const icu::Locale& locale,
             const icu::TimeZone& zone, bool is_pseudo)
        : message_(message), parsed_(parsed), text_(parsed.getPatternString()), locale_(locale),
          zone_(zone), is_pseudo_(is_pseudo) {}

    icu::UnicodeString rewrite() {
        if (is_pseudo_) out_.append(u'[');
        for (std::int32_t i = 0; i < parsed_.countParts(); ++i) {
            const Part& part = parsed_.getPart(i);
            if (part.getIndex() >= done_) { // else it says again what a part before has said
                const auto between = text_.tempSubStringBetween(done_, part.getIndex());
                append_text(out_, between, is_pseudo_ && !open_.empty() && open_.back().is_text);
                done_ = part.getIndex();
            }
            i = take(i, part);
            const std::int32_t limit = parsed_.getPart(i).getLimit();
            if (limit > done_) {
                if (!is_replaced_) out_.append(text_.tempSubStringBetween(done_, limit));
                done_ = limit;
            }
            is_replaced_ = false;
        }
        if (is_pseudo_) out_.append(u']');
        return std::move(out_);
    }

  private:
    using Part = icu::MessagePattern::Part;
    // A message or an argument that is open.
    struct Open {
        bool is_text;
        icu::UnicodeString number; ///< of a plural argument without an offset: its name
    };

    // Gives the part that it ended with.
    std::int32_t take(std::int32_t i, const Part& part) {
        switch (part.getType()) {
        case UMSGPAT_PART_TYPE_MSG_START:
            open_.push_back({true, open_.empty() ? icu::UnicodeString{} : open_.back().number});
            break;
        case UMSGPAT_PART_TYPE_ARG_START:
            return take_argument(i, part);
        case UMSGPAT_PART_TYPE_REPLACE_NUMBER:
            if (!open_.back().number.isEmpty()) {
                out_.append(u'{').append(open_.back().number).append(u", number, ::.###}");
                is_replaced_ = true;
            }
            break;
        case UMSGPAT_PART_TYPE_MSG_LIMIT:
        case UMSGPAT_PART_TYPE_ARG_LIMIT:
            open_.pop_back();
            break;
        default:
            break;
        }
        return i;
    }

    std::int32_t take_argument(std::int32_t i, const Part& part) {
        const Part& name = parsed_.getPart(i + 1);
        if (name.getType() != UMSGPAT_PART_TYPE_ARG_NAME)
            throw std::invalid_argument("has an argument that is a number: give it a name");
        if (part.getArgType() == UMSGPAT_ARG_TYPE_CHOICE)
            throw std::invalid_argument("has a choice, which ICU gave up: use plural");
        const icu::UnicodeString argument = parsed_.getSubstring(name);
        message_.names_.push_back(to_utf8(argument));
        if (part.getArgType() == UMSGPAT_ARG_TYPE_SIMPLE && take_simple(i, argument)) {
            is_replaced_ = true;
            return parsed_.getLimitPartIndex(i);
        }
        const bool is_plural = part.getArgType() == UMSGPAT_ARG_TYPE_PLURAL ||
                               part.getArgType() == UMSGPAT_ARG_TYPE_SELECTORDINAL;
        const bool has_offset = is_plural && parsed_.getPluralOffset(i + 2) != 0;
        open_.push_back({false, is_plural && !has_offset ? argument : icu::UnicodeString{}});
        return i;
    }

    // True: the argument was written in another way.
    bool take_simple(std::int32_t i, const icu::UnicodeString& argument) {
        const icu::UnicodeString type = parsed_.getSubstring(parsed_.getPart(i + 2));
        const Part& style_part = parsed_.getPart(i + 3);
        icu::UnicodeString style;
        if (style_part.getType() == UMSGPAT_PART_TYPE_ARG_STYLE)
            style = parsed_.getSubstring(style_part).trim();
        if (type == u"number") {
            const std::u16string_view other = number_style(style);
            if (other.empty()) return false;
            out_.append(u'{').append(argument).append(u", number, ");
            out_.append(other.data(), static_cast<std::int32_t>(other.size())).append(u'}');
            return true;
        }
        if (type != u"date" && type != u"time")
            throw std::invalid_argument("has an argument of the type \"" + to_utf8(type) +
                                        "\": there are number, date and time");
        Date date;
        date.argument = message_.names_.back();
        date.name = icu::UnicodeString{"armature_date_"} +
                    from_utf8(std::to_string(message_.dates_.size()));
        date.format = date_format(type == u"time", style, locale_);
        date.format->setTimeZone(zone_);
        out_.append(u'{').append(date.name).append(u'}');
        message_.dates_.push_back(std::move(date));
        return true;
    }

    Message& message_;
    const icu::MessagePattern& parsed_;
    const icu::UnicodeString& text_;
    const icu::Locale& locale_;
    const icu::TimeZone& zone_;
    bool is_pseudo_;
    std::vector<Open> open_;
    icu::UnicodeString out_;
    std::int32_t done_ = 0;
    bool is_replaced_ = false;
};

Message::Message(const std::string& pattern, const icu::Locale& locale, const icu::TimeZone& zone,
                 bool is_pseudo) {
    UErrorCode status = U_ZERO_ERROR;
    UParseError where{};
    icu::MessagePattern parsed{UMSGPAT_APOS_DOUBLE_OPTIONAL, status};
    parsed.parse(from_utf8(pattern), &where, status);
    if (U_FAILURE(status))
        throw std::invalid_argument("isn't a message of ICU's MessageFormat at character " +
                                    std::to_string(where.offset + 1) + ", before \"" +
                                    to_utf8(icu::UnicodeString{where.postContext}) + "\" (" +
                                    u_errorName(status) + ")");
    const icu::UnicodeString text = Rewriter{*this, parsed, locale, zone, is_pseudo}.rewrite();
    std::sort(names_.begin(), names_.end());
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
    format_ = std::make_unique<icu::MessageFormat>(text, locale, where, status);
    check(status, "isn't a message of ICU's MessageFormat");
    if (!names_.empty()) return;
    icu::UnicodeString formatted;
    format_->format(static_cast<const icu::UnicodeString*>(nullptr), nullptr, 0, formatted, status);
    check(status, "can't be formatted");
    constant_ = to_utf8(formatted);
    format_.reset();
}

void Message::format(std::string& out, std::span<const MessageArgument> arguments) const {
    if (!format_) {
        out.append(constant_);
        return;
    }
    std::vector<icu::UnicodeString> names;
    std::vector<icu::Formattable> values;
    names.reserve(arguments.size() + dates_.size());
    values.reserve(arguments.size() + dates_.size());
    for (const MessageArgument& argument : arguments) {
        names.push_back(from_utf8(argument.name));
        switch (argument.kind) {
        case MessageArgument::Kind::text:
            values.emplace_back(from_utf8(argument.text));
            break;
        case MessageArgument::Kind::integer:
            values.emplace_back(argument.integer);
            break;
        case MessageArgument::Kind::real:
            values.emplace_back(argument.real);
            break;
        case MessageArgument::Kind::date:
            values.emplace_back(argument.real, icu::Formattable::kIsDate);
        }
    }
    for (const Date& date : dates_) {
        icu::UnicodeString shown;
        for (const MessageArgument& argument : arguments)
            if (argument.name == date.argument) {
                // A format is written to while it formats.
                const std::unique_ptr<icu::DateFormat> own{
                    static_cast<icu::DateFormat*>(date.format->clone())};
                own->format(milliseconds_of(argument), shown);
            }
        names.push_back(date.name);
        values.emplace_back(shown);
    }
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeString formatted;
    {
        const Lease lease{*this};
        (*lease).format(names.data(), values.data(), static_cast<std::int32_t>(names.size()),
                        formatted, status);
    }
    if (U_FAILURE(status))
        throw std::invalid_argument("armature: a message can't be formatted with the arguments "
                                    "that were given: " +
                                    std::string{u_errorName(status)});
    formatted.toUTF8String(out);
}

} // namespace armature::detail
