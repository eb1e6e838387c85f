#pragma once

#include <armature/config/secret.hpp>
#include <armature/core/task.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace armature {

/// What hashing a password costs, attackers too. The defaults are those of OWASP's Password Storage
/// Cheat Sheet for Argon2id.
struct PasswordOptions {
    std::uint32_t memory_kib = 19'456; ///< for each password being hashed; 8 times `lanes` to 1 GiB
    std::uint32_t passes = 2;          ///< 1 to 100
    std::uint32_t lanes = 1;           ///< 1 to 64
    /// How many are hashed at the same time: `memory_kib` times this is what a flood of logins can
    /// take. The others wait.
    std::size_t at_once = 4;
    /// How many wait; more are answered with 503.
    std::size_t max_waiting = 256;
};

/// What came of looking at a password.
struct PasswordCheck {
    bool matches = false;
    /// It matches, but was hashed in another way or with less work than is set today: hash it again
    /// now that it is known, and store that.
    bool needs_rehash = false;
};

/// Hashes passwords with Argon2id (RFC 9106) and verifies them, on the blocking pool. Also verifies
/// what bcrypt hashed ("$2a$", "$2b$", "$2y$"), so that old users can log in.
///
/// Threads: any. Make one for the program; it must outlive its tasks.
class PasswordHasher {
  public:
    /// Passwords above this many bytes are refused.
    static constexpr std::size_t max_size = 1024;

    /// Hashes once, to have something to compare with; see `verify`. Throws std::invalid_argument.
    explicit PasswordHasher(const PasswordOptions& options = {});
    PasswordHasher(const PasswordHasher&) = delete;
    PasswordHasher& operator=(const PasswordHasher&) = delete;
    ~PasswordHasher();

    /// The text to store: "$argon2id$v=19$m=19456,t=2,p=1$…". Throws `Error` 422 for a password
    /// that is too long, 503 when too many wait.
    [[nodiscard]] Task<std::string> hash(SecretString password);

    /// Whether the password belongs to a stored hash. Pass nullopt for a user that doesn't exist:
    /// that takes the same work and never matches, so that the time tells nobody who exists. A hash
    /// of a kind that is unknown, or that would take more than 1 GiB or 100 passes, never matches.
    /// Throws `Error` 503 when too many wait.
    [[nodiscard]] Task<PasswordCheck> verify(SecretString password,
                                             std::optional<std::string> stored);

    /// How often a password was hashed so far, to verify or to store: for metrics and tests.
    [[nodiscard]] std::uint64_t hashed() const noexcept;
    /// The most that were being hashed at the same time so far.
    [[nodiscard]] std::size_t most_at_once() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace armature
