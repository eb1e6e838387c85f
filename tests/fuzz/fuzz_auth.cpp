#include "auth/base32.hpp"
#include "auth/key.hpp"
#include "crypto/crypto.hpp"

#include <armature/app/extract.hpp>
#include <armature/auth/basic.hpp>
#include <armature/auth/jwt.hpp>
#include <armature/auth/oidc.hpp>
#include <armature/core/base64.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

// Tokens, keys and what else strangers send to be authenticated. The first byte says what the rest
// is.
namespace {

using namespace armature;

constexpr std::string_view secret =
    "sixty-four bytes of a secret, which is enough for all the HMACs.";

void verify(std::string_view text) {
    static const JwtVerifier verifier = [] {
        JwtRules rules;
        rules.issuer = "i";
        rules.audience = "a";
        return JwtVerifier{Jwk::secret(secret, JwsAlgorithm::hs256), rules};
    }();
    try {
        // Whoever gets this far knew the secret.
        static_cast<void>(verifier.verify(text, 0));
        std::abort();
    } catch (const JwtError&) {
    }
}

// Header and claims as they come, signed as they should be.
void verify_signed(std::string_view text) {
    static const Jwk key = Jwk::secret(secret, JwsAlgorithm::hs256);
    static const JwtVerifier verifier = [] {
        JwtRules rules;
        rules.issuer = "i";
        rules.audience = "a";
        return JwtVerifier{key, rules};
    }();
    const std::size_t split = text.find('\n');
    std::string token = to_base64url(text.substr(0, split)) + "." +
                        to_base64url(split == text.npos ? "" : text.substr(split + 1));
    token += "." + to_base64url(auth::sign(key.data(), JwsAlgorithm::hs256, token));
    try {
        const JwtClaims claims = verifier.verify(token, 0);
        if (claims.issuer != "i" || !claims.expires_at) std::abort();
    } catch (const JwtError&) {
    }
}

void read_keys(std::string_view text) {
    try {
        const Jwk key = Jwk::from_json(text);
        if (key.id().size() > text.size()) std::abort();
    } catch (const std::invalid_argument&) {
    }
    try {
        for (const Jwk& key : JwkSet::from_json(text).keys())
            if (Jwk::from_json(key.public_json()).can_sign()) std::abort();
    } catch (const std::invalid_argument&) {
    }
}

void decode(std::string_view text) {
    if (const auto bytes = from_base64url(text); bytes && to_base64url(*bytes) != text)
        std::abort();
    if (const auto bytes = auth::from_base32(text);
        bytes && auth::from_base32(auth::to_base32(*bytes)) != bytes)
        std::abort();
    if (const auto bytes = from_base64(text); bytes && from_base64(to_base64(*bytes)) != bytes)
        std::abort();
    std::string plain;
    if (crypto::open(secret.substr(0, 32), "", text, plain)) std::abort();
    if (is_local_path(text) &&
        (text[0] != '/' || text.substr(1, 1) == "/" || text.substr(1, 1) == "\\"))
        std::abort();
}

void read_basic(std::string_view text) {
    static const detail::BasicChallenge challenge{"x"};
    Request request{Method::get, "/"};
    try {
        request.set_header("authorization", "Basic " + to_base64(text));
        const BasicCredentials read = challenge.read(request);
        if (read.user + ":" + read.password.expose() != text) std::abort();
    } catch (const Error&) {
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
    switch (data[0] % 5) {
    case 0:
        verify(rest);
        break;
    case 1:
        verify_signed(rest);
        break;
    case 2:
        read_keys(rest);
        break;
    case 3:
        decode(rest);
        break;
    default:
        read_basic(rest);
    }
    return 0;
}
