#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// How a token is signed (RFC 7518 §3.1, RFC 8037). There is no "none".
enum class JwsAlgorithm : std::uint8_t {
    hs256, ///< HMAC: who verifies can also sign
    hs384,
    hs512,
    rs256, ///< RSASSA-PKCS1-v1_5
    rs384,
    rs512,
    ps256, ///< RSASSA-PSS
    ps384,
    ps512,
    es256, ///< ECDSA on P-256, the usual choice
    es384, ///< on P-384
    es512, ///< on P-521
    eddsa, ///< Ed25519
};

/// "ES256" and so on.
[[nodiscard]] std::string_view to_string(JwsAlgorithm algorithm) noexcept;
/// Case-sensitive; nullopt for "none" and everything else that is unknown.
[[nodiscard]] std::optional<JwsAlgorithm> find_jws_algorithm(std::string_view name) noexcept;

/// A key that signs or verifies tokens (RFC 7517). Cheap to copy: copies share the key.
///
/// A key decides which algorithms may use it, by its kind and its own `alg`, never the token: a
/// public key can't be used as an HMAC secret, nor a P-384 key for ES256.
///
/// Threads: any; it never changes.
class Jwk {
  public:
    /// A shared secret for one of the HMAC algorithms, of at least the size of its hash: 32, 48 or
    /// 64 bytes (RFC 7518 §3.2). Random ones: it is no place for a password. Throws
    /// std::invalid_argument.
    [[nodiscard]] static Jwk secret(std::string_view bytes, JwsAlgorithm algorithm,
                                    std::string_view id = {});
    /// A JSON Web Key, public or private: RSA of 2048 to 8192 bits, EC on P-256, P-384 or P-521,
    /// OKP with Ed25519, or oct, which needs an `alg`. Throws std::invalid_argument for anything
    /// else, and for keys whose `use` or `key_ops` is not signing.
    [[nodiscard]] static Jwk from_json(std::string_view json);
    /// A public or private key in PEM, without a passphrase. Throws std::invalid_argument, also if
    /// the algorithm doesn't suit the key.
    [[nodiscard]] static Jwk from_pem(std::string_view pem, JwsAlgorithm algorithm,
                                      std::string_view id = {});
    /// A new random key: 2048 bits for RSA. Its id is its thumbprint (RFC 7638), if it has a public
    /// part. A key that lasts belongs into a file: `openssl genpkey`.
    [[nodiscard]] static Jwk generate(JwsAlgorithm algorithm);

    /// The `kid`; may be empty.
    [[nodiscard]] const std::string& id() const noexcept;
    /// Whether a token of that algorithm may be verified or signed with this key.
    [[nodiscard]] bool allows(JwsAlgorithm algorithm) const noexcept;
    /// The only algorithm it allows; nullopt for an RSA key without `alg`, which allows six.
    [[nodiscard]] std::optional<JwsAlgorithm> algorithm() const noexcept;
    /// False for a public key.
    [[nodiscard]] bool can_sign() const noexcept;
    /// The same key for one algorithm only. Throws std::invalid_argument if it doesn't allow it.
    [[nodiscard]] Jwk for_algorithm(JwsAlgorithm algorithm) const;
    /// The public part as JSON, for a set that others fetch. Throws std::invalid_argument for a
    /// shared secret.
    [[nodiscard]] std::string public_json() const;

    class Data; // inside of the library only
    [[nodiscard]] const Data& data() const noexcept { return *data_; }

  private:
    explicit Jwk(std::shared_ptr<const Data> data) noexcept;
    std::shared_ptr<const Data> data_;
};

/// Keys, of which a token's `kid` names one (RFC 7517 §5).
class JwkSet {
  public:
    static constexpr std::size_t max_keys = 100;

    JwkSet() = default;
    /// Throws std::invalid_argument for more than `max_keys`, and for two keys that a token can't
    /// tell apart: with one id, or none, and an algorithm in common.
    JwkSet(std::vector<Jwk> keys); // NOLINT: {key} is natural
    JwkSet(Jwk key);               // NOLINT
    /// A JWK Set. Keys that are not for signatures, or of a kind that is unknown here, are left out
    /// as RFC 7517 §5 wants; so are shared secrets and those that can't be told apart from one
    /// before. Throws std::invalid_argument if it is no set, or has more than `max_keys`.
    [[nodiscard]] static JwkSet from_json(std::string_view json);

    /// The key for a token: of that id, or, where the token names none, the only one that allows
    /// its algorithm. Null without.
    [[nodiscard]] const Jwk* find(std::optional<std::string_view> id,
                                  JwsAlgorithm algorithm) const noexcept;
    [[nodiscard]] const std::vector<Jwk>& keys() const& noexcept { return keys_; }
    [[nodiscard]] std::vector<Jwk> keys() && noexcept { return std::move(keys_); }
    [[nodiscard]] bool empty() const noexcept { return keys_.empty(); }
    /// The public parts, to be served at `/.well-known/jwks.json`. Throws std::invalid_argument if
    /// a shared secret is among them.
    [[nodiscard]] std::string public_json() const;

  private:
    std::vector<Jwk> keys_;
};

} // namespace armature
