#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace armature {
template <class T>
class Secret;
} // namespace armature

/// Structured logging: a constant message plus named values.
///
/// A record is formatted by the thread that logs and written by one background thread, so an event
/// loop never waits for a disk or a terminal: the first record starts it. The queue is bounded;
/// when it is full the oldest record is dropped and counted, and the log says how many are missing.
///
/// Threads: every function here may be called from any thread, before `configure` and during
/// static destruction too. Not async-signal-safe. A child process made by `fork` has no background
/// thread: it must call `configure` before it logs.
namespace armature::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error, critical, off };

/// `json`: one object a line. `pretty`: one line for people, coloured on a terminal.
enum class Format : std::uint8_t { json, pretty };

/// Returns the lower-case name, for example "warn".
[[nodiscard]] std::string_view to_string(Level level) noexcept;

/// Returns nullopt for anything but the seven lower-case names.
[[nodiscard]] std::optional<Level> parse_level(std::string_view name) noexcept;

/// Returns nullopt for anything but "json" and "pretty".
[[nodiscard]] std::optional<Format> parse_format(std::string_view name) noexcept;

/// The value of a field: a text, a number or a truth value.
///
/// Lifetime: a text is a view; it must live until the logging call returns.
class Value {
  public:
    enum class Kind : std::uint8_t { text, signed_integer, unsigned_integer, real, boolean };

    Value(const char* text) noexcept : Value(std::string_view(text ? text : "(null)")) {}

    template <class T>
        requires std::convertible_to<const T&, std::string_view>
    Value(const T& text) noexcept : kind_(Kind::text), text_(text) {}

    template <std::integral T>
        requires(!std::same_as<T, char>)
    Value(T number) noexcept {
        if constexpr (std::same_as<T, bool>) {
            kind_ = Kind::boolean;
            boolean_ = number;
        } else if constexpr (std::signed_integral<T>) {
            kind_ = Kind::signed_integer;
            signed_ = number;
        } else {
            kind_ = Kind::unsigned_integer;
            unsigned_ = number;
        }
    }

    template <std::floating_point T>
    Value(T number) noexcept : kind_(Kind::real), real_(static_cast<double>(number)) {}

    /// A secret never reaches a log.
    template <class T>
    Value(const Secret<T>&) = delete;

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    /// Each accessor is valid for its own kind only.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    [[nodiscard]] std::int64_t signed_integer() const noexcept { return signed_; }
    [[nodiscard]] std::uint64_t unsigned_integer() const noexcept { return unsigned_; }
    [[nodiscard]] double real() const noexcept { return real_; }
    [[nodiscard]] bool boolean() const noexcept { return boolean_; }

  private:
    Kind kind_;
    union {
        std::string_view text_;
        std::int64_t signed_;
        std::uint64_t unsigned_;
        double real_;
        bool boolean_;
    };
};

/// One named value. The names `time`, `level` and `message` belong to the record itself; a field
/// that uses one is written with `_` appended.
struct Field {
    std::string_view name;
    Value value;
};
using Fields = std::initializer_list<Field>;

struct Options {
    Level level = Level::info;
    Format format = Format::json;
    /// Appended to, created with mode 0640 if absent. Empty means standard error.
    std::string file{};
    /// Records that may wait for the background thread, 1 to 1,000,000; about 400 bytes each.
    std::size_t queue_capacity = 4096;
};

/// Longer messages and text values are cut here and end in "…", which bounds the queue's memory.
inline constexpr std::size_t max_text_bytes = 16 * 1024;

/// Starts logging with `options`, or restarts it; what was logged before is written first or
/// dropped and counted.
///
/// The environment variables ARMATURE_LOG_LEVEL and ARMATURE_LOG_FORMAT, when set, win over
/// `options`: the operator has the last word.
///
/// Errors: `std::invalid_argument`, one line naming the variable or option and what it may be;
/// `std::system_error` when the file can't be opened. Logging goes on as before in both cases.
void configure(Options options = {});

/// Starts logging from the environment and defaults unless `configure` did already, with the same
/// errors. A server calls it at start, so that a misspelt variable stops the start. A record that
/// is logged earlier can't fail: it ignores a wrong variable.
void start();

/// Waits until what was logged before the call is written, at most `timeout_ms` milliseconds.
/// Returns false if the time ran out.
bool flush(std::int64_t timeout_ms = 5000) noexcept;

/// Writes everything that waits and stops the background thread. Records that come later are
/// written by the thread that logs. Happens by itself at `exit`.
void shutdown() noexcept;

/// How many records were lost since the process began: the queue was full, or writing failed.
[[nodiscard]] std::uint64_t dropped() noexcept;

namespace detail {
extern std::atomic<Level> threshold;
void write(Level level, std::string_view message, Fields fields) noexcept;
} // namespace detail

/// Whether a record of this level would be written. Cost: one relaxed atomic load.
[[nodiscard]] inline bool enabled(Level level) noexcept {
    return level >= detail::threshold.load(std::memory_order_relaxed);
}

/// Logs at a level chosen at run time. The functions below are the usual way.
inline void write(Level level, std::string_view message, Fields fields = {}) noexcept {
    if (enabled(level)) detail::write(level, message, fields);
}

inline void trace(std::string_view message, Fields fields = {}) noexcept {
    write(Level::trace, message, fields);
}
inline void debug(std::string_view message, Fields fields = {}) noexcept {
    write(Level::debug, message, fields);
}
inline void info(std::string_view message, Fields fields = {}) noexcept {
    write(Level::info, message, fields);
}
inline void warn(std::string_view message, Fields fields = {}) noexcept {
    write(Level::warn, message, fields);
}
inline void error(std::string_view message, Fields fields = {}) noexcept {
    write(Level::error, message, fields);
}
inline void critical(std::string_view message, Fields fields = {}) noexcept {
    write(Level::critical, message, fields);
}

} // namespace armature::log
