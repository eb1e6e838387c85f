#pragma once

#include <armature/config/secret.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace armature {

/// A key that webhooks are signed or verified with, as Standard Webhooks 1.0.0 writes it:
///
/// | text | |
/// |---|---|
/// | `whsec_` + base64 of 24 to 64 bytes | HMAC-SHA256, known to both sides |
/// | `whsk_` + base64 of 32 or 64 bytes | Ed25519, the sender's |
/// | `whpk_` + base64 of 32 bytes | Ed25519, for receivers: it verifies only |
class WebhookKey {
  public:
    /// Throws std::invalid_argument, without the text in it.
    explicit WebhookKey(std::string_view text);

    /// The text of a new HMAC key: 32 random bytes.
    [[nodiscard]] static SecretString generate();

    [[nodiscard]] bool can_sign() const noexcept { return kind_ != Kind::ed25519_public; }
    /// The text of the key that receivers get for this Ed25519 key. Throws std::logic_error for an
    /// HMAC key, which is secret on both sides.
    [[nodiscard]] std::string public_text() const;

    /// A signature, `v1,…` or `v1a,…`, of a message. Throws std::logic_error if it can't sign.
    [[nodiscard]] std::string sign(std::string_view id, std::int64_t timestamp,
                                   std::string_view body) const;
    /// Whether one of the signatures, which are apart by blanks, is this key's. Versions that it
    /// doesn't know are left out. The time it takes tells nothing about the right signature.
    [[nodiscard]] bool verify(std::string_view signatures, std::string_view id,
                              std::int64_t timestamp, std::string_view body) const;

  private:
    enum class Kind : std::uint8_t { hmac, ed25519, ed25519_public };
    Kind kind_;
    SecretString bytes_; ///< of Ed25519 the seed, or the public key
};

} // namespace armature
