#include "auth/tokens.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include <functional>
#include <span>

// What attackers send instead of a token, and what each has to be answered. RFC 8725 names most.
namespace armature::testing {
namespace {

using enum JwsAlgorithm;
using Reason = JwtError::Reason;

struct Keys {
    Jwk secret = Jwk::secret(secret_text, hs256, "h");
    Jwk rsa = Jwk::generate(rs256);
    Jwk p256 = Jwk::generate(es256);
    Jwk p384 = Jwk::generate(es384);
    Jwk ed = Jwk::generate(eddsa);
    Jwk strangers = Jwk::generate(es256);
    JwtVerifier verifier{JwkSet{{secret, rsa, p256, p384, ed}}, rules()};
};
const Keys& keys() {
    static const Keys made;
    return made;
}

std::string header(std::string_view alg, std::string_view kid, std::string_view more = "") {
    return R"({"alg":")" + std::string{alg} + R"(","typ":"at+jwt","kid":")" + std::string{kid} +
           "\"" + std::string{more} + "}";
}
std::string honest() { return JwtSigner{keys().p256}.sign(claims()); }
std::string hs(std::string_view head, std::string_view body) {
    return forge(head, body, keys().secret, hs256);
}
std::string claims_with(std::string_view changed) {
    // Later members win in no parser that this one resembles: it refuses them.
    std::string text = payload();
    text.pop_back();
    return text + "," + std::string{changed} + "}";
}
std::string body(std::string_view iss, std::string_view aud, std::string_view exp) {
    return R"({"iss":)" + std::string{iss} + R"(,"aud":)" + std::string{aud} + R"(,"exp":)" +
           std::string{exp} + "}";
}
std::string with_es256(std::string_view signature) {
    return with_signature(segments(header("ES256", keys().p256.id()), payload()), signature);
}
// The PEM text of a public key, which is no secret.
std::string pem_of(const Jwk& key) {
    BIO* const out = ::BIO_new(::BIO_s_mem());
    ::PEM_write_bio_PUBKEY(out, key.data().key.get());
    char* text = nullptr;
    const long size = ::BIO_get_mem_data(out, &text);
    std::string pem(text, static_cast<std::size_t>(size));
    ::BIO_free(out);
    return pem;
}
std::string hmac_by_public_key(const Jwk& key, const std::string& with) {
    const std::string signed_part = segments(header("HS256", key.id()), payload());
    return with_signature(signed_part, crypto::hmac(::EVP_sha256(), with, signed_part));
}
// (r, n - s) of an honest signature.
std::string other_half(const std::string& token) {
    const std::size_t dot = token.rfind('.');
    std::string signature = *from_base64url(std::string_view{token}.substr(dot + 1));
    EC_GROUP* const group = ::EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM* const s =
        ::BN_bin2bn(reinterpret_cast<const unsigned char*>(signature.data()) + 32, 32, nullptr);
    ::BN_sub(s, ::EC_GROUP_get0_order(group), s);
    ::BN_bn2binpad(s, reinterpret_cast<unsigned char*>(signature.data()) + 32, 32);
    ::BN_free(s);
    ::EC_GROUP_free(group);
    return with_signature(token.substr(0, dot), signature);
}

struct Attack {
    const char* name;
    std::function<std::string()> token;
    Reason answer;
};

void expect_refused(std::span<const Attack> attacks) {
    for (const Attack& attack : attacks) {
        const std::string token = attack.token();
        try {
            (void)keys().verifier.verify(token, now);
            ADD_FAILURE() << attack.name << " was accepted: " << token;
        } catch (const JwtError& error) {
            EXPECT_EQ(error.reason(), attack.answer) << attack.name << ": " << error.what();
        }
    }
}

// clang-format off: a table, one attack a line
const Attack forms[] = {
    {"Empty", [] { return ""; }, Reason::malformed},
    {"OneSegment", [] { return "abc"; }, Reason::malformed},
    {"TwoSegments", [] { return segments(header("HS256", "h"), payload()); }, Reason::malformed},
    {"FourSegments", [] { return honest() + ".AA"; }, Reason::malformed},
    {"EncryptedForm", [] { return honest() + ".AA.AA"; }, Reason::malformed},
    {"TooLong", [] { return hs(header("HS256", "h"), claims_with("\"x\":\"" + std::string(9'000, 'x') + "\"")); }, Reason::malformed},
    {"WhiteSpace", [] { return " " + honest(); }, Reason::malformed},
    {"LineBreakAtTheEnd", [] { return honest() + "\n"; }, Reason::malformed},
    {"Padding", [] { return hs(header("HS256", "h"), payload()) + "="; }, Reason::malformed},
    {"OrdinaryBase64", [] { return with_signature("eyJ+" + segments(header("HS256", "h"), payload()), "x"); }, Reason::malformed},
    {"BitsLeftOver", [] { std::string token = hs(header("HS256", "h"), payload()); ++token.back(); return token; }, Reason::malformed},
    {"NulInTheToken", [] { return honest() + std::string(1, '\0'); }, Reason::malformed},
    {"HeaderIsAnArray", [] { return hs("[]", payload()); }, Reason::malformed},
    {"HeaderIsNoJson", [] { return hs("{", payload()); }, Reason::malformed},
    {"HeaderTwiceTheAlgorithm", [] { return hs(R"({"alg":"none","typ":"at+jwt","alg":"HS256"})", payload()); }, Reason::malformed},
    {"HeaderNestedDeeply", [] { return hs(R"({"alg":"HS256","x":)" + std::string(2'000, '['), payload()); }, Reason::malformed},
    {"PayloadIsText", [] { return hs(header("HS256", "h"), "\"x\""); }, Reason::malformed},
    {"PayloadTwiceTheSubject", [] { return hs(header("HS256", "h"), claims_with(R"("sub":"admin")")); }, Reason::malformed},
    {"TypeIsANumber", [] { return hs(R"({"alg":"HS256","typ":1})", payload()); }, Reason::malformed},
    {"KeyIdIsAnObject", [] { return hs(R"({"alg":"HS256","typ":"at+jwt","kid":{"$ne":1}})", payload()); }, Reason::malformed},
    {"KeyIdIsHuge", [] { return hs(header("HS256", std::string(300, 'k')), payload()); }, Reason::malformed},
};
const Attack algorithms[] = {
    {"None", [] { return with_signature(segments(header("none", "h"), payload()), ""); }, Reason::algorithm},
    {"NoneInCapitals", [] { return with_signature(segments(header("NONE", "h"), payload()), ""); }, Reason::algorithm},
    {"NoneMixed", [] { return with_signature(segments(header("nOnE", "h"), payload()), ""); }, Reason::algorithm},
    {"NoneWithASignature", [] { return hs(header("none", "h"), payload()); }, Reason::algorithm},
    {"EmptyAlgorithm", [] { return hs(header("", "h"), payload()); }, Reason::algorithm},
    {"LowerCaseAlgorithm", [] { return hs(header("hs256", "h"), payload()); }, Reason::algorithm},
    {"UnknownAlgorithm", [] { return hs(header("HS1", "h"), payload()); }, Reason::algorithm},
    {"EncryptionAlgorithm", [] { return hs(header("PBES2-HS256+A128KW", "h", R"(,"p2c":2000000000)"), payload()); }, Reason::algorithm},
    {"NoAlgorithm", [] { return hs(R"({"typ":"at+jwt","kid":"h"})", payload()); }, Reason::malformed},
    {"AlgorithmIsNull", [] { return hs(R"({"alg":null,"typ":"at+jwt"})", payload()); }, Reason::malformed},
    {"AlgorithmIsAList", [] { return hs(R"({"alg":["HS256"],"typ":"at+jwt"})", payload()); }, Reason::malformed},
    // Key confusion: the public key as the secret of an HMAC.
    {"PublicKeyInPemAsSecret", [] { return hmac_by_public_key(keys().rsa, pem_of(keys().rsa)); }, Reason::key},
    {"PublicKeyInJsonAsSecret", [] { return hmac_by_public_key(keys().rsa, keys().rsa.public_json()); }, Reason::key},
    {"PublicPointAsSecret", [] { return hmac_by_public_key(keys().ed, keys().ed.public_json()); }, Reason::key},
    {"EmptySecret", [] { return hmac_by_public_key(keys().rsa, ""); }, Reason::key},
    {"RsaKeyForAnotherHash", [] { return forge(header("RS512", keys().rsa.id()), payload(), keys().rsa, rs512); }, Reason::key},
    {"RsaKeyForPss", [] { return forge(header("PS256", keys().rsa.id()), payload(), keys().rsa, ps256); }, Reason::key},
    {"CurveOfAnotherSize", [] { return forge(header("ES256", keys().p384.id()), payload(), keys().p384, es384); }, Reason::key},
    {"SecretForAnotherHash", [] { return forge(header("HS512", "h"), payload(), keys().secret, hs512); }, Reason::key},
};
const Attack key_choices[] = {
    {"UnknownKey", [] { return JwtSigner{keys().strangers}.sign(claims()); }, Reason::key},
    {"KeyIdTraversal", [] { return hs(header("HS256", "../../../../dev/null"), payload()); }, Reason::key},
    {"KeyIdSql", [] { return hs(header("HS256", "x' UNION SELECT 'key' --"), payload()); }, Reason::key},
    {"KeyIdShell", [] { return hs(header("HS256", "h|/usr/bin/id"), payload()); }, Reason::key},
    {"KeyIdWithNul", [] { return hs(header("HS256", "h\\u0000"), payload()); }, Reason::key},
    {"KeyIdEmpty", [] { return hs(header("HS256", ""), payload()); }, Reason::key},
    {"KeyIdOfAnotherKey", [] { return forge(header("ES256", keys().p256.id()), payload(), keys().strangers, JwsAlgorithm::es256); }, Reason::signature},
    {"KeyInTheHeader", [] { return forge(header("ES256", keys().p256.id(), R"(,"jwk":)" + keys().strangers.public_json()), payload(), keys().strangers, JwsAlgorithm::es256); }, Reason::signature},
    {"KeyUrlInTheHeader", [] { return forge(header("ES256", keys().strangers.id(), R"(,"jku":"http://127.0.0.1:1/jwks")"), payload(), keys().strangers, JwsAlgorithm::es256); }, Reason::key},
    {"CertificateUrlInTheHeader", [] { return forge(header("ES256", keys().strangers.id(), R"(,"x5u":"http://127.0.0.1:1/x")"), payload(), keys().strangers, JwsAlgorithm::es256); }, Reason::key},
    {"CriticalExtension", [] { return hs(header("HS256", "h", R"(,"crit":["exp"],"exp":1)"), payload()); }, Reason::critical},
    {"CriticalEmpty", [] { return hs(header("HS256", "h", R"(,"crit":[])"), payload()); }, Reason::critical},
    {"UnencodedPayload", [] { return hs(header("HS256", "h", R"(,"b64":false,"crit":["b64"])"), payload()); }, Reason::critical},
};
const Attack signatures[] = {
    {"NoSignature", [] { return honest().substr(0, honest().rfind('.') + 1); }, Reason::signature},
    {"PayloadChanged", [] { const std::string token = honest(); return token.substr(0, token.find('.') + 1) + to_base64url(claims_with(R"("roles":["admin"])")) + token.substr(token.rfind('.')); }, Reason::signature},
    {"HmacCutShort", [] { const std::string token = hs(header("HS256", "h"), payload()); return token.substr(0, token.rfind('.') + 23) + "A"; }, Reason::signature},
    {"PsychicZeros", [] { return with_es256(std::string(64, '\0')); }, Reason::signature},
    {"PsychicOrder", [] { return with_es256(*from_base64url("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVH_____AAAAAP__________vOb6racXnoTzucrC_GMlUQ")); }, Reason::signature},
    {"SignatureInDer", [] { const std::string token = honest(); const std::string half = *from_base64url(std::string_view{token}.substr(token.rfind('.') + 1)); return with_signature(token.substr(0, token.rfind('.')), "\x30\x44\x02\x20" + half.substr(0, 32) + "\x02\x20" + half.substr(32)); }, Reason::signature},
    {"HalfASignature", [] { return with_es256(std::string(32, 'x')); }, Reason::signature},
    {"HalvesWithLeadingZeros", [] { const std::string token = honest(); const std::string half = *from_base64url(std::string_view{token}.substr(token.rfind('.') + 1)); const std::string zero(1, '\0'); return with_signature(token.substr(0, token.rfind('.')), zero + half.substr(0, 32) + zero + half.substr(32)); }, Reason::signature},
    {"RsaSignatureWithALeadingZero", [] { const std::string token = JwtSigner{keys().rsa}.sign(claims()); return with_signature(token.substr(0, token.rfind('.')), std::string(1, '\0') + *from_base64url(std::string_view{token}.substr(token.rfind('.') + 1))); }, Reason::signature},
    {"SignatureOfAnotherToken", [] { JwtClaims other = claims(); other.subject = "x"; const std::string token = JwtSigner{keys().ed}.sign(other); const std::string mine = JwtSigner{keys().ed}.sign(claims()); return mine.substr(0, mine.rfind('.')) + token.substr(token.rfind('.')); }, Reason::signature},
};
const Attack statements[] = {
    {"Expired", [] { return hs(header("HS256", "h"), body(R"("https://login.example")", R"("api")", "1799999940")); }, Reason::expired},
    {"NeverExpires", [] { return hs(header("HS256", "h"), R"({"iss":"https://login.example","aud":"api"})"); }, Reason::claims},
    {"ExpiryIsText", [] { return hs(header("HS256", "h"), body(R"("https://login.example")", R"("api")", R"("1900000000")")); }, Reason::claims},
    {"ExpiryIsHuge", [] { return hs(header("HS256", "h"), body(R"("https://login.example")", R"("api")", "1e300")); }, Reason::claims},
    {"ExpiryOverflows", [] { return hs(header("HS256", "h"), body(R"("https://login.example")", R"("api")", "18446744073709551615")); }, Reason::claims},
    {"ExpiryIsNull", [] { return hs(header("HS256", "h"), body(R"("https://login.example")", R"("api")", "null")); }, Reason::claims},
    {"NotYet", [] { return hs(header("HS256", "h"), claims_with(R"("nbf":1800000061)")); }, Reason::not_yet_valid},
    {"IssuedInTheFuture", [] { return hs(header("HS256", "h"), R"({"iss":"https://login.example","aud":"api","iat":1800009000,"exp":1800009600})"); }, Reason::not_yet_valid},
    {"AnotherIssuer", [] { return hs(header("HS256", "h"), body(R"("https://evil.example")", R"("api")", "1800000600")); }, Reason::issuer},
    {"IssuerWithASlash", [] { return hs(header("HS256", "h"), body(R"("https://login.example/")", R"("api")", "1800000600")); }, Reason::issuer},
    {"NoIssuer", [] { return hs(header("HS256", "h"), R"({"aud":"api","exp":1800000600})"); }, Reason::issuer},
    {"IssuerIsAList", [] { return hs(header("HS256", "h"), body(R"(["https://login.example"])", R"("api")", "1800000600")); }, Reason::claims},
    {"AnotherAudience", [] { return hs(header("HS256", "h"), body(R"("https://login.example")", R"("shop")", "1800000600")); }, Reason::audience},
    {"AudienceThatContainsOurs", [] { return hs(header("HS256", "h"), body(R"("https://login.example")", R"("api2")", "1800000600")); }, Reason::audience},
    {"NoAudience", [] { return hs(header("HS256", "h"), R"({"iss":"https://login.example","exp":1800000600})"); }, Reason::audience},
    {"AudienceIsEmpty", [] { return hs(header("HS256", "h"), body(R"("https://login.example")", "[]", "1800000600")); }, Reason::audience},
    {"AudienceHoldsANumber", [] { return hs(header("HS256", "h"), body(R"("https://login.example")", R"(["api",1])", "1800000600")); }, Reason::claims},
    {"RefreshToken", [] { return JwtSigner{keys().p256}.sign(claims(), jwt_type::refresh); }, Reason::type},
    {"IdToken", [] { return JwtSigner{keys().p256}.sign(claims(), "JWT"); }, Reason::type},
    {"LogoutToken", [] { return JwtSigner{keys().p256}.sign(claims(), "logout+jwt"); }, Reason::type},
    {"NoType", [] { return hs(R"({"alg":"HS256","kid":"h"})", payload()); }, Reason::type},
    {"RolesAreAnObject", [] { return hs(header("HS256", "h"), claims_with(R"("roles":{"admin":true})")); }, Reason::claims},
    {"ScopeIsANumber", [] { return hs(header("HS256", "h"), claims_with(R"("scope":1)")); }, Reason::claims},
};

// clang-format on

TEST(JwtAttacks, OnTheForm) { expect_refused(forms); }
TEST(JwtAttacks, OnTheAlgorithm) { expect_refused(algorithms); }
TEST(JwtAttacks, OnTheChoiceOfTheKey) { expect_refused(key_choices); }
TEST(JwtAttacks, OnTheSignature) { expect_refused(signatures); }
TEST(JwtAttacks, OnWhatItSays) { expect_refused(statements); }

// ECDSA lets anybody make the second signature (r, n - s) from the first, and RFC 7518 allows both:
// it says the same, and is accepted. So a token's text is no name for it; `jti` is.
TEST(JwtAttacks, TheSecondSignatureOfEcdsaSaysTheSame) {
    const std::string token = honest();
    const std::string other = other_half(token);
    EXPECT_NE(token, other);
    EXPECT_EQ(keys().verifier.verify(other, now).json, keys().verifier.verify(token, now).json);
}

} // namespace
} // namespace armature::testing
