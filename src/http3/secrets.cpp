#include "http3/secrets.hpp"

#include <gnutls/crypto.h>

#include <stdexcept>

namespace armature::http3 {

namespace {

// HKDF-Expand (RFC 5869 §2.3) with a label for each purpose.
template <class Key>
void expand(const Secrets::Key& from, std::string_view label, Key& to) {
    const gnutls_datum_t key{const_cast<unsigned char*>(from.data()),
                             static_cast<unsigned>(from.size())};
    const gnutls_datum_t info{reinterpret_cast<unsigned char*>(const_cast<char*>(label.data())),
                              static_cast<unsigned>(label.size())};
    if (gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &key, &info, to.data(), to.size()) < 0)
        throw std::runtime_error{"a key can't be derived"};
}

} // namespace

Secrets Secrets::derive(std::string_view secret) {
    constexpr std::size_t least = 32;
    if (!secret.empty() && secret.size() < least)
        throw std::invalid_argument{"the secret of HTTP/3 needs at least 32 bytes"};
    Key random;
    if (secret.empty()) {
        if (gnutls_rnd(GNUTLS_RND_KEY, random.data(), random.size()) != 0)
            throw std::runtime_error{"no random bytes"};
        secret = {reinterpret_cast<const char*>(random.data()), random.size()};
    }
    Key extracted;
    const gnutls_datum_t key{reinterpret_cast<unsigned char*>(const_cast<char*>(secret.data())),
                             static_cast<unsigned>(secret.size())};
    if (gnutls_hkdf_extract(GNUTLS_MAC_SHA256, &key, nullptr, extracted.data()) < 0)
        throw std::runtime_error{"a key can't be derived"};
    Secrets secrets;
    expand(extracted, "armature http3 token", secrets.token);
    expand(extracted, "armature http3 reset", secrets.reset);
    expand(extracted, "armature http3 ticket", secrets.ticket_key);
    gnutls_memset(random.data(), 0, random.size());
    gnutls_memset(extracted.data(), 0, extracted.size());
    return secrets;
}

} // namespace armature::http3
