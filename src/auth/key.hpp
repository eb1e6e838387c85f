#pragma once

#include "crypto/crypto.hpp"

#include <armature/auth/jwk.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace armature {

/// A key and what it may be used for.
class Jwk::Data {
  public:
    enum class Kind : std::uint8_t { secret, rsa, p256, p384, p521, ed25519 };
    using KeyHandle = crypto::Handle<EVP_PKEY, ::EVP_PKEY_free>;

    Kind kind = Kind::secret;
    std::uint16_t algorithms = 0; ///< a bit for each that is allowed
    bool is_private = false;
    std::string id;
    std::string secret; ///< of `Kind::secret`
    std::shared_ptr<EVP_PKEY> key;

    Data() = default;
    Data(const Data&) = default;
    Data& operator=(const Data&) = delete;
    ~Data();

    /// Makes a key for one algorithm, or for all that suit it. Throws std::invalid_argument.
    [[nodiscard]] static Jwk make(Data data, std::optional<JwsAlgorithm> algorithm);
    [[nodiscard]] static Jwk make(KeyHandle key, bool is_private,
                                  std::optional<JwsAlgorithm> algorithm, std::string_view id);
};

namespace auth {

/// The signature of `input` as JWS has it (RFC 7518 §3): for ECDSA r and s in their full width.
[[nodiscard]] std::string sign(const Jwk::Data& key, JwsAlgorithm algorithm,
                               std::string_view input);
[[nodiscard]] bool verify(const Jwk::Data& key, JwsAlgorithm algorithm, std::string_view input,
                          std::string_view signature);

} // namespace auth
} // namespace armature
