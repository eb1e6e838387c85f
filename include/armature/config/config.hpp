#pragma once

#include <armature/config/checks.hpp>
#include <armature/config/secret.hpp>
#include <armature/config/units.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Typed configuration from a file, `.env`, the environment and the command line, read once at
/// start and checked as a whole: either every value is good, or the error lists every fault.
///
/// Precedence, later wins: the value in code, files in the order given, `.env`, the process
/// environment, the command line.
///
/// Threads: load before the program starts threads that change the environment.
namespace armature::config {

/// Everything that is wrong, one line each. `what()` is the lines joined by line breaks.
///
/// A line names the source (file and line, variable or flag), the key, the bad value and what to
/// do. The value of a secret is shown as `[redacted]`.
class ConfigError : public std::runtime_error {
  public:
    explicit ConfigError(std::vector<std::string> faults);
    [[nodiscard]] const std::vector<std::string>& faults() const noexcept { return faults_; }

  private:
    std::vector<std::string> faults_;
};

enum class Presence : bool { required, optional };

namespace detail {

/// One value as a source gave it. `text` may be any source's; the others come from typed files.
struct RawValue {
    enum class Kind : std::uint8_t { text, string, integer, real, boolean, list };
    Kind kind = Kind::text;
    SecretString text;
    std::vector<RawValue> items;
    /// "app.toml:3", "APP_PORT", ".env:4" or "--port".
    std::string origin;
};

// Each returns a complaint, or an empty text when `value` was set.
std::string parse(const RawValue& raw, bool& value);
std::string parse(const RawValue& raw, double& value);
std::string parse(const RawValue& raw, std::string& value);
std::string parse(const RawValue& raw, SecretString& value);
std::string parse(const RawValue& raw, Milliseconds& value);
std::string parse(const RawValue& raw, ByteCount& value);

std::string parse_integer(const RawValue& raw, std::int64_t& value, std::int64_t least,
                          std::int64_t most);
std::string parse_integer(const RawValue& raw, std::uint64_t& value, std::uint64_t least,
                          std::uint64_t most);

template <class T>
    requires(std::integral<T> && !std::same_as<T, bool>)
std::string parse(const RawValue& raw, T& value) {
    using Limits = std::numeric_limits<T>;
    std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t> wide = 0;
    std::string complaint = parse_integer(raw, wide, Limits::min(), Limits::max());
    if (complaint.empty()) value = static_cast<T>(wide);
    return complaint;
}

inline std::string parse(const RawValue& raw, float& value) {
    double wide = 0;
    std::string complaint = parse(raw, wide);
    if (complaint.empty()) value = static_cast<float>(wide);
    return complaint;
}

// A value for people; a secret is masked.
template <class T>
std::string shown_setting(const T& value) {
    if constexpr (std::same_as<T, bool>)
        return value ? "true" : "false";
    else if constexpr (requires { value.expose(); })
        return value.expose() == std::remove_cvref_t<decltype(value.expose())>{} ? ""
                                                                                 : "[redacted]";
    else if constexpr (std::same_as<T, std::string>)
        return value;
    else
        return shown_bound(value);
}
template <class T>
std::string shown_setting(const std::vector<T>& values) {
    std::string text;
    for (const T& value : values)
        text.append(text.empty() ? "" : ",").append(shown_setting(value));
    return text;
}
template <class T>
std::string shown_setting(const std::optional<T>& value) {
    return value ? shown_setting(*value) : std::string{};
}

/// The items of a list from a file; a text is split at commas.
std::vector<RawValue> list_items(const RawValue& raw);

template <class T>
std::string parse(const RawValue& raw, std::vector<T>& value) {
    for (const RawValue& item : list_items(raw)) {
        T parsed{};
        std::string complaint = parse(item, parsed);
        if (!complaint.empty())
            return "has a bad item " + std::to_string(value.size() + 1) + ", which " + complaint;
        value.push_back(std::move(parsed));
    }
    return {};
}

template <class T>
inline constexpr bool is_secret = false;
template <class T>
inline constexpr bool is_secret<Secret<T>> = true;
template <class T>
inline constexpr bool is_secret<std::vector<Secret<T>>> = true;

struct Sources;

} // namespace detail

/// A setting in force, for people: see `Loader::settings`.
struct Setting {
    std::string key;
    std::string value;    ///< a secret's is `[redacted]`, or empty
    std::string origin;   ///< "app.toml:3", ".env:4", "APP_PORT" or "--port"; "default" without one
    std::string variable; ///< the environment's that would set it
};

/// What the function given to `Loader::load` reads its settings from.
///
/// A key is lower-case words of letters, digits and `_`, nested with dots: `database.host`. The
/// same key is `host` in the file's table `database`, `APP_DATABASE_HOST` in the environment and
/// `--database.host=` on the command line.
///
/// Values: texts, `bool`, numbers, `Milliseconds`, `ByteCount`, `SecretString`, vectors of these
/// (a list in a file, separated by commas elsewhere) and `std::optional` of these.
class Reader {
  public:
    explicit Reader(detail::Sources& sources) noexcept : sources_(&sources) {}

    /// Sets `value` if a source has `key`; else it keeps the default it was given in code. The
    /// checks are applied to what a source gave. A fault is noted and reading goes on.
    template <class T, class... Checks>
    void read(std::string_view key, T& value, const Checks&... checks) {
        take(key, value, Presence::optional, checks...);
        note(detail::shown_setting(value));
    }
    template <class T, class... Checks>
    void read(std::string_view key, std::optional<T>& value, const Checks&... checks) {
        T inner{};
        if (take(key, inner, Presence::optional, checks...)) value = std::move(inner);
        note(detail::shown_setting(value));
    }

    /// As `read`, and a fault if no source has `key`.
    template <class T, class... Checks>
    void required(std::string_view key, T& value, const Checks&... checks) {
        take(key, value, Presence::required, checks...);
        note(detail::shown_setting(value));
    }

  private:
    template <class T, class... Checks>
    bool take(std::string_view key, T& value, Presence presence, const Checks&... checks) {
        const detail::RawValue* raw = find(key, presence, detail::is_secret<T>);
        if (raw == nullptr) return false;
        T parsed{};
        std::string complaint = detail::parse(*raw, parsed);
        (..., (complaint.empty() ? void(complaint = checks(std::as_const(parsed))) : void()));
        if (!complaint.empty()) {
            note_fault(*raw, key, complaint, detail::is_secret<T>);
            return false;
        }
        value = std::move(parsed);
        return true;
    }

    const detail::RawValue* find(std::string_view key, Presence presence, bool secret);
    void note_fault(const detail::RawValue& raw, std::string_view key, std::string_view complaint,
                    bool secret);
    void note(std::string value); // of the key that was looked for last

    detail::Sources* sources_;
};

/// Says where settings come from, then reads them. Each function may be left out.
class Loader {
  public:
    Loader();
    ~Loader();
    Loader(const Loader&) = delete;
    Loader& operator=(const Loader&) = delete;

    /// A TOML (`.toml`) or JSON (`.json`) file of at most 1 MiB. Several files: a later one wins.
    /// A key that the program doesn't read is a fault.
    Loader& file(std::string path, Presence presence = Presence::required);

    /// A file of `NAME=value` lines; the grammar is in docs/configuration.md. It does not change
    /// the process environment. A name with the prefix that the program doesn't read is a fault.
    Loader& dotenv(std::string path = ".env", Presence presence = Presence::optional);

    /// The process environment. The key `database.host` is read from PREFIX_DATABASE_HOST, or from
    /// DATABASE_HOST if `prefix` is empty. The prefix counts for `.env` too. Variables that the
    /// program doesn't read are ignored: orchestrators add their own.
    Loader& environment(std::string prefix);

    /// `--key=value` arguments. Those that don't start with `--`, and all after a lone `--`, are
    /// the program's own. A secret here is a fault: every user of the machine could read it.
    Loader& arguments(int argc, const char* const* argv);

    /// Default-constructs `Settings`, lets `bind(Reader&, Settings&)` fill it, and returns it.
    ///
    /// Errors: `ConfigError` with every fault found.
    template <class Settings, class Bind>
    [[nodiscard]] Settings load(const Bind& bind) {
        Settings settings{};
        open();
        Reader reader(*sources_);
        bind(reader, settings);
        close();
        return settings;
    }

    /// As `load`, but prints the faults to standard error and ends the process with status 2.
    template <class Settings, class Bind>
    [[nodiscard]] Settings load_or_exit(const Bind& bind) {
        try {
            return load<Settings>(bind);
        } catch (const ConfigError& error) {
            exit_with(error);
        }
    }

    /// What the last `load` read, in its order.
    [[nodiscard]] const std::vector<Setting>& settings() const noexcept;

  private:
    void open();
    void close();
    [[noreturn]] static void exit_with(const ConfigError& error);

    std::unique_ptr<detail::Sources> sources_;
};

} // namespace armature::config
