#include "crypto/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

namespace armature::crypto {

namespace {
constexpr std::size_t key_size = 32;
} // namespace

CryptoError::CryptoError(const char* what)
    : std::runtime_error(std::string{"armature: OpenSSL failed: "} + what) {}

void crypto_failed(const char* what) {
    ::ERR_clear_error();
    throw CryptoError{what};
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (::RAND_priv_bytes(bytes_of(bytes), static_cast<int>(count)) != 1)
        crypto_failed("RAND_priv_bytes");
    return bytes;
}

std::string digest(const EVP_MD* hash, std::string_view bytes) {
    std::string result(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    if (::EVP_Digest(bytes.data(), bytes.size(), bytes_of(result), &size, hash, nullptr) != 1)
        crypto_failed("EVP_Digest");
    result.resize(size);
    return result;
}

std::string sha256(std::string_view bytes) { return digest(::EVP_sha256(), bytes); }

std::string hmac(const EVP_MD* hash, std::string_view key, std::string_view bytes) {
    std::string result(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    if (::HMAC(hash, key.data(), static_cast<int>(key.size()), bytes_of(bytes), bytes.size(),
               bytes_of(result), &size) == nullptr)
        crypto_failed("HMAC");
    result.resize(size);
    return result;
}

std::string derive_key(std::string_view key, std::string_view purpose) {
    const Handle<EVP_KDF, ::EVP_KDF_free> kdf{::EVP_KDF_fetch(nullptr, "HKDF", nullptr)};
    const Handle<EVP_KDF_CTX, ::EVP_KDF_CTX_free> context{kdf ? ::EVP_KDF_CTX_new(kdf.get())
                                                              : nullptr};
    char hash[] = "SHA256";
    std::string secret{key};
    std::string info{purpose};
    const OSSL_PARAM parameters[] = {
        ::OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
        ::OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret.data(), secret.size()),
        ::OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
        ::OSSL_PARAM_construct_end()};
    std::string derived(key_size, '\0');
    if (!context ||
        ::EVP_KDF_derive(context.get(), bytes_of(derived), derived.size(), parameters) != 1)
        crypto_failed("HKDF");
    return derived;
}

std::string to_hex(std::string_view bytes) {
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        hex += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
        hex += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15];
    }
    return hex;
}

namespace {

constexpr std::size_t ed25519_signature_size = 64;
using EvpKey = Handle<EVP_PKEY, ::EVP_PKEY_free>;
using EvpContext = Handle<EVP_MD_CTX, ::EVP_MD_CTX_free>;

EvpKey ed25519_private_key(std::string_view seed) {
    EvpKey key{
        ::EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), seed.size())};
    if (!key) crypto_failed("an Ed25519 key");
    return key;
}

} // namespace

std::string ed25519_public_key(std::string_view seed) {
    std::string bytes(ed25519_key_size, '\0');
    std::size_t size = bytes.size();
    if (::EVP_PKEY_get_raw_public_key(ed25519_private_key(seed).get(), bytes_of(bytes), &size) != 1)
        crypto_failed("an Ed25519 key");
    return bytes;
}

std::string ed25519_sign(std::string_view seed, std::string_view message) {
    const EvpKey key = ed25519_private_key(seed);
    const EvpContext context{::EVP_MD_CTX_new()};
    std::string signature(ed25519_signature_size, '\0');
    std::size_t size = signature.size();
    if (!context ||
        ::EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        ::EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(message),
                         message.size()) != 1)
        crypto_failed("an Ed25519 signature");
    return signature;
}

bool ed25519_verify(std::string_view public_key, std::string_view signature,
                    std::string_view message) {
    if (signature.size() != ed25519_signature_size) return false;
    const EvpKey key{::EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key),
                                                   public_key.size())};
    const EvpContext context{::EVP_MD_CTX_new()};
    const bool fits =
        key && context &&
        ::EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
        ::EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                           message.size()) == 1;
    if (!fits) ::ERR_clear_error();
    return fits;
}

namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

using CipherContext = Handle<EVP_CIPHER_CTX, ::EVP_CIPHER_CTX_free>;

void check_key(std::string_view key) {
    if (key.size() != key_size)
        throw std::invalid_argument("armature: a key for AES-256 has 32 bytes");
}

} // namespace

std::string seal(std::string_view key, std::string_view context, std::string_view plain) {
    check_key(key);
    std::string sealed = random_bytes(nonce_size);
    sealed.resize(nonce_size + plain.size() + tag_size);
    unsigned char* const out = bytes_of(sealed);
    const CipherContext cipher{::EVP_CIPHER_CTX_new()};
    int size = 0;
    if (!cipher ||
        ::EVP_EncryptInit_ex(cipher.get(), ::EVP_aes_256_gcm(), nullptr, bytes_of(key), out) != 1 ||
        ::EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(context),
                            static_cast<int>(context.size())) != 1 ||
        ::EVP_EncryptUpdate(cipher.get(), out + nonce_size, &size, bytes_of(plain),
                            static_cast<int>(plain.size())) != 1 ||
        ::EVP_EncryptFinal_ex(cipher.get(), out + nonce_size + size, &size) != 1 ||
        ::EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size,
                              out + nonce_size + plain.size()) != 1)
        crypto_failed("AES-256-GCM");
    return sealed;
}

bool open(std::string_view key, std::string_view context, std::string_view sealed,
          std::string& plain) {
    check_key(key);
    if (sealed.size() < nonce_size + tag_size) return false;
    const std::string_view nonce = sealed.substr(0, nonce_size);
    const std::string_view text = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
    std::string tag{sealed.substr(sealed.size() - tag_size)};
    std::string opened(text.size() + 1, '\0'); // never empty: OpenSSL wants an address
    const CipherContext cipher{::EVP_CIPHER_CTX_new()};
    int size = 0;
    if (!cipher ||
        ::EVP_DecryptInit_ex(cipher.get(), ::EVP_aes_256_gcm(), nullptr, bytes_of(key),
                             bytes_of(nonce)) != 1 ||
        ::EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(context),
                            static_cast<int>(context.size())) != 1 ||
        ::EVP_DecryptUpdate(cipher.get(), bytes_of(opened), &size, bytes_of(text),
                            static_cast<int>(text.size())) != 1 ||
        ::EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) != 1)
        crypto_failed("AES-256-GCM");
    int rest = 0;
    if (::EVP_DecryptFinal_ex(cipher.get(), bytes_of(opened) + size, &rest) != 1) {
        ::ERR_clear_error();
        return false;
    }
    opened.resize(text.size());
    plain = std::move(opened);
    return true;
}

} // namespace armature::crypto
