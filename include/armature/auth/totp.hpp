#pragma once

#include <armature/config/secret.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace armature {

enum class TotpHash : std::uint8_t { sha1, sha256, sha512 };

/// Authenticator apps know the defaults; many ignore anything else.
struct TotpOptions {
    unsigned digits = 6;  ///< 6 to 8
    unsigned period = 30; ///< seconds that a code holds
    TotpHash hash = TotpHash::sha1;
    /// By how many periods a client's clock may be early or late; at most 2.
    unsigned window = 1;
};

/// One-time codes of an authenticator app (RFC 6238). Threads: any; it never changes.
///
/// Count the failures of each user, and stop after a few: of six digits a million are guessed in
/// no time.
class Totp {
  public:
    /// Throws std::invalid_argument.
    explicit Totp(TotpOptions options = {});

    /// A new secret of 160 random bits, in base32. It belongs into an encrypted column.
    [[nodiscard]] static SecretString make_secret();

    /// What the app reads from a QR code: "otpauth://totp/…". It holds the secret.
    [[nodiscard]] SecretString uri(std::string_view issuer, std::string_view account,
                                   const SecretString& secret) const;

    /// The step that a code is of, or nullopt if it is wrong. `after` is the step that this user's
    /// last accepted code was of: it and those before are refused, so that nobody can use a code
    /// twice. Store the result before letting the user in, in one statement that fails if another
    /// request was faster ("update … where step < ?").
    ///
    /// `secret` in base32, in any case, spaces allowed; throws std::invalid_argument if it is not.
    [[nodiscard]] std::optional<std::int64_t> verify(const SecretString& secret,
                                                     std::string_view code,
                                                     std::optional<std::int64_t> after) const;
    [[nodiscard]] std::optional<std::int64_t> verify(const SecretString& secret,
                                                     std::string_view code,
                                                     std::optional<std::int64_t> after,
                                                     std::int64_t now) const;

    /// The code at a time, in seconds since 1970: what the app shows.
    [[nodiscard]] std::string code_at(const SecretString& secret, std::int64_t time) const;

  private:
    TotpOptions options_;
};

} // namespace armature
