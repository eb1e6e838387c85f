#include "crypto/crypto.hpp"

#include <armature/core/base64.hpp>
#include <armature/core/constant_time.hpp>
#include <armature/webhooks/key.hpp>

#include <stdexcept>

namespace armature {

namespace {

constexpr std::size_t ed25519_key_size = 32;
constexpr std::size_t ed25519_signature_size = 64;

using crypto::bytes_of;
using crypto::crypto_failed;
using EvpKey = crypto::Handle<EVP_PKEY, ::EVP_PKEY_free>;
using EvpContext = crypto::Handle<EVP_MD_CTX, ::EVP_MD_CTX_free>;

EvpKey private_key(std::string_view seed) {
    EvpKey key{
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), seed.size())};
    if (!key) crypto_failed("an Ed25519 key");
    return key;
}

std::string public_bytes(std::string_view seed) {
    std::string bytes(ed25519_key_size, '\0');
    std::size_t size = bytes.size();
    if (EVP_PKEY_get_raw_public_key(private_key(seed).get(), bytes_of(bytes), &size) != 1)
        crypto_failed("an Ed25519 key");
    return bytes;
}

// What is signed.
std::string content_of(std::string_view id, std::int64_t timestamp, std::string_view body) {
    const std::string time = std::to_string(timestamp);
    std::string content;
    content.reserve(id.size() + time.size() + body.size() + 2);
    return content.append(id).append(1, '.').append(time).append(1, '.').append(body);
}

std::string hmac(std::string_view key, std::string_view content) {
    return crypto::hmac(EVP_sha256(), key, content);
}

std::string ed25519(std::string_view seed, std::string_view content) {
    const EvpKey key = private_key(seed);
    const EvpContext context{EVP_MD_CTX_new()};
    std::string signature(ed25519_signature_size, '\0');
    std::size_t size = signature.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(content),
                       content.size()) != 1)
        crypto_failed("an Ed25519 signature");
    return signature;
}

bool ed25519_fits(std::string_view key_bytes, std::string_view signature,
                  std::string_view content) {
    if (signature.size() != ed25519_signature_size) return false;
    const EvpKey key{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(key_bytes),
                                                 key_bytes.size())};
    const EvpContext context{EVP_MD_CTX_new()};
    return key && context &&
           EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(content),
                            content.size()) == 1;
}

} // namespace

WebhookKey::WebhookKey(std::string_view text) {
    const std::size_t prefix = text.find('_') + 1;
    const std::string_view name = text.substr(0, prefix);
    std::string bytes = from_base64(text.substr(prefix)).value_or("");
    const auto refuse = [](const char* why) { throw std::invalid_argument(why); };
    if (name == "whsec_") {
        kind_ = Kind::hmac;
        if (bytes.size() < 24 || bytes.size() > 64)
            refuse("armature: a webhook key is 'whsec_' and the base64 of 24 to 64 bytes");
    } else if (name == "whsk_") {
        kind_ = Kind::ed25519;
        if (bytes.size() != ed25519_key_size && bytes.size() != 2 * ed25519_key_size)
            refuse("armature: a webhook's private key is 'whsk_' and the base64 of 32 bytes");
        // The longer form ends in the public key: of another pair it would sign what nobody can
        // verify.
        const std::string half = bytes.substr(ed25519_key_size);
        bytes.resize(ed25519_key_size);
        if (!half.empty() && half != public_bytes(bytes))
            refuse("armature: the two halves of a webhook's private key don't belong together");
    } else if (name == "whpk_") {
        kind_ = Kind::ed25519_public;
        if (bytes.size() != ed25519_key_size)
            refuse("armature: a webhook's public key is 'whpk_' and the base64 of 32 bytes");
    } else {
        refuse("armature: a webhook key begins with 'whsec_', 'whsk_' or 'whpk_'");
    }
    bytes_ = SecretString{std::move(bytes)};
}

SecretString WebhookKey::generate() {
    return SecretString{"whsec_" + to_base64(crypto::random_bytes(32))};
}

std::string WebhookKey::public_text() const {
    switch (kind_) {
    case Kind::ed25519:
        return "whpk_" + to_base64(public_bytes(bytes_.expose()));
    case Kind::ed25519_public:
        return "whpk_" + to_base64(bytes_.expose());
    default:
        throw std::logic_error("armature: a 'whsec_' key has no public part");
    }
}

std::string WebhookKey::sign(std::string_view id, std::int64_t timestamp,
                             std::string_view body) const {
    const std::string content = content_of(id, timestamp, body);
    switch (kind_) {
    case Kind::hmac:
        return "v1," + to_base64(hmac(bytes_.expose(), content));
    case Kind::ed25519:
        return "v1a," + to_base64(ed25519(bytes_.expose(), content));
    default:
        throw std::logic_error("armature: a 'whpk_' key verifies, but can't sign");
    }
}

bool WebhookKey::verify(std::string_view signatures, std::string_view id, std::int64_t timestamp,
                        std::string_view body) const {
    constexpr int most = 16; // each Ed25519 signature costs 100 µs or so
    const std::string content = content_of(id, timestamp, body);
    const std::string expected = kind_ == Kind::hmac ? hmac(bytes_.expose(), content) : "";
    const std::string key =
        kind_ == Kind::ed25519 ? public_bytes(bytes_.expose()) : std::string{bytes_.expose()};
    const std::string_view version = kind_ == Kind::hmac ? "v1" : "v1a";
    bool fits = false;
    for (int count = 0; count < most && !signatures.empty(); ++count) {
        const std::size_t blank = signatures.find(' ');
        const std::string_view one = signatures.substr(0, blank);
        signatures.remove_prefix(blank == signatures.npos ? signatures.size() : blank + 1);
        const std::size_t comma = one.find(',');
        if (one.substr(0, comma) != version || comma == one.npos) continue;
        const std::string signature = from_base64(one.substr(comma + 1)).value_or("");
        if (kind_ == Kind::hmac)
            fits |= constant_time_equal(signature, expected);
        else
            fits |= ed25519_fits(key, signature, content);
    }
    return fits;
}

} // namespace armature
