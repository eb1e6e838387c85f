#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

// The rules of flags: JsonLogic as flagd has it, with fractional, sem_ver, starts_with, ends_with.
namespace armature::detail {

/// A rule that can't be evaluated with this context.
struct RuleError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Throws std::invalid_argument for an operator that isn't known, or used wrongly.
void check_rule(const nlohmann::json& rule);

struct RuleResult {
    nlohmann::json value;
    bool is_split = false; ///< `fractional` gave it
};
/// Throws RuleError.
[[nodiscard]] RuleResult evaluate_rule(const nlohmann::json& rule, const nlohmann::json& context,
                                       std::string_view flag_key);

/// As JavaScript writes it.
[[nodiscard]] std::string text_of(const nlohmann::json& value);

/// MurmurHash3, x86, 32 bits, seed 0.
[[nodiscard]] std::uint32_t murmur3(std::string_view text) noexcept;

} // namespace armature::detail
