#include "crypto/crypto.hpp"

#include <armature/core/base64.hpp>
#include <armature/core/constant_time.hpp>
#include <armature/webhooks/key.hpp>

#include <stdexcept>

namespace armature {

namespace {

using crypto::ed25519_key_size;

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
        if (!half.empty() && half != crypto::ed25519_public_key(bytes))
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
        return "whpk_" + to_base64(crypto::ed25519_public_key(bytes_.expose()));
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
        return "v1a," + to_base64(crypto::ed25519_sign(bytes_.expose(), content));
    default:
        throw std::logic_error("armature: a 'whpk_' key verifies, but can't sign");
    }
}

bool WebhookKey::verify(std::string_view signatures, std::string_view id, std::int64_t timestamp,
                        std::string_view body) const {
    constexpr int most = 16; // each Ed25519 signature costs 100 µs or so
    const std::string content = content_of(id, timestamp, body);
    const std::string expected = kind_ == Kind::hmac ? hmac(bytes_.expose(), content) : "";
    const std::string key = kind_ == Kind::ed25519 ? crypto::ed25519_public_key(bytes_.expose())
                                                   : std::string{bytes_.expose()};
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
            fits |= crypto::ed25519_verify(key, signature, content);
    }
    return fits;
}

} // namespace armature
