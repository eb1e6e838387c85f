#pragma once

#include <armature/config/secret.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// The keys that an application encrypts and signs with: the newest one for what it makes, all of
/// them for what comes back. To rotate, put the new one in front and drop the last when nothing
/// made with it is of use any more.
///
/// A key is at least 32 bytes of randomness as text, `openssl rand -base64 32` for example; each
/// purpose gets one of its own derived from it (HKDF-SHA256, RFC 5869).
class SecretKeys {
  public:
    /// Throws std::invalid_argument for a key below 32 bytes, or one that is the same byte all
    /// over.
    explicit SecretKeys(SecretString newest);
    /// Adds an older key.
    SecretKeys& older(SecretString key) &;
    SecretKeys&& older(SecretString key) && { return std::move(older(std::move(key))); }

    [[nodiscard]] const std::vector<SecretString>& all() const noexcept { return keys_; }

  private:
    std::vector<SecretString> keys_;
};

} // namespace armature
