#include "auth/json_object.hpp"
#include "auth/key.hpp"

#include <armature/auth/jwk.hpp>
#include <armature/core/base64.hpp>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace armature {
namespace {

using nlohmann::json;
using Number = crypto::Handle<BIGNUM, ::BN_free>;
using ParamBuilder = crypto::Handle<OSSL_PARAM_BLD, ::OSSL_PARAM_BLD_free>;
using Params = crypto::Handle<OSSL_PARAM, ::OSSL_PARAM_free>;
using KeyContext = crypto::Handle<EVP_PKEY_CTX, ::EVP_PKEY_CTX_free>;
using KeyHandle = Jwk::Data::KeyHandle;

[[noreturn]] void refuse(const std::string& why) {
    ::ERR_clear_error();
    throw std::invalid_argument("armature: this JSON Web Key " + why);
}

std::string bytes_member(const json& jwk, const char* name, std::size_t size = 0) {
    const std::string* text = auth::text_member(jwk, name);
    std::optional<std::string> bytes;
    if (text != nullptr) bytes = from_base64url(*text);
    if (!bytes || bytes->empty()) refuse(std::string{"needs \""} + name + "\" in base64url");
    if (size != 0 && bytes->size() != size)
        refuse(std::string{"has a \""} + name + "\" of the wrong size");
    return *std::move(bytes);
}

// Collects what OpenSSL makes a key from.
class KeyParts {
  public:
    void number(const char* name, std::string_view bytes) {
        // The largest is a modulus of 8192 bits.
        if (bytes.size() > 1024) refuse("has a number that is too large");
        numbers_.emplace_back(
            ::BN_bin2bn(crypto::bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
        if (!numbers_.back() ||
            ::OSSL_PARAM_BLD_push_BN(builder_.get(), name, numbers_.back().get()) != 1)
            crypto::crypto_failed("OSSL_PARAM_BLD_push_BN");
    }
    // `text` and `bytes` have to live until `make`.
    void text(const char* name, const char* value) {
        if (::OSSL_PARAM_BLD_push_utf8_string(builder_.get(), name, value, 0) != 1)
            crypto::crypto_failed("OSSL_PARAM_BLD_push_utf8_string");
    }
    void bytes(const char* name, std::string_view value) {
        if (::OSSL_PARAM_BLD_push_octet_string(builder_.get(), name, value.data(), value.size()) !=
            1)
            crypto::crypto_failed("OSSL_PARAM_BLD_push_octet_string");
    }
    KeyHandle make(const char* type, bool is_private) {
        const KeyContext context{::EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
        const Params params{::OSSL_PARAM_BLD_to_param(builder_.get())};
        EVP_PKEY* made = nullptr;
        if (!context || !params || ::EVP_PKEY_fromdata_init(context.get()) != 1)
            crypto::crypto_failed("EVP_PKEY_fromdata");
        if (::EVP_PKEY_fromdata(context.get(), &made,
                                is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                                params.get()) != 1)
            refuse("holds no valid key");
        return KeyHandle{made};
    }

  private:
    ParamBuilder builder_{::OSSL_PARAM_BLD_new()};
    std::vector<Number> numbers_;
};

// On the curve, a public part that belongs to the private one, and so on.
void check_key(EVP_PKEY* key, bool is_private) {
    const KeyContext context{::EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
    if (!context || (is_private ? ::EVP_PKEY_pairwise_check(context.get())
                                : ::EVP_PKEY_public_check(context.get())) != 1)
        refuse("holds no valid key");
}

KeyHandle read_rsa(const json& jwk, bool is_private) {
    if (jwk.contains("oth")) refuse("has more than two primes, which is not supported");
    KeyParts parts;
    parts.number(OSSL_PKEY_PARAM_RSA_N, bytes_member(jwk, "n"));
    const std::string exponent = bytes_member(jwk, "e");
    // Verifying takes time in proportion to the exponent's length, and an even one is none.
    if (exponent.size() > 8 || (static_cast<unsigned char>(exponent.back()) & 1) == 0 ||
        exponent == "\1")
        refuse("has an exponent that no RSA key has");
    parts.number(OSSL_PKEY_PARAM_RSA_E, exponent);
    if (is_private) {
        parts.number(OSSL_PKEY_PARAM_RSA_D, bytes_member(jwk, "d"));
        parts.number(OSSL_PKEY_PARAM_RSA_FACTOR1, bytes_member(jwk, "p"));
        parts.number(OSSL_PKEY_PARAM_RSA_FACTOR2, bytes_member(jwk, "q"));
        parts.number(OSSL_PKEY_PARAM_RSA_EXPONENT1, bytes_member(jwk, "dp"));
        parts.number(OSSL_PKEY_PARAM_RSA_EXPONENT2, bytes_member(jwk, "dq"));
        parts.number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, bytes_member(jwk, "qi"));
    }
    return parts.make("RSA", is_private);
}

struct Curve {
    std::string_view name; ///< RFC 7518 §6.2.1.1
    const char* group;     ///< OpenSSL's name
    std::size_t size;
};
constexpr Curve curves[] = {
    {"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}, {"P-521", "secp521r1", 66}};

KeyHandle read_ec(const json& jwk, bool is_private) {
    const std::string* name = auth::text_member(jwk, "crv");
    const auto* const curve =
        std::find_if(std::begin(curves), std::end(curves),
                     [&](const Curve& one) { return name != nullptr && one.name == *name; });
    if (curve == std::end(curves)) refuse("is on a curve other than P-256, P-384 and P-521");
    const std::string point =
        '\4' + bytes_member(jwk, "x", curve->size) + bytes_member(jwk, "y", curve->size);
    KeyParts parts;
    parts.text(OSSL_PKEY_PARAM_GROUP_NAME, curve->group);
    parts.bytes(OSSL_PKEY_PARAM_PUB_KEY, point);
    if (is_private) parts.number(OSSL_PKEY_PARAM_PRIV_KEY, bytes_member(jwk, "d", curve->size));
    return parts.make("EC", is_private);
}

KeyHandle read_okp(const json& jwk, bool is_private) {
    const std::string* name = auth::text_member(jwk, "crv");
    if (name == nullptr || *name != "Ed25519") refuse("is on a curve other than Ed25519");
    const std::string point = bytes_member(jwk, "x", 32);
    KeyHandle key;
    if (is_private) {
        const std::string seed = bytes_member(jwk, "d", 32);
        key.reset(::EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, crypto::bytes_of(seed),
                                                 seed.size()));
        std::string derived(32, '\0');
        std::size_t size = derived.size();
        if (!key ||
            ::EVP_PKEY_get_raw_public_key(key.get(), crypto::bytes_of(derived), &size) != 1 ||
            derived != point)
            refuse("has parts that don't belong together");
    } else {
        key.reset(::EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, crypto::bytes_of(point),
                                                point.size()));
    }
    if (!key) refuse("holds no valid key");
    return key;
}

// Whether the key's owner means it for signatures (RFC 7517 §4.2, §4.3).
void check_use(const json& jwk, bool is_private) {
    if (const auto use = jwk.find("use"); use != jwk.end() && *use != "sig")
        refuse("is not for signatures, says its \"use\"");
    if (const auto operations = jwk.find("key_ops"); operations != jwk.end()) {
        const bool fits = operations->is_array() &&
                          std::any_of(operations->begin(), operations->end(), [&](const json& one) {
                              return one == "verify" || (is_private && one == "sign");
                          });
        if (!fits) refuse("is not for signatures, say its \"key_ops\"");
    }
}

Jwk read_jwk(const json& jwk) {
    const std::string* const type = auth::text_member(jwk, "kty");
    if (type == nullptr) refuse("has no \"kty\"");
    const bool is_private = jwk.contains("d");
    check_use(jwk, is_private || *type == "oct");

    std::optional<JwsAlgorithm> algorithm;
    if (const auto alg = jwk.find("alg"); alg != jwk.end()) {
        if (alg->is_string()) algorithm = find_jws_algorithm(alg->get_ref<const std::string&>());
        if (!algorithm) refuse("has an \"alg\" that is no signature's");
    }
    std::string id;
    if (const auto kid = jwk.find("kid"); kid != jwk.end()) {
        if (!kid->is_string()) refuse("has a \"kid\" that is no text");
        id = kid->get<std::string>();
    }

    if (*type == "oct") {
        if (!algorithm) refuse("is a shared secret and needs an \"alg\"");
        return Jwk::secret(bytes_member(jwk, "k"), *algorithm, id);
    }
    KeyHandle key;
    if (*type == "RSA")
        key = read_rsa(jwk, is_private);
    else if (*type == "EC")
        key = read_ec(jwk, is_private);
    else if (*type == "OKP")
        key = read_okp(jwk, is_private);
    else
        refuse("has a \"kty\" other than RSA, EC, OKP and oct");
    // The size first: checking a huge key takes long.
    Jwk made = Jwk::Data::make(std::move(key), is_private, algorithm, id);
    check_key(made.data().key.get(), is_private);
    return made;
}

std::string number_of(EVP_PKEY* key, const char* name, std::size_t size = 0) {
    BIGNUM* got = nullptr;
    if (::EVP_PKEY_get_bn_param(key, name, &got) != 1)
        crypto::crypto_failed("EVP_PKEY_get_bn_param");
    const Number number{got};
    std::string bytes(size != 0 ? size : static_cast<std::size_t>(BN_num_bytes(got)), '\0');
    if (::BN_bn2binpad(got, crypto::bytes_of(bytes), static_cast<int>(bytes.size())) < 0)
        crypto::crypto_failed("BN_bn2binpad");
    return to_base64url(bytes);
}

// The members that RFC 7638 §3.2 counts, which json keeps in the order that it wants.
json required_members(const Jwk::Data& data) {
    EVP_PKEY* const key = data.key.get();
    json jwk;
    switch (data.kind) {
    case Jwk::Data::Kind::secret:
        throw std::invalid_argument("armature: a shared secret is not published");
    case Jwk::Data::Kind::rsa:
        jwk["kty"] = "RSA";
        jwk["n"] = number_of(key, OSSL_PKEY_PARAM_RSA_N);
        jwk["e"] = number_of(key, OSSL_PKEY_PARAM_RSA_E);
        break;
    case Jwk::Data::Kind::p256:
    case Jwk::Data::Kind::p384:
    case Jwk::Data::Kind::p521: {
        const Curve& curve = curves[static_cast<std::size_t>(data.kind) -
                                    static_cast<std::size_t>(Jwk::Data::Kind::p256)];
        jwk["kty"] = "EC";
        jwk["crv"] = curve.name;
        jwk["x"] = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, curve.size);
        jwk["y"] = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, curve.size);
        break;
    }
    case Jwk::Data::Kind::ed25519: {
        std::string point(32, '\0');
        std::size_t size = point.size();
        if (::EVP_PKEY_get_raw_public_key(key, crypto::bytes_of(point), &size) != 1)
            crypto::crypto_failed("EVP_PKEY_get_raw_public_key");
        jwk["kty"] = "OKP";
        jwk["crv"] = "Ed25519";
        jwk["x"] = to_base64url(point);
        break;
    }
    }
    return jwk;
}

json public_members(const Jwk& key) {
    json jwk = required_members(key.data());
    if (!key.id().empty()) jwk["kid"] = key.id();
    if (const auto algorithm = key.algorithm()) jwk["alg"] = to_string(*algorithm);
    jwk["use"] = "sig";
    return jwk;
}

KeyHandle generate_key(JwsAlgorithm algorithm) {
    using enum JwsAlgorithm;
    EVP_PKEY* made = nullptr;
    switch (algorithm) {
    case es256:
        made = ::EVP_EC_gen("P-256");
        break;
    case es384:
        made = ::EVP_EC_gen("P-384");
        break;
    case es512:
        made = ::EVP_EC_gen("P-521");
        break;
    case eddsa:
        made = ::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
        break;
    default:
        made = ::EVP_RSA_gen(2048);
        break;
    }
    if (made == nullptr) crypto::crypto_failed("making a key");
    return KeyHandle{made};
}

// Whether a token could mean either.
bool collide(const Jwk& a, const Jwk& b) noexcept {
    return a.id() == b.id() && (a.data().algorithms & b.data().algorithms) != 0;
}

bool collides(const std::vector<Jwk>& keys, const Jwk& key) noexcept {
    return std::any_of(keys.begin(), keys.end(),
                       [&](const Jwk& other) { return collide(other, key); });
}

// Never asks for a passphrase.
int no_passphrase(char*, int, int, void*) { return -1; }

} // namespace

Jwk Jwk::from_json(std::string_view text) {
    const std::optional<json> jwk = auth::read_object(text);
    if (!jwk) refuse("is no JSON object");
    return read_jwk(*jwk);
}

Jwk Jwk::from_pem(std::string_view pem, JwsAlgorithm algorithm, std::string_view id) {
    using Bio = crypto::Handle<BIO, ::BIO_free>;
    const Bio source{::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    const bool is_private = pem.find("PRIVATE KEY-----") != std::string_view::npos;
    KeyHandle key;
    if (source)
        key.reset(is_private
                      ? ::PEM_read_bio_PrivateKey(source.get(), nullptr, &no_passphrase, nullptr)
                      : ::PEM_read_bio_PUBKEY(source.get(), nullptr, &no_passphrase, nullptr));
    ::ERR_clear_error();
    if (!key)
        throw std::invalid_argument(
            "armature: no key in this PEM text: it begins with BEGIN PUBLIC KEY or BEGIN PRIVATE "
            "KEY, and has no passphrase");
    return Data::make(std::move(key), is_private, algorithm, id);
}

Jwk Jwk::generate(JwsAlgorithm algorithm) {
    using enum JwsAlgorithm;
    if (algorithm == hs256 || algorithm == hs384 || algorithm == hs512)
        return secret(crypto::random_bytes(64), algorithm);
    Jwk key = Data::make(generate_key(algorithm), true, algorithm, {});
    Data data{key.data()};
    data.id = to_base64url(crypto::sha256(required_members(data).dump()));
    return Data::make(std::move(data), algorithm);
}

std::string Jwk::public_json() const { return public_members(*this).dump(); }

JwkSet::JwkSet(std::vector<Jwk> keys) : keys_(std::move(keys)) {
    if (keys_.size() > max_keys)
        throw std::invalid_argument("armature: a set has at most 100 keys");
    for (std::size_t i = 0; i < keys_.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (collide(keys_[i], keys_[j]))
                throw std::invalid_argument("armature: two keys of a set need different ids: \"" +
                                            keys_[i].id() + "\"");
}

JwkSet::JwkSet(Jwk key) : keys_{std::move(key)} {}

JwkSet JwkSet::from_json(std::string_view text) {
    const std::optional<json> document = auth::read_object(text);
    const auto keys = document ? document->find("keys") : json::const_iterator{};
    if (!document || keys == document->end() || !keys->is_array())
        throw std::invalid_argument("armature: this is no JSON Web Key Set");
    if (keys->size() > max_keys)
        throw std::invalid_argument("armature: a set has at most 100 keys");
    JwkSet set;
    for (const json& one : *keys) {
        if (!one.is_object())
            throw std::invalid_argument("armature: a key of this set is no object");
        try {
            Jwk key = read_jwk(one);
            // A secret that everybody can fetch is none.
            if (key.data().kind == Jwk::Data::Kind::secret || collides(set.keys_, key)) continue;
            set.keys_.push_back(std::move(key));
        } catch (const std::invalid_argument&) {
            continue; // of a kind that others know
        }
    }
    return set;
}

const Jwk* JwkSet::find(std::optional<std::string_view> id, JwsAlgorithm algorithm) const noexcept {
    const Jwk* found = nullptr;
    for (const Jwk& key : keys_) {
        if (!key.allows(algorithm) || (id && key.id() != *id)) continue;
        if (found != nullptr) return nullptr; // which one it means is not for us to guess
        found = &key;
    }
    return found;
}

std::string JwkSet::public_json() const {
    json keys = json::array();
    for (const Jwk& key : keys_)
        keys.push_back(public_members(key));
    json set;
    set["keys"] = std::move(keys);
    return set.dump();
}

} // namespace armature
