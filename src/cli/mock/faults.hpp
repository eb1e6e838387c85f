#pragma once

#include "cli/mock/random.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace armature::cli::mock {

/// How long answers take: "200" or "200±50" milliseconds, also written "200+-50". Evenly
/// distributed.
struct Delay {
    std::uint32_t middle = 0;
    std::uint32_t spread = 0;
    /// Throws UsageError.
    [[nodiscard]] static Delay parse(std::string_view text);
    [[nodiscard]] std::uint32_t draw(Random& random) const noexcept;
};

/// How often an answer is a failure: "0.05:503", a share from 0 to 1 and a status, 500 without one.
struct ErrorRate {
    double share = 0;
    unsigned status = 500;
    /// Throws UsageError.
    [[nodiscard]] static ErrorRate parse(std::string_view text);
};

/// What happens to the request of that number: the same for the same seed, whatever else happens.
struct Fate {
    std::uint32_t delay = 0; ///< milliseconds
    unsigned status = 0;     ///< of the failure; 0: none
};
[[nodiscard]] Fate fate_of(std::uint64_t seed, std::uint64_t number, const Delay& delay,
                           const std::vector<ErrorRate>& rates) noexcept;

} // namespace armature::cli::mock
