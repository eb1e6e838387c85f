#include "sessions/crypto.hpp"

#include <armature/core/scheduler.hpp>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <ctime>
#include <memory>
#include <stdexcept>

namespace armature {

SecretKeys::SecretKeys(SecretString newest) { older(std::move(newest)); }

SecretKeys& SecretKeys::older(SecretString key) & {
    const std::string& text = key.expose();
    if (text.size() < 32 || text.find_first_not_of(text.front()) == std::string::npos)
        throw std::invalid_argument("armature: a secret key has at least 32 bytes of randomness; "
                                    "make one by: openssl rand -base64 32");
    keys_.push_back(std::move(key));
    return *this;
}

namespace sessions {

namespace {

void require(bool done, const char* what) {
    if (!done) throw std::runtime_error(std::string{"armature: OpenSSL failed: "} + what);
}

const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) noexcept {
    return reinterpret_cast<unsigned char*>(text.data());
}
int size_of(std::string_view text) noexcept { return static_cast<int>(text.size()); }

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<signed char, 256> values = [] {
    std::array<signed char, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < digits.size(); ++i)
        table[static_cast<unsigned char>(digits[i])] = static_cast<signed char>(i);
    return table;
}();

// In a sealed text, in this order: a version, the key's id, the nonce, the text, the tag.
constexpr char version = 1;
constexpr std::size_t id_size = 4;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t head_size = 1 + id_size + nonce_size;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

CipherContext new_cipher() {
    CipherContext context{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
    require(context != nullptr, "EVP_CIPHER_CTX_new");
    return context;
}

} // namespace

SecretString derive(const SecretString& key, std::string_view purpose) {
    const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf{
        EVP_KDF_fetch(nullptr, "HKDF", nullptr), &EVP_KDF_free};
    require(kdf != nullptr, "HKDF");
    const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context{
        EVP_KDF_CTX_new(kdf.get()), &EVP_KDF_CTX_free};
    require(context != nullptr, "EVP_KDF_CTX_new");
    char sha256_name[] = "SHA256";
    std::string info = "armature " + std::string{purpose};
    const std::string& secret = key.expose();
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, sha256_name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<char*>(secret.data()),
                                          secret.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
        OSSL_PARAM_construct_end()};
    std::string derived(key_size, '\0');
    require(EVP_KDF_derive(context.get(), bytes_of(derived), derived.size(), parameters) == 1,
            "HKDF");
    return SecretString{std::move(derived)};
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    require(RAND_bytes(bytes_of(bytes), size_of(bytes)) == 1, "RAND_bytes");
    return bytes;
}

std::string hmac(std::string_view key, std::string_view text) {
    std::string digest(digest_size, '\0');
    require(HMAC(EVP_sha256(), key.data(), size_of(key), bytes_of(text), text.size(),
                 bytes_of(digest), nullptr) != nullptr,
            "HMAC");
    return digest;
}

std::string sha256(std::string_view text) {
    std::string digest(digest_size, '\0');
    require(
        EVP_Digest(text.data(), text.size(), bytes_of(digest), nullptr, EVP_sha256(), nullptr) == 1,
        "SHA-256");
    return digest;
}

std::string to_base64url(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t word = 0;
    unsigned bits = 0;
    for (const char byte : bytes) {
        word = word << 8 | static_cast<unsigned char>(byte);
        for (bits += 8; bits >= 6; bits -= 6)
            text += digits[word >> (bits - 6) & 63];
    }
    if (bits > 0) text += digits[word << (6 - bits) & 63];
    return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t word = 0;
    unsigned bits = 0;
    for (const char digit : text) {
        const signed char value = values[static_cast<unsigned char>(digit)];
        if (value < 0) return std::nullopt;
        word = word << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>(word >> bits & 0xff);
    }
    // One spelling for each text: no digit too many, and nothing in the bits that are left over.
    if (bits == 6 || (word & ((1u << bits) - 1)) != 0) return std::nullopt;
    return bytes;
}

std::string to_hex(std::string_view bytes) {
    std::string hex;
    for (const char byte : bytes) {
        hex += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
        hex += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15];
    }
    return hex;
}

std::int64_t unix_now() {
    std::int64_t ahead = 0; // a loop for tests has a clock of its own
    try {
        ahead = Scheduler::current().read_clock() - steady_now();
    } catch (const std::logic_error&) {
        // A thread without a loop, which signs a URL for example.
    }
    return static_cast<std::int64_t>(std::time(nullptr)) + ahead / 1000;
}

Sealer::Sealer(const SecretKeys& keys, std::string_view purpose) {
    for (const SecretString& key : keys.all()) {
        Key made;
        made.secret = derive(key, purpose);
        made.id = derive(key, "id of " + std::string{purpose}).expose().substr(0, id_size);
        keys_.push_back(std::move(made));
    }
}

std::string Sealer::seal(std::string_view text) const {
    const Key& key = keys_.front();
    std::string sealed(1, version);
    sealed += key.id;
    sealed += random_bytes(nonce_size);
    const std::string head = sealed;
    sealed.resize(head_size + text.size() + tag_size);
    const CipherContext context = new_cipher();
    int size = 0;
    require(
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.secret.expose()),
                           bytes_of(std::string_view{head}) + 1 + id_size) == 1 &&
            EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(std::string_view{head}),
                              1 + id_size) == 1 &&
            EVP_EncryptUpdate(context.get(), bytes_of(sealed) + head_size, &size, bytes_of(text),
                              size_of(text)) == 1 &&
            EVP_EncryptFinal_ex(context.get(), bytes_of(sealed) + head_size + size, &size) == 1 &&
            EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_size,
                                bytes_of(sealed) + head_size + text.size()) == 1,
        "AES-256-GCM");
    return to_base64url(sealed);
}

std::optional<std::string> Sealer::open(std::string_view text) const {
    std::optional<std::string> sealed = from_base64url(text);
    if (!sealed || sealed->size() < head_size + tag_size || sealed->front() != version)
        return std::nullopt;
    const std::string_view id = std::string_view{*sealed}.substr(1, id_size);
    const std::size_t content_size = sealed->size() - head_size - tag_size;
    for (const Key& key : keys_) {
        if (key.id != id) continue;
        const CipherContext context = new_cipher();
        unsigned char* const begin = bytes_of(*sealed);
        std::string content(content_size, '\0');
        int size = 0;
        const bool is_whole =
            EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                               bytes_of(key.secret.expose()), begin + 1 + id_size) == 1 &&
            EVP_DecryptUpdate(context.get(), nullptr, &size, begin, 1 + id_size) == 1 &&
            EVP_DecryptUpdate(context.get(), bytes_of(content), &size, begin + head_size,
                              static_cast<int>(content_size)) == 1 &&
            EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_size,
                                begin + head_size + content_size) == 1 &&
            EVP_DecryptFinal_ex(context.get(), bytes_of(content) + size, &size) == 1;
        if (is_whole) return content;
    }
    return std::nullopt;
}

} // namespace sessions

} // namespace armature
