#include "sessions/sealer.hpp"

#include "crypto/crypto.hpp"

#include <armature/core/base64.hpp>

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

// What a sealed text begins with: a version, and some bytes that tell the keys apart.
constexpr char version = 1;
constexpr std::size_t id_size = 4;
constexpr std::size_t head_size = 1 + id_size;

} // namespace

SecretString derive(const SecretString& key, std::string_view purpose) {
    return SecretString{crypto::derive_key(key.expose(), "armature " + std::string{purpose})};
}

std::string hmac(std::string_view key, std::string_view text) {
    return crypto::hmac(EVP_sha256(), key, text);
}

Sealer::Sealer(const SecretKeys& keys, std::string_view purpose) {
    for (const SecretString& key : keys.all()) {
        Key made;
        made.secret = derive(key, purpose);
        made.head =
            version + derive(key, "id of " + std::string{purpose}).expose().substr(0, id_size);
        keys_.push_back(std::move(made));
    }
}

std::string Sealer::seal(std::string_view text) const {
    const Key& key = keys_.front();
    return to_base64url(key.head + crypto::seal(key.secret.expose(), key.head, text));
}

std::optional<std::string> Sealer::open(std::string_view text) const {
    const std::optional<std::string> sealed = from_base64url(text);
    if (!sealed || sealed->size() < head_size) return std::nullopt;
    const std::string_view head = std::string_view{*sealed}.substr(0, head_size);
    const std::string_view rest = std::string_view{*sealed}.substr(head_size);
    std::string opened;
    for (const Key& key : keys_)
        if (key.head == head && crypto::open(key.secret.expose(), head, rest, opened))
            return opened;
    return std::nullopt;
}

} // namespace sessions

} // namespace armature
