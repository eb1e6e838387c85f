#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace armature::http3 {

/// The keys that make a server recognise what it said before: all derived from one secret, so that
/// every worker, every process behind one address and every restart derive the same.
struct Secrets {
    using Key = std::array<std::uint8_t, 32>;

    Key token;                               ///< Retry and NEW_TOKEN (RFC 9000 §8.1)
    Key reset;                               ///< stateless reset tokens (RFC 9000 §10.3)
    std::array<std::uint8_t, 64> ticket_key; ///< TLS session tickets

    /// `secret` has at least 32 bytes that nobody can guess. Empty: random ones, which end with
    /// the process. Throws std::invalid_argument for a short one.
    [[nodiscard]] static Secrets derive(std::string_view secret);
};

} // namespace armature::http3
