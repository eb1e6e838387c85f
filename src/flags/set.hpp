#pragma once

#include <armature/flags/flags.hpp>

#include <nlohmann/json.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace armature {

struct FlagContext::Impl {
    nlohmann::json json = nlohmann::json::object();
};

namespace detail {

struct Flag {
    bool is_enabled = true;
    std::map<std::string, nlohmann::json, std::less<>> variants;
    std::string default_variant; ///< empty: none
    nlohmann::json targeting;    ///< null: none
    nlohmann::json metadata = nlohmann::json::object();
};

/// What a flag came to; `value` lives as long as the set.
struct FlagEvaluationResult {
    FlagReason reason = FlagReason::error;
    FlagError error = FlagError::none;
    std::string variant;
    std::string message;
    const nlohmann::json* value = nullptr; ///< null: the caller's default
};

/// The flags of one state of the file. Immutable.
class FlagSet {
  public:
    using All = std::map<std::string, Flag, std::less<>>;

    /// Throws std::invalid_argument that names the flag.
    explicit FlagSet(std::string_view json);
    [[nodiscard]] const Flag* find(std::string_view key) const noexcept;
    [[nodiscard]] const All& all() const noexcept { return flags_; }
    [[nodiscard]] FlagEvaluationResult evaluate(std::string_view key,
                                                const nlohmann::json& context) const;
    [[nodiscard]] static FlagEvaluationResult evaluate(std::string_view key, const Flag& flag,
                                                       const nlohmann::json& context);

  private:
    All flags_;
};

} // namespace detail

struct Flags::Impl {
    Impl(std::string from, FlagOptions given);
    Impl(std::string_view json, FlagOptions given, std::nullptr_t);
    ~Impl();

    [[nodiscard]] std::shared_ptr<const detail::FlagSet> current() const {
        return std::atomic_load_explicit(&set, std::memory_order_acquire);
    }
    /// The hooks' and the overrides' part included.
    [[nodiscard]] detail::FlagEvaluationResult
    evaluate(const detail::FlagSet& from, std::string_view key, const FlagContext& context) const;
    void reload();
    void watch();

    std::string file; ///< empty: from memory
    FlagOptions options;
    std::shared_ptr<const detail::FlagSet> set;
    mutable std::mutex mutex; ///< for overrides, and the watcher's end
    std::map<std::string, std::string, std::less<>> overrides;
    std::atomic<bool> has_overrides = false;
    std::condition_variable changed;
    bool is_ending = false;
    std::string seen; ///< the file as it was read last
    std::thread watcher;
};

} // namespace armature
