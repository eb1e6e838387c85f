#pragma once

#include <armature/app/extract.hpp>
#include <armature/core/duration.hpp>
#include <armature/core/owned.hpp>
#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature {

/// Why a flag has the value that it has; OpenFeature's words.
enum class FlagReason : std::uint8_t {
    static_,         ///< "STATIC": the flag has no rules
    targeting_match, ///< "TARGETING_MATCH": a rule said so
    split,           ///< "SPLIT": by the share that the context's key falls into
    default_,        ///< "DEFAULT": no rule said anything
    disabled,        ///< "DISABLED": the flag is off; the caller's default
    error,           ///< "ERROR": the caller's default
};
/// What went wrong, if the reason is `error`; OpenFeature's words.
enum class FlagError : std::uint8_t {
    none,
    flag_not_found, ///< "FLAG_NOT_FOUND"
    type_mismatch,  ///< "TYPE_MISMATCH": it has a value of another type
    general,        ///< "GENERAL": a rule can't be evaluated with this context
};
[[nodiscard]] std::string_view to_string(FlagReason reason) noexcept;
[[nodiscard]] std::string_view to_string(FlagError error) noexcept;

/// What rules decide by: who is asking, and what is known of them.
///
///     FlagContext{user.id}.set("plan", "gold").set("age", 42)
class FlagContext {
  public:
    FlagContext();
    /// The targeting key: what shares are divided by, the user's id for example.
    explicit FlagContext(std::string_view targeting_key);
    FlagContext(const FlagContext& other);
    FlagContext(FlagContext&&) noexcept;
    FlagContext& operator=(FlagContext&&) noexcept;
    ~FlagContext();

    /// A text, a number, a truth value, or any type that has a JSON form.
    template <class T>
    FlagContext& set(std::string_view name, const T& value) & {
        if constexpr (std::is_convertible_v<const T&, std::string_view>)
            set_json(name, to_json(std::string_view{value}));
        else
            set_json(name, to_json(value));
        return *this;
    }
    template <class T>
    FlagContext&& set(std::string_view name, const T& value) && {
        return std::move(set(name, value));
    }

    struct Impl; ///< for the implementation
    [[nodiscard]] Impl& impl() const noexcept { return *impl_; }

  private:
    void set_json(std::string_view name, std::string json);
    Owned<Impl> impl_;
};

/// A flag's value, and how it came to be.
template <class T>
struct FlagDetails {
    T value;
    std::string variant; ///< the value's name; empty: it is the caller's default
    FlagReason reason = FlagReason::error;
    FlagError error = FlagError::none;
    std::string message; ///< of an error
};

/// What hooks are told.
struct FlagOutcome {
    std::string_view key;
    std::string_view variant;
    FlagReason reason;
    FlagError error;
    std::string_view message;
};

/// Sees every evaluation; for metrics, logs, traces. Called on the thread that evaluates, several
/// at once; must not throw. `before` runs in the order of the hooks, the others in the reverse.
class FlagHook {
  public:
    virtual ~FlagHook();
    virtual void before(std::string_view key, FlagContext& context);
    virtual void after(const FlagOutcome& outcome); ///< it has a value
    virtual void error(const FlagOutcome& outcome); ///< it hasn't
    virtual void finally(const FlagOutcome& outcome);
};

struct FlagOptions {
    /// How often to look whether the file has changed, in a thread of its own; 0: never.
    Duration reload_every = Duration::seconds(1);
    std::vector<std::shared_ptr<FlagHook>> hooks = {};
};

namespace detail {

enum class FlagKind : std::uint8_t { boolean, number, text, object };

struct FlagResolution {
    FlagReason reason = FlagReason::error;
    FlagError error = FlagError::none;
    bool has_value = false;
    bool boolean = false;
    double number = 0;
    std::string text; ///< of an object: JSON
    std::string variant;
    std::string message;
};

} // namespace detail

/// Feature flags by OpenFeature's rules, from a file as flagd has it, evaluated in this process.
///
///     Flags flags{"flags.json"};
///     if (flags.value("new-checkout", false, FlagContext{user.id})) …
///
/// Evaluating never fails: what can't be had is the default that the caller gives, and `details`
/// says why. A file that can't be used stops the constructor with std::invalid_argument; one that
/// is broken later is logged, and the flags stay as they were. Thread-safe; copies share all.
class Flags {
  public:
    explicit Flags(const std::string& file, FlagOptions options = {});
    /// From JSON in memory.
    [[nodiscard]] static Flags from_json(std::string_view json, FlagOptions options = {});

    /// `T` is bool, a number, std::string (a literal will do), or a described struct.
    template <class T>
    [[nodiscard]] auto value(std::string_view key, T fallback,
                             const FlagContext& context = {}) const {
        return details(key, std::move(fallback), context).value;
    }
    template <class T>
    [[nodiscard]] auto details(std::string_view key, T fallback,
                               const FlagContext& context = {}) const {
        if constexpr (std::is_convertible_v<const T&, std::string_view>)
            return with_default(resolve(key, detail::FlagKind::text, context),
                                std::string{std::string_view{fallback}});
        else
            return with_default(resolve(key, kind_of<T>(), context), std::move(fallback));
    }

    /// Has the flag give one variant to everybody, whatever its rules say; for tests and
    /// emergencies. Kept over reloads. Throws std::invalid_argument when there is none such.
    void set_override(std::string_view key, std::string_view variant) const;
    void clear_override(std::string_view key) const;

    /// Reads the file anew now. Throws std::invalid_argument, and keeps the flags as they were.
    void reload() const;

    struct Impl; ///< for the implementation
    [[nodiscard]] Impl& impl() const noexcept { return *impl_; }

  private:
    explicit Flags(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

    template <class T>
    static constexpr detail::FlagKind kind_of() {
        if constexpr (std::same_as<T, bool>) {
            return detail::FlagKind::boolean;
        } else if constexpr (std::is_arithmetic_v<T>) {
            return detail::FlagKind::number;
        } else {
            static_assert(value_kind<T> == ValueKind::object,
                          "armature: a flag is bool, a number, text or a described struct");
            return detail::FlagKind::object;
        }
    }
    template <class T>
    static FlagDetails<T> with_default(detail::FlagResolution resolution, T fallback) {
        FlagDetails<T> details{std::move(fallback), std::move(resolution.variant),
                               resolution.reason, resolution.error, std::move(resolution.message)};
        if (!resolution.has_value) return details;
        bool fits = true;
        if constexpr (std::same_as<T, bool>) {
            details.value = resolution.boolean;
        } else if constexpr (std::integral<T>) {
            fits = detail_fits<T>(resolution.number);
            if (fits) details.value = static_cast<T>(resolution.number);
        } else if constexpr (std::floating_point<T>) {
            details.value = static_cast<T>(resolution.number);
        } else if constexpr (std::same_as<T, std::string>) {
            details.value = std::move(resolution.text);
        } else {
            T read{};
            JsonErrors errors;
            fits = read_json(resolution.text, read, errors) == JsonStatus::ok;
            if (fits) details.value = std::move(read);
        }
        if (!fits) {
            details.variant.clear();
            details.reason = FlagReason::error;
            details.error = FlagError::type_mismatch;
            details.message = "the flag's value doesn't fit the type that was asked for";
        }
        return details;
    }
    template <class T>
    static bool detail_fits(double number) noexcept {
        // Doubles hold integers exactly up to 2^53.
        constexpr double most = 9007199254740992.0;
        if (!(number >= -most && number <= most)) return false;
        const auto whole = static_cast<std::int64_t>(number);
        return static_cast<double>(whole) == number && std::in_range<T>(whole);
    }

    [[nodiscard]] detail::FlagResolution resolve(std::string_view key, detail::FlagKind kind,
                                                 const FlagContext& context) const;

    std::shared_ptr<Impl> impl_;
};

/// Middleware that gives handlers a `RequestFlags`: the flags, and the context of the request.
///
///     app.wrap(FlagEvaluation{flags, [](Request& request, FlagContext& context) { … }})
class FlagEvaluation {
  public:
    static constexpr std::string_view name = "flags";
    using Fill = void (*)(Request& request, FlagContext& context);

    /// `fill` says what is known of who asks; it runs when a handler first needs it.
    explicit FlagEvaluation(Flags flags, Fill fill = nullptr) noexcept
        : flags_(std::move(flags)), fill_(fill) {}

    void before(Request& request) const { request.set(Attached{this}); }

  private:
    friend struct Extract<class RequestFlags>;
    struct Attached {
        const FlagEvaluation* evaluation;
    };
    Flags flags_;
    Fill fill_;
};

/// Flags for the request under way, as a handler's parameter:
///
///     get([](RequestFlags flags) { return flags.value("new-checkout", false) ? … : …; })
class RequestFlags {
  public:
    RequestFlags(const Flags& flags, FlagContext context) noexcept
        : flags_(&flags), context_(std::move(context)) {}
    template <class T>
    [[nodiscard]] auto value(std::string_view key, T fallback) const {
        return flags_->value(key, std::move(fallback), context_);
    }
    template <class T>
    [[nodiscard]] auto details(std::string_view key, T fallback) const {
        return flags_->details(key, std::move(fallback), context_);
    }
    [[nodiscard]] FlagContext& context() noexcept { return context_; }

  private:
    const Flags* flags_;
    FlagContext context_;
};

template <>
struct Extract<RequestFlags> {
    static RequestFlags from(const ExtractInput& input);
};

} // namespace armature
