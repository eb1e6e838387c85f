#pragma once

#include <armature/sessions/secret_keys.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature::sessions {

constexpr std::size_t key_size = 32;
constexpr std::size_t digest_size = 32;

/// A key for one purpose.
[[nodiscard]] SecretString derive(const SecretString& key, std::string_view purpose);
/// HMAC-SHA256.
[[nodiscard]] std::string hmac(std::string_view key, std::string_view text);

/// Encrypts and authenticates texts by AES-256-GCM, under keys that may be replaced.
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
        std::string head; ///< before each text: a version, and which key it was, not what it is
    };
    std::vector<Key> keys_;
};

} // namespace armature::sessions
