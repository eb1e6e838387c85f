#include "auth/tokens.hpp"

#include <armature/auth/jwk.hpp>
#include <armature/core/base64.hpp>
#include <armature/json/nlohmann.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace armature::testing {
namespace {

using enum JwsAlgorithm;

// RFC 7517 appendix A.1 and A.2, RFC 8037 appendix A.1.
constexpr std::string_view ec_key =
    R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        "d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE","use":"sig","kid":"1"})";
constexpr std::string_view okp_key =
    R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr std::string_view rsa_modulus =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP"
    "ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY"
    "368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f"
    "M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

std::string rsa_key(std::string_view more = "") {
    return R"({"kty":"RSA","e":"AQAB","n":")" + std::string{rsa_modulus} + "\"" +
           std::string{more} + "}";
}

TEST(Jwk, ReadsTheKeysOfTheRfcs) {
    const Jwk ec = Jwk::from_json(ec_key);
    EXPECT_EQ(ec.id(), "1");
    EXPECT_TRUE(ec.can_sign());
    EXPECT_EQ(ec.algorithm(), es256);

    const Jwk okp = Jwk::from_json(okp_key);
    EXPECT_EQ(okp.algorithm(), eddsa);

    const Jwk rsa = Jwk::from_json(rsa_key(R"(,"alg":"RS256","kid":"2011-04-29")"));
    EXPECT_FALSE(rsa.can_sign());
    EXPECT_EQ(rsa.algorithm(), rs256);
    EXPECT_EQ(rsa.id(), "2011-04-29");
}

TEST(Jwk, SignsAsRfc8037AppendixA4) {
    const std::string input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    const Jwk key = Jwk::from_json(okp_key);
    EXPECT_EQ(to_base64url(auth::sign(key.data(), eddsa, input)),
              "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_"
              "MuM0KAg");
}

TEST(Jwk, VerifiesTheSignaturesOfRfc7515AppendixA) {
    const Jwk secret = Jwk::from_json(
        R"({"kty":"oct","alg":"HS256","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})");
    const std::string payload =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0c"
        "nVlfQ";
    EXPECT_EQ(to_base64url(auth::sign(secret.data(), hs256,
                                      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + payload)),
              "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");

    const Jwk ec = Jwk::from_json(
        R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})");
    const auto signature = from_base64url(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-"
        "Kg6NU1Q");
    ASSERT_TRUE(signature);
    EXPECT_TRUE(auth::verify(ec.data(), es256, "eyJhbGciOiJFUzI1NiJ9." + payload, *signature));
    EXPECT_FALSE(
        auth::verify(ec.data(), es256, "eyJhbGciOiJFUzI1NiJ9." + payload + "x", *signature));
}

TEST(Jwk, HasTheThumbprintOfRfc7638) {
    // Its example is the public key above; the id of a made key is this thumbprint.
    const Jwk made = Jwk::generate(es256);
    const nlohmann::json jwk = nlohmann::json::parse(made.public_json());
    nlohmann::json required;
    for (const char* const name : {"crv", "kty", "x", "y"})
        required[name] = jwk[name];
    EXPECT_EQ(made.id(), to_base64url(crypto::sha256(required.dump())));
    EXPECT_EQ(to_base64url(crypto::sha256(R"({"e":"AQAB","kty":"RSA","n":")" +
                                          std::string{rsa_modulus} + "\"}")),
              "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(Jwk, PublishesNoPrivatePart) {
    const Jwk key = Jwk::from_json(ec_key);
    const nlohmann::json jwk = nlohmann::json::parse(key.public_json());
    EXPECT_FALSE(jwk.contains("d"));
    EXPECT_EQ(jwk["x"], "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4");
    EXPECT_EQ(jwk["alg"], "ES256");
    EXPECT_FALSE(Jwk::from_json(key.public_json()).can_sign());
    EXPECT_THROW((void)Jwk::secret(secret_text, hs256).public_json(), std::invalid_argument);
    EXPECT_THROW((void)JwkSet{Jwk::secret(secret_text, hs256)}.public_json(),
                 std::invalid_argument);
}

TEST(Jwk, MakesAKeyForEveryAlgorithm) {
    for (const JwsAlgorithm algorithm : {hs256, hs384, hs512, rs256, rs384, rs512, ps256, ps384,
                                         ps512, es256, es384, es512, eddsa}) {
        const Jwk key = Jwk::generate(algorithm);
        EXPECT_EQ(key.algorithm(), algorithm);
        const std::string signature = auth::sign(key.data(), algorithm, "text");
        EXPECT_TRUE(auth::verify(key.data(), algorithm, "text", signature));
        EXPECT_FALSE(auth::verify(key.data(), algorithm, "test", signature));
    }
}

TEST(Jwk, RefusesKeysThatAreNone) {
    const std::string large(2'000, 'A');
    const std::vector<std::string> keys{
        "",
        "[]",
        "{}",
        R"({"kty":"RSA"})",
        R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8"})", // for which
                                                                              // algorithm?
        R"({"kty":"oct","alg":"HS256","k":"c2hvcnQ"})",
        R"({"kty":"oct","alg":"none","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8"})",
        R"({"kty":"oct","alg":"HS512","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8"})",
        R"({"kty":"oct","alg":"RS256","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8"})",
        rsa_key(R"(,"alg":"HS256")"),
        rsa_key(R"(,"alg":"ES256")"),
        rsa_key(R"(,"use":"enc")"),
        rsa_key(R"(,"key_ops":["encrypt"])"),
        rsa_key(R"(,"kid":7)"),
        rsa_key(R"(,"n":"AQAB")"), // a member twice
        R"({"kty":"RSA","e":"AQAB","n":"AQAB"})",
        R"({"kty":"RSA","e":"AQ","n":")" + std::string{rsa_modulus} + "\"}",
        R"({"kty":"RSA","e":"AAAC","n":")" + std::string{rsa_modulus} + "\"}",
        R"({"kty":"RSA","e":")" + large + R"(AB","n":")" + std::string{rsa_modulus} + "\"}",
        R"({"kty":"RSA","e":"AQAB","n":")" + large + "\"}",
        // 1024 bits
        R"({"kty":"RSA","e":"AQAB","n":"wZ3pYDHFTQWuUqTJxJrqVSuEG2TUDJv2TPN3mZeZ7i1Kb7CqFtsFPbIy6-ZMrX3K-UPHJ4bbwFcGmbmzYwy1tLTcKzYqkvs0v0LcjeR0vH-u28vLA0bSAzzgVLhcyNiXjbf_eRLjmMyAEo2zYoGVeTmHxXDc9_OpKwPpnlvvHnM"})",
        R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})",
        R"({"kty":"EC","crv":"secp256k1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})",
        // not on the curve
        R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"})",
        // another key's private part
        R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})",
        R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
        R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="})",
        R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ"})",
        R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"21qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
        R"({"kty":"PQC","x":"AA"})",
    };
    for (const std::string& key : keys)
        EXPECT_THROW((void)Jwk::from_json(key), std::invalid_argument) << key;
}

TEST(Jwk, ReadsPem) {
    constexpr std::string_view pem =
        "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
        "-----END PUBLIC KEY-----\n";
    const Jwk key = Jwk::from_pem(pem, eddsa, "ed");
    EXPECT_EQ(key.id(), "ed");
    EXPECT_FALSE(key.can_sign());
    EXPECT_THROW((void)Jwk::from_pem(pem, es256), std::invalid_argument);
    EXPECT_THROW((void)Jwk::from_pem("-----BEGIN PUBLIC KEY-----\n", eddsa), std::invalid_argument);
    EXPECT_THROW((void)Jwk::from_pem("", eddsa), std::invalid_argument);
}

TEST(JwkSet, LeavesOutWhatIsNotForSignaturesHere) {
    const std::string text =
        R"({"keys":[{"kty":"PQC"},{"kty":"oct","alg":"HS256","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8"},)" +
        rsa_key(R"(,"use":"enc","kid":"e")") + "," + rsa_key(R"(,"kid":"s")") + "," +
        rsa_key(R"(,"kid":"s","alg":"RS256")") + "]}";
    const JwkSet set = JwkSet::from_json(text);
    ASSERT_EQ(set.keys().size(), 1u);
    EXPECT_EQ(set.keys()[0].id(), "s");
    EXPECT_NE(set.find("s", ps256), nullptr);
    EXPECT_EQ(set.find("e", ps256), nullptr);
    EXPECT_EQ(set.find("s", es256), nullptr);
    EXPECT_NE(set.find(std::nullopt, rs256), nullptr);

    for (const std::string_view wrong :
         {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[1]})", R"({"keys":[],"keys":[]})"})
        EXPECT_THROW((void)JwkSet::from_json(wrong), std::invalid_argument) << wrong;
}

TEST(JwkSet, NeverGuessesWhichKeyIsMeant) {
    const Jwk first = Jwk::generate(es256);
    const Jwk second = Jwk::generate(es256);
    const JwkSet set{{first, second}};
    EXPECT_EQ(set.find(std::nullopt, es256), nullptr);
    EXPECT_EQ(set.find(second.id(), es256), &set.keys()[1]);

    EXPECT_THROW(JwkSet({first, first}), std::invalid_argument);
    std::vector<Jwk> many;
    for (int i = 0; i <= 100; ++i)
        many.push_back(Jwk::secret(secret_text, hs256, std::to_string(i)));
    EXPECT_THROW(JwkSet{many}, std::invalid_argument);
}

} // namespace
} // namespace armature::testing
