#include "auth/key.hpp"

#include <armature/config/secret.hpp>
#include <armature/core/constant_time.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>
#include <stdexcept>

namespace armature {
namespace {

constexpr std::array<std::string_view, 13> algorithm_names{
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256",
    "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"};

constexpr std::uint16_t bit(JwsAlgorithm algorithm) noexcept {
    return static_cast<std::uint16_t>(1u << static_cast<unsigned>(algorithm));
}

// What the kind of a key makes possible at all.
std::uint16_t suitable(Jwk::Data::Kind kind) noexcept {
    using enum JwsAlgorithm;
    switch (kind) {
    case Jwk::Data::Kind::secret:
        return bit(hs256) | bit(hs384) | bit(hs512);
    case Jwk::Data::Kind::rsa:
        return bit(rs256) | bit(rs384) | bit(rs512) | bit(ps256) | bit(ps384) | bit(ps512);
    case Jwk::Data::Kind::p256:
        return bit(es256);
    case Jwk::Data::Kind::p384:
        return bit(es384);
    case Jwk::Data::Kind::p521:
        return bit(es512);
    case Jwk::Data::Kind::ed25519:
        return bit(eddsa);
    }
    return 0;
}

const EVP_MD* hash_of(JwsAlgorithm algorithm) noexcept {
    using enum JwsAlgorithm;
    switch (algorithm) {
    case hs256:
    case rs256:
    case ps256:
    case es256:
        return ::EVP_sha256();
    case hs384:
    case rs384:
    case ps384:
    case es384:
        return ::EVP_sha384();
    case hs512:
    case rs512:
    case ps512:
    case es512:
        return ::EVP_sha512();
    case eddsa:
        break;
    }
    return nullptr; // EdDSA hashes by itself
}

bool is_pss(JwsAlgorithm algorithm) noexcept {
    using enum JwsAlgorithm;
    return algorithm == ps256 || algorithm == ps384 || algorithm == ps512;
}

// The width of r and of s; 0 for keys of other kinds.
std::size_t half_size(Jwk::Data::Kind kind) noexcept {
    switch (kind) {
    case Jwk::Data::Kind::p256:
        return 32;
    case Jwk::Data::Kind::p384:
        return 48;
    case Jwk::Data::Kind::p521:
        return 66;
    default:
        return 0;
    }
}

Jwk::Data::Kind kind_of(EVP_PKEY* key) {
    switch (::EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: {
        const int bits = ::EVP_PKEY_get_bits(key);
        if (bits < 2048 || bits > 8192)
            throw std::invalid_argument("armature: an RSA key for tokens has 2048 to 8192 bits");
        return Jwk::Data::Kind::rsa;
    }
    case EVP_PKEY_EC: {
        char name[64] = {};
        std::size_t size = 0;
        if (::EVP_PKEY_get_group_name(key, name, sizeof name, &size) == 1) {
            const std::string_view group{name, size};
            if (group == "prime256v1") return Jwk::Data::Kind::p256;
            if (group == "secp384r1") return Jwk::Data::Kind::p384;
            if (group == "secp521r1") return Jwk::Data::Kind::p521;
        }
        ::ERR_clear_error();
        throw std::invalid_argument("armature: an EC key for tokens is on P-256, P-384 or P-521");
    }
    case EVP_PKEY_ED25519:
        return Jwk::Data::Kind::ed25519;
    default:
        throw std::invalid_argument("armature: a key for tokens is RSA, EC or Ed25519");
    }
}

using DigestContext = crypto::Handle<EVP_MD_CTX, ::EVP_MD_CTX_free>;
using EcdsaSignature = crypto::Handle<ECDSA_SIG, ::ECDSA_SIG_free>;
using Number = crypto::Handle<BIGNUM, ::BN_free>;

bool set_padding(EVP_PKEY_CTX* context, JwsAlgorithm algorithm) noexcept {
    if (!is_pss(algorithm)) return true;
    // RFC 7518 §3.5: MGF1 with the same hash, a salt of its size.
    return ::EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           ::EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

std::string der_to_halves(std::string_view der, std::size_t half) {
    const unsigned char* from = crypto::bytes_of(der);
    const EcdsaSignature signature{::d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size()))};
    std::string halves(2 * half, '\0');
    if (!signature ||
        ::BN_bn2binpad(::ECDSA_SIG_get0_r(signature.get()), crypto::bytes_of(halves),
                       static_cast<int>(half)) < 0 ||
        ::BN_bn2binpad(::ECDSA_SIG_get0_s(signature.get()), crypto::bytes_of(halves) + half,
                       static_cast<int>(half)) < 0)
        crypto::crypto_failed("an ECDSA signature");
    return halves;
}

std::string halves_to_der(std::string_view halves) {
    const std::size_t half = halves.size() / 2;
    Number r{::BN_bin2bn(crypto::bytes_of(halves), static_cast<int>(half), nullptr)};
    Number s{::BN_bin2bn(crypto::bytes_of(halves) + half, static_cast<int>(half), nullptr)};
    const EcdsaSignature signature{::ECDSA_SIG_new()};
    if (!r || !s || !signature || ::ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1)
        crypto::crypto_failed("an ECDSA signature");
    static_cast<void>(r.release()); // the signature's now
    static_cast<void>(s.release());
    unsigned char* der = nullptr;
    const int size = ::i2d_ECDSA_SIG(signature.get(), &der);
    if (size < 0) crypto::crypto_failed("an ECDSA signature");
    std::string result{reinterpret_cast<char*>(der), static_cast<std::size_t>(size)};
    ::OPENSSL_free(der);
    return result;
}

} // namespace

std::string_view to_string(JwsAlgorithm algorithm) noexcept {
    return algorithm_names[static_cast<std::size_t>(algorithm)];
}

std::optional<JwsAlgorithm> find_jws_algorithm(std::string_view name) noexcept {
    for (std::size_t i = 0; i < algorithm_names.size(); ++i)
        if (algorithm_names[i] == name) return static_cast<JwsAlgorithm>(i);
    return std::nullopt;
}

Jwk::Data::~Data() { detail::wipe(secret.data(), secret.size()); }

Jwk Jwk::Data::make(Data data, std::optional<JwsAlgorithm> algorithm) {
    data.algorithms = suitable(data.kind);
    if (algorithm) {
        if ((data.algorithms & bit(*algorithm)) == 0)
            throw std::invalid_argument("armature: a key of this kind can't be used for " +
                                        std::string{to_string(*algorithm)});
        data.algorithms = bit(*algorithm);
    }
    if (data.kind == Kind::secret) {
        if (!algorithm)
            throw std::invalid_argument("armature: a shared secret needs its algorithm: \"alg\"");
        const auto least = static_cast<std::size_t>(::EVP_MD_get_size(hash_of(*algorithm)));
        if (data.secret.size() < least)
            throw std::invalid_argument("armature: a secret for " +
                                        std::string{to_string(*algorithm)} + " has at least " +
                                        std::to_string(least) + " random bytes");
    }
    return Jwk{std::make_shared<const Data>(std::move(data))};
}

Jwk Jwk::Data::make(KeyHandle key, bool is_private, std::optional<JwsAlgorithm> algorithm,
                    std::string_view id) {
    Data data;
    data.kind = kind_of(key.get());
    data.is_private = is_private;
    data.id = id;
    data.key = std::move(key);
    return make(std::move(data), algorithm);
}

Jwk::Jwk(std::shared_ptr<const Data> data) noexcept : data_(std::move(data)) {}

const std::string& Jwk::id() const noexcept { return data_->id; }

bool Jwk::allows(JwsAlgorithm algorithm) const noexcept {
    return (data_->algorithms & bit(algorithm)) != 0;
}

std::optional<JwsAlgorithm> Jwk::algorithm() const noexcept {
    for (std::size_t i = 0; i < algorithm_names.size(); ++i)
        if (data_->algorithms == 1u << i) return static_cast<JwsAlgorithm>(i);
    return std::nullopt;
}

bool Jwk::can_sign() const noexcept { return data_->is_private; }

Jwk Jwk::for_algorithm(JwsAlgorithm algorithm) const {
    if (!allows(algorithm))
        throw std::invalid_argument("armature: this key doesn't allow " +
                                    std::string{to_string(algorithm)});
    return Data::make(Data{*data_}, algorithm);
}

Jwk Jwk::secret(std::string_view bytes, JwsAlgorithm algorithm, std::string_view id) {
    Data data;
    data.is_private = true;
    data.id = id;
    data.secret = bytes;
    return Data::make(std::move(data), algorithm);
}

namespace auth {

std::string sign(const Jwk::Data& key, JwsAlgorithm algorithm, std::string_view input) {
    if (key.kind == Jwk::Data::Kind::secret)
        return crypto::hmac(hash_of(algorithm), key.secret, input);
    const DigestContext context{::EVP_MD_CTX_new()};
    EVP_PKEY_CTX* options = nullptr;
    std::size_t size = 0;
    if (!context ||
        ::EVP_DigestSignInit(context.get(), &options, hash_of(algorithm), nullptr, key.key.get()) !=
            1 ||
        !set_padding(options, algorithm) ||
        ::EVP_DigestSign(context.get(), nullptr, &size, crypto::bytes_of(input), input.size()) != 1)
        crypto::crypto_failed("EVP_DigestSign");
    std::string signature(size, '\0');
    if (::EVP_DigestSign(context.get(), crypto::bytes_of(signature), &size, crypto::bytes_of(input),
                         input.size()) != 1)
        crypto::crypto_failed("EVP_DigestSign");
    signature.resize(size);
    if (const std::size_t half = half_size(key.kind)) return der_to_halves(signature, half);
    return signature;
}

bool verify(const Jwk::Data& key, JwsAlgorithm algorithm, std::string_view input,
            std::string_view signature) {
    if (key.kind == Jwk::Data::Kind::secret)
        return constant_time_equal(crypto::hmac(hash_of(algorithm), key.secret, input), signature);
    std::string der;
    if (const std::size_t half = half_size(key.kind)) {
        if (signature.size() != 2 * half) return false;
        der = halves_to_der(signature);
        signature = der;
    }
    const DigestContext context{::EVP_MD_CTX_new()};
    EVP_PKEY_CTX* options = nullptr;
    if (!context ||
        ::EVP_DigestVerifyInit(context.get(), &options, hash_of(algorithm), nullptr,
                               key.key.get()) != 1 ||
        !set_padding(options, algorithm))
        crypto::crypto_failed("EVP_DigestVerify");
    const bool valid =
        ::EVP_DigestVerify(context.get(), crypto::bytes_of(signature), signature.size(),
                           crypto::bytes_of(input), input.size()) == 1;
    ::ERR_clear_error(); // what a wrong signature leaves there
    return valid;
}

} // namespace auth
} // namespace armature
