#include "auth/tokens.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace armature::testing {
namespace {

using enum JwsAlgorithm;

TEST(Jwt, SaysWhatItWasGiven) {
    const Jwk key = Jwk::generate(es256);
    JwtClaims given = claims();
    given.id = "t1";
    given.scopes = {"todos:read", "todos:write"};
    given.roles = {"editor"};
    given.not_before = now;
    given.json = R"({"email":"a@example.com","tenant":4})";
    const JwtVerifier verifier{key, rules()};
    const JwtClaims got = verifier.verify(JwtSigner{key}.sign(given), now);
    EXPECT_EQ(got.issuer, given.issuer);
    EXPECT_EQ(got.subject, "user-7");
    EXPECT_EQ(got.audience, given.audience);
    EXPECT_EQ(got.expires_at, now + 600);
    EXPECT_EQ(got.not_before, now);
    EXPECT_EQ(got.issued_at, now);
    EXPECT_EQ(got.id, "t1");
    EXPECT_EQ(got.scopes, given.scopes);
    EXPECT_EQ(got.roles, given.roles);
    EXPECT_EQ(got.text("email"), "a@example.com");
    EXPECT_EQ(got.text("tenant"), std::nullopt);
    EXPECT_EQ(got.text("nothing"), std::nullopt);
}

TEST(Jwt, ReadsScopesAndAudiencesInTheirOtherForms) {
    const Jwk key = Jwk::secret(secret_text, hs256);
    const JwtVerifier verifier{key, rules()};
    const JwtClaims got = verifier.verify(
        forge(
            R"({"alg":"HS256","typ":"application/AT+JWT"})",
            R"({"iss":"https://login.example","aud":["other","api"],"exp":1800000600.7,"scp":["a","b"],"roles":"admin"})",
            key, hs256),
        now);
    EXPECT_EQ(got.scopes, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(got.roles, std::vector<std::string>{"admin"});
    EXPECT_EQ(got.expires_at, now + 600);
}

TEST(Jwt, ToleratesClocksThatDifferALittle) {
    const Jwk key = Jwk::secret(secret_text, hs256);
    const JwtVerifier verifier{key, rules()};
    const std::string token = JwtSigner{key}.sign(claims());
    EXPECT_NO_THROW((void)verifier.verify(token, now + 659));
    EXPECT_THROW((void)verifier.verify(token, now + 660), JwtError);
    EXPECT_NO_THROW((void)verifier.verify(token, now - 60));
    EXPECT_THROW((void)verifier.verify(token, now - 61), JwtError);

    JwtRules strict = rules();
    strict.clock_skew = Duration{};
    strict.max_age = Duration::seconds(10);
    const JwtVerifier exact{key, strict};
    EXPECT_NO_THROW((void)exact.verify(token, now + 10));
    EXPECT_THROW((void)exact.verify(token, now + 11), JwtError);
    EXPECT_THROW((void)exact.verify(token, now - 1), JwtError);
}

TEST(Jwt, KeepsAccessAndRefreshTokensApart) {
    const Jwk key = Jwk::generate(eddsa);
    const JwtSigner signer{key};
    JwtRules for_refresh = rules();
    for_refresh.type = jwt_type::refresh;
    const JwtVerifier access{key, rules()};
    const JwtVerifier refresh{key, for_refresh};
    const std::string access_token = signer.sign(claims());
    const std::string refresh_token = signer.sign(claims(), jwt_type::refresh);
    EXPECT_NO_THROW((void)access.verify(access_token, now));
    EXPECT_NO_THROW((void)refresh.verify(refresh_token, now));
    for (const auto& [verifier, token] :
         {std::pair{&access, refresh_token}, {&refresh, access_token}})
        try {
            (void)verifier->verify(token, now);
            ADD_FAILURE() << "accepted";
        } catch (const JwtError& error) {
            EXPECT_EQ(error.reason(), JwtError::Reason::type);
        }
}

TEST(Jwt, TakesTokensWithoutATypeOnlyIfItIsTold) {
    const Jwk key = Jwk::secret(secret_text, hs256);
    JwtRules any = rules();
    any.type = jwt_type::any_jwt;
    const std::string untyped = forge(R"({"alg":"HS256"})", payload(), key, hs256);
    EXPECT_NO_THROW((void)JwtVerifier(key, any).verify(untyped, now));
    EXPECT_THROW((void)JwtVerifier(key, rules()).verify(untyped, now), JwtError);
}

TEST(Jwt, PicksTheKeyByItsId) {
    const Jwk old_key = Jwk::generate(es256);
    const Jwk new_key = Jwk::generate(es256);
    const JwtVerifier verifier{JwkSet{{old_key, new_key}}, rules()};
    EXPECT_NO_THROW((void)verifier.verify(JwtSigner{old_key}.sign(claims()), now));
    EXPECT_NO_THROW((void)verifier.verify(JwtSigner{new_key}.sign(claims()), now));
    EXPECT_THROW((void)verifier.verify(JwtSigner{Jwk::generate(es256)}.sign(claims()), now),
                 JwtError);
}

TEST(Jwt, UsesTheClockOfTheSystem) {
    const Jwk key = Jwk::generate(hs256);
    const JwtVerifier verifier{key, rules()};
    const JwtSigner signer{key};
    const std::string token =
        signer.sign(jwt_claims("https://login.example", "7", "api", Duration::seconds(600)));
    const JwtClaims got = verifier.verify(token);
    EXPECT_EQ(got.subject, "7");
    EXPECT_EQ(got.id.size(), 22u);
    EXPECT_THROW((void)verifier.verify(signer.sign(claims())), JwtError) << "issued in 2027";
}

TEST(Jwt, RefusesSettingsThatCanNotBeRight) {
    const Jwk secret = Jwk::secret(secret_text, hs256);
    const Jwk rsa = Jwk::from_json(Jwk::generate(rs256).public_json());
    const auto with = [](auto change) {
        JwtRules changed = rules();
        change(changed);
        return changed;
    };
    EXPECT_THROW(JwtVerifier({}, rules()), std::invalid_argument);
    EXPECT_THROW(JwtVerifier(secret, JwtRules{}), std::invalid_argument);
    EXPECT_THROW(JwtVerifier(secret, with([](JwtRules& r) { r.issuer.clear(); })),
                 std::invalid_argument);
    EXPECT_THROW(JwtVerifier(secret, with([](JwtRules& r) { r.audience.clear(); })),
                 std::invalid_argument);
    EXPECT_THROW(JwtVerifier(secret, with([](JwtRules& r) { r.type.clear(); })),
                 std::invalid_argument);
    EXPECT_THROW(
        JwtVerifier(secret, with([](JwtRules& r) { r.clock_skew = Duration::seconds(601); })),
        std::invalid_argument);
    EXPECT_THROW(JwtVerifier(secret, with([](JwtRules& r) { r.algorithms = {rs256}; })),
                 std::invalid_argument);
    EXPECT_THROW(JwtSigner{rsa}, std::invalid_argument) << "public";
    EXPECT_THROW((void)rsa.for_algorithm(ps256), std::invalid_argument);

    JwtClaims eternal = claims();
    eternal.expires_at.reset();
    EXPECT_THROW((void)JwtSigner{secret}.sign(eternal), std::invalid_argument);
    JwtClaims twice = claims();
    twice.json = R"({"sub":"admin"})";
    EXPECT_THROW((void)JwtSigner{secret}.sign(twice), std::invalid_argument);
    twice.json = "[]";
    EXPECT_THROW((void)JwtSigner{secret}.sign(twice), std::invalid_argument);
}

} // namespace
} // namespace armature::testing
