#pragma once

#include <armature/audit/event.hpp>
#include <armature/config/secret.hpp>
#include <armature/core/error.hpp>
#include <armature/core/response.hpp>
#include <armature/core/task.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace armature {

struct AuditLogOptions {
    /// Signs anchors: the base64 of 32 random bytes, an Ed25519 seed (`openssl rand -base64 32`).
    /// Keep it where who may write to the database can't read it. Empty: no anchors, and then
    /// nobody notices that the latest entries are missing, or that all were written anew.
    SecretString signing_key{};
    /// An anchor is made when that many entries came since the last one, and at the log's end.
    /// 1 to 1,000,000.
    std::uint32_t anchor_every = 256;
    /// A file that each anchor is appended to as well, in JSON Lines. On another machine's storage
    /// it outlives who has the database. Empty: none.
    std::string anchor_file{};
    /// Fields whose values don't get into `before` and `after`, at any depth. A field is meant if
    /// its name contains one of these, case and `_-` aside, so "new_password" is "password".
    std::vector<std::string> secrets{"password", "passwd",        "passphrase", "secret",
                                     "token",    "apikey",        "privatekey", "credential",
                                     "cookie",   "authorization", "otp",        "pincode",
                                     "cvv",      "cvc",           "cardnumber"};
};

/// What checking a log found.
struct AuditVerification {
    bool is_intact = false;
    std::uint64_t entries = 0;   ///< that are right, from the first on
    std::uint64_t broken_at = 0; ///< the first entry that isn't; 0: none
    std::uint64_t anchored = 0;  ///< up to that entry nothing can be missing unnoticed
    std::string why;             ///< one sentence; empty if it is intact
};

/// What to check a log against.
struct AuditCheck {
    std::string public_key{}; ///< `AuditLog::public_key`; empty: anchors aren't checked
    std::string anchors{};    ///< JSON Lines kept elsewhere, beside those in the database
};

/// The log can't be read or written. Clients get 503.
class AuditLogError : public Error {
  public:
    explicit AuditLogError(std::string detail)
        : Error(Status::service_unavailable, std::move(detail)) {}
};

/// A log that only grows, in a SQLite file, and in which changes of the past are found: each entry
/// has the SHA-256 of what it says and of the entry before it. What is hashed is its JSON in
/// canonical form (RFC 8785), so that anybody can compute it anew.
///
///     const AuditLog audit{"audit.db"};
///     co_await audit.append(std::move(event));
///
/// Several processes may share the file. A handle: copies are the same log. Threads: any; those
/// that return a Task need an event loop. All throw `AuditLogError`.
class AuditLog {
  public:
    /// Makes the file if absent. Throws std::invalid_argument for options that can't be right.
    explicit AuditLog(const std::string& path, AuditLogOptions options = {});

    /// Adds an entry and gives its number. When the await is over it is on the disk; entries that
    /// come at the same time are written together. It is recorded whether or not the task is
    /// awaited, and so even if the request is cancelled. When it throws, it may be recorded or not.
    [[nodiscard]] Task<std::uint64_t> append(AuditEvent event) const;
    /// The same for a thread without an event loop; it blocks.
    std::uint64_t append_blocking(AuditEvent event) const;

    /// Checks all entries and anchors, beside writers, on the blocking pool.
    [[nodiscard]] Task<AuditVerification> verify() const;
    /// Signs where the log is now, and gives the anchor as a line of JSON, to be kept elsewhere.
    /// Empty for a log without entries. Throws std::logic_error without a key.
    [[nodiscard]] Task<std::string> anchor() const;
    /// Base64 of the 32 bytes that anchors are checked with; empty without a key.
    [[nodiscard]] std::string public_key() const;

    /// Entries after that number as JSON Lines, at most `limit`, the oldest first.
    [[nodiscard]] Task<std::string> lines(std::uint64_t after = 0, unsigned limit = 1000) const;
    /// All entries that are there now as JSON Lines (application/x-ndjson), in pieces.
    [[nodiscard]] Response download() const;

    class Impl; // inside of the library only

  private:
    std::shared_ptr<Impl> impl_;
};

/// Checks a log from another program, or without the secret key. Blocks.
[[nodiscard]] AuditVerification verify_audit_log(const std::string& path, const AuditCheck& check);

} // namespace armature
