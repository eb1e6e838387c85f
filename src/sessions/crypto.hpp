#pragma once

#include <armature/sessions/secret_keys.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// OpenSSL's primitives, as this area uses them. All throw std::runtime_error where OpenSSL fails.
namespace armature::sessions {

constexpr std::size_t key_size = 32;
constexpr std::size_t digest_size = 32;

/// HKDF-SHA256 of a key, for one purpose. 32 bytes.
[[nodiscard]] SecretString derive(const SecretString& key, std::string_view purpose);
[[nodiscard]] std::string random_bytes(std::size_t count);
/// HMAC-SHA256.
[[nodiscard]] std::string hmac(std::string_view key, std::string_view text);
[[nodiscard]] std::string sha256(std::string_view text);

/// base64url without padding (RFC 4648 §5).
[[nodiscard]] std::string to_base64url(std::string_view bytes);
/// Nullopt unless it is exactly what `to_base64url` writes.
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);
[[nodiscard]] std::string to_hex(std::string_view bytes);

/// Seconds since 1970-01-01 UTC, as they pass for this thread's loop, if it has one.
[[nodiscard]] std::int64_t unix_now();

/// Encrypts and authenticates texts by AES-256-GCM.
class Sealer {
  public:
    /// `purpose` goes into the keys, so that a text sealed for another can't be opened.
    Sealer(const SecretKeys& keys, std::string_view purpose);
    [[nodiscard]] std::string seal(std::string_view text) const;
    /// Nullopt for whatever none of the keys sealed.
    [[nodiscard]] std::optional<std::string> open(std::string_view sealed) const;

  private:
    struct Key {
        SecretString secret;
        std::string id; ///< says which key it was, and nothing about it
    };
    std::vector<Key> keys_;
};

} // namespace armature::sessions
