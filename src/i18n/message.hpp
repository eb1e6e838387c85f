#pragma once

#include <armature/i18n/i18n.hpp>

#include <unicode/datefmt.h>
#include <unicode/locid.h>
#include <unicode/messagepattern.h>
#include <unicode/msgfmt.h>

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace armature::detail {

/// One message in one language, ready to be formatted. Thread-safe.
class Message {
  public:
    /// Throws std::invalid_argument that says what is wrong with the pattern, and where.
    Message(const std::string& pattern, const icu::Locale& locale, const icu::TimeZone& zone,
            bool is_pseudo = false);
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;

    void format(std::string& out, std::span<const MessageArgument> arguments) const;
    /// The arguments that the pattern uses, sorted.
    [[nodiscard]] const std::vector<std::string>& arguments() const noexcept { return names_; }

  private:
    // A date or time: ICU's own would show it in the process's time zone.
    struct Date {
        std::string argument;
        icu::UnicodeString name; ///< that stands for it in the pattern
        std::unique_ptr<icu::DateFormat> format;
    };
    // A MessageFormat makes parts of itself when it is first used, without a lock: each is used by
    // one thread at a time.
    class Lease;
    class Rewriter;

    std::string constant_; ///< the text, if it has no arguments
    std::vector<std::string> names_;
    std::vector<Date> dates_;
    std::unique_ptr<icu::MessageFormat> format_; ///< null: constant
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<icu::MessageFormat>> idle_;
};

} // namespace armature::detail
