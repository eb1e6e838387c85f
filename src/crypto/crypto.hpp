#pragma once

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

// What areas ask of OpenSSL, so that its conventions stay in one place.
namespace armature::crypto {

template <auto release>
struct Releaser {
    template <class T>
    void operator()(T* object) const noexcept {
        release(object);
    }
};
/// Owns an OpenSSL object.
template <class T, auto release>
using Handle = std::unique_ptr<T, Releaser<release>>;

/// OpenSSL could not do what it always can: out of memory, no randomness, a broken installation.
class CryptoError : public std::runtime_error {
  public:
    explicit CryptoError(const char* what);
};
/// Throws `CryptoError` and clears OpenSSL's queue of errors.
[[noreturn]] void crypto_failed(const char* what);

inline const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* bytes_of(std::string& text) noexcept {
    return reinterpret_cast<unsigned char*>(text.data());
}

/// Bytes of the system's randomness, for keys and secrets.
[[nodiscard]] std::string random_bytes(std::size_t count);
[[nodiscard]] std::string digest(const EVP_MD* hash, std::string_view bytes);
[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] std::string hmac(const EVP_MD* hash, std::string_view key, std::string_view bytes);
/// A key of 32 bytes for one purpose, made from another one: HKDF with SHA-256 (RFC 5869), whose
/// info is `purpose`.
[[nodiscard]] std::string derive_key(std::string_view key, std::string_view purpose);
/// In lower case.
[[nodiscard]] std::string to_hex(std::string_view bytes);

/// Ed25519 (RFC 8032). A private key is its seed; keys have `ed25519_key_size` bytes.
constexpr std::size_t ed25519_key_size = 32;
[[nodiscard]] std::string ed25519_public_key(std::string_view seed);
[[nodiscard]] std::string ed25519_sign(std::string_view seed, std::string_view message);
/// False for what is no signature, or no key.
[[nodiscard]] bool ed25519_verify(std::string_view public_key, std::string_view signature,
                                  std::string_view message);

/// AES-256-GCM with a random nonce: nonce, ciphertext, tag. `key` has 32 bytes; `context` is bound
/// to the result, which opens with the same context only. One key seals at most 2^32 texts
/// (NIST SP 800-38D §8.3).
[[nodiscard]] std::string seal(std::string_view key, std::string_view context,
                               std::string_view plain);
/// False for what `seal` did not make with this key and context.
[[nodiscard]] bool open(std::string_view key, std::string_view context, std::string_view sealed,
                        std::string& plain);

} // namespace armature::crypto
