#include <armature/webhooks/key.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace armature {
namespace {

// A message that the library of Standard Webhooks signed.
constexpr std::string_view secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::int64_t timestamp = 1614265330;
constexpr std::string_view body = R"({"test": 2432232314})";
constexpr std::string_view signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

// RFC 8032 §7.1, the first test: the seed and its public key.
constexpr std::string_view private_text = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
constexpr std::string_view public_text = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

TEST(WebhookKey, SignsAsTheSpecificationsLibraryDoes) {
    EXPECT_EQ(WebhookKey{secret}.sign(id, timestamp, body), signature);
}

TEST(WebhookKey, VerifiesWhatItSigned) {
    const WebhookKey key{secret};
    EXPECT_TRUE(key.verify(signature, id, timestamp, body));
    const std::string several =
        "v1,AAAA v2,x v1a," + std::string(88, 'A') + ' ' + std::string{signature};
    EXPECT_TRUE(key.verify(several, id, timestamp, body)) << "one of several is enough";
}

TEST(WebhookKey, RefusesWhatItDidNotSign) {
    const WebhookKey key{secret};
    EXPECT_FALSE(key.verify(signature, "msg_other", timestamp, body));
    EXPECT_FALSE(key.verify(signature, id, timestamp + 1, body));
    EXPECT_FALSE(key.verify(signature, id, timestamp, "{}"));
    EXPECT_FALSE(key.verify(signature, id, timestamp, std::string{body} + ' '));
    EXPECT_FALSE(
        WebhookKey{WebhookKey::generate().expose()}.verify(signature, id, timestamp, body));
    const std::string value{signature.substr(3)};
    for (const std::string& wrong :
         {std::string{}, std::string{" "}, std::string{","}, std::string{"v1"}, std::string{"v1,"},
          value, "v1a," + value, "v2," + value, "V1," + value, "v1,," + value, "v1," + value + "=",
          "v1," + value.substr(0, 43), "v1, " + value, "v1,\t" + value, "v1," + value.substr(1),
          "v1,G0" + value.substr(2)})
        EXPECT_FALSE(key.verify(wrong, id, timestamp, body)) << wrong;
}

TEST(WebhookKey, LooksAtALimitedNumberOfSignatures) {
    std::string many;
    for (int i = 0; i < 16; ++i)
        many += "v1,AAAA ";
    EXPECT_FALSE(WebhookKey{secret}.verify(many + std::string{signature}, id, timestamp, body));
}

TEST(WebhookKey, SignsWithEd25519) {
    const WebhookKey key{private_text};
    EXPECT_EQ(key.public_text(), public_text);
    const WebhookKey verifier{public_text};
    EXPECT_FALSE(verifier.can_sign());
    const std::string signed_by_it = key.sign(id, timestamp, body);
    EXPECT_TRUE(signed_by_it.starts_with("v1a,"));
    EXPECT_TRUE(verifier.verify(signed_by_it, id, timestamp, body));
    EXPECT_TRUE(key.verify(signed_by_it, id, timestamp, body));
    EXPECT_FALSE(verifier.verify(signed_by_it, id, timestamp + 1, body));
    EXPECT_FALSE(verifier.verify("v1," + signed_by_it.substr(4), id, timestamp, body));
    EXPECT_FALSE(verifier.verify(std::string{signature}, id, timestamp, body));
    EXPECT_THROW((void)verifier.sign(id, timestamp, body), std::logic_error);
    EXPECT_THROW((void)WebhookKey{secret}.public_text(), std::logic_error);
}

// The public key is no secret: it mustn't do as the key of the other algorithm.
TEST(WebhookKey, DoesNotMixUpAlgorithms) {
    const std::string as_hmac = "whsec_" + std::string{public_text.substr(5)};
    const std::string forged = WebhookKey{as_hmac}.sign(id, timestamp, body);
    EXPECT_FALSE(WebhookKey{public_text}.verify(forged, id, timestamp, body));
    EXPECT_FALSE(WebhookKey{public_text}.verify("v1a" + forged.substr(2), id, timestamp, body));
}

TEST(WebhookKey, IsMadeAtRandom) {
    const SecretString one = WebhookKey::generate();
    EXPECT_NE(one.expose(), WebhookKey::generate().expose());
    EXPECT_TRUE(WebhookKey{one.expose()}.can_sign());
    EXPECT_EQ(one.expose().size(), 6U + 44U);
}

TEST(WebhookKey, RefusesTextThatIsNone) {
    const std::string base64_24(32, 'A');
    EXPECT_NO_THROW(WebhookKey{"whsec_" + base64_24});
    for (const std::string& text :
         {std::string{}, std::string{"whsec_"}, base64_24, "whsec_" + std::string(28, 'A'),
          "whsec_" + std::string(88, 'A'), "whsec_" + base64_24.substr(1), "WHSEC_" + base64_24,
          "whsec_" + base64_24 + "\n", "whsec_ " + base64_24, "whsec_" + std::string(31, 'A') + '-',
          "whsk_" + base64_24, "whpk_" + base64_24, "whxx_" + base64_24,
          std::string{private_text.substr(0, private_text.size() - 1)} + 'A',
          // The second half is no key of the first.
          "whsk_" + std::string(86, 'A') + "=="}) {
        try {
            const WebhookKey key{text};
            ADD_FAILURE() << text;
        } catch (const std::invalid_argument& error) {
            EXPECT_EQ(std::string{error.what()}.find(base64_24), std::string::npos)
                << "a key is never in a message";
        }
    }
}

} // namespace
} // namespace armature
