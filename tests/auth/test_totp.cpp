#include "auth/base32.hpp"
#include "support/process.hpp"

#include <armature/auth/totp.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace armature::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

SecretString base32(std::string_view key) { return SecretString{auth::to_base32(key)}; }

TotpOptions with(TotpHash hash, unsigned digits = 6) {
    TotpOptions options;
    options.hash = hash;
    options.digits = digits;
    return options;
}

TEST(Totp, MakesTheCodesOfRfc6238AppendixB) {
    const std::string digits = "1234567890";
    struct Row {
        std::int64_t time;
        std::string sha1, sha256, sha512;
    };
    const Row rows[] = {
        {59, "94287082", "46119246", "90693936"},
        {1111111109, "07081804", "68084774", "25091201"},
        {1111111111, "14050471", "67062674", "99943326"},
        {1234567890, "89005924", "91819424", "93441116"},
        {2000000000, "69279037", "90698825", "38618901"},
        {20000000000, "65353130", "77737706", "47863826"},
    };
    std::string key;
    while (key.size() < 64)
        key += digits;
    for (const Row& row : rows) {
        EXPECT_EQ(Totp{with(TotpHash::sha1, 8)}.code_at(base32(key.substr(0, 20)), row.time),
                  row.sha1);
        EXPECT_EQ(Totp{with(TotpHash::sha256, 8)}.code_at(base32(key.substr(0, 32)), row.time),
                  row.sha256);
        EXPECT_EQ(Totp{with(TotpHash::sha512, 8)}.code_at(base32(key.substr(0, 64)), row.time),
                  row.sha512);
    }
}

TEST(Totp, ToleratesClocksThatDifferALittle) {
    const Totp totp;
    const SecretString secret = Totp::make_secret();
    constexpr std::int64_t now = 1'800'000'015;
    constexpr std::int64_t step = now / 30;
    EXPECT_EQ(totp.verify(secret, totp.code_at(secret, now), {}, now), step);
    EXPECT_EQ(totp.verify(secret, totp.code_at(secret, now - 30), {}, now), step - 1);
    EXPECT_EQ(totp.verify(secret, totp.code_at(secret, now + 30), {}, now), step + 1);
    EXPECT_EQ(totp.verify(secret, totp.code_at(secret, now - 60), {}, now), std::nullopt);
    EXPECT_EQ(totp.verify(secret, totp.code_at(secret, now + 60), {}, now), std::nullopt);
}

TEST(Totp, RefusesACodeThatWasUsed) {
    const Totp totp;
    const SecretString secret = Totp::make_secret();
    constexpr std::int64_t now = 1'800'000'015;
    const std::string code = totp.code_at(secret, now);
    const auto step = totp.verify(secret, code, {}, now);
    ASSERT_TRUE(step);
    EXPECT_EQ(totp.verify(secret, code, step, now), std::nullopt);
    EXPECT_EQ(totp.verify(secret, code, step, now + 30), std::nullopt) << "still in the window";
    EXPECT_EQ(totp.verify(secret, totp.code_at(secret, now - 30), step, now), std::nullopt)
        << "an older one";
    EXPECT_EQ(totp.verify(secret, totp.code_at(secret, now + 30), step, now + 30), *step + 1);
}

TEST(Totp, RefusesWhatIsNoCode) {
    const Totp totp;
    const SecretString secret = Totp::make_secret();
    const std::string code = totp.code_at(secret, 1'800'000'000);
    for (const std::string& wrong :
         {std::string{}, code.substr(1), code + "0", " " + code.substr(1), "0" + code,
          std::string(6, '\0'), std::string(1'000, '0')})
        EXPECT_EQ(totp.verify(secret, wrong, {}, 1'800'000'000), std::nullopt) << wrong;
}

TEST(Totp, ReadsSecretsAsPeopleWriteThem) {
    const Totp totp;
    EXPECT_EQ(totp.code_at(SecretString{std::string{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}}, 59),
              "287082");
    EXPECT_EQ(
        totp.code_at(SecretString{std::string{"gezd gnbv gy3t qojq gezd gnbv gy3t qojq"}}, 59),
        "287082");
    for (const std::string wrong : {"", "1", "GEZDGNB!", "A"})
        EXPECT_THROW((void)totp.code_at(SecretString{std::string{wrong}}, 59),
                     std::invalid_argument)
            << wrong;
}

TEST(Totp, TellsAppsWhatToDo) {
    const std::string uri =
        Totp{}
            .uri("Shop & Co", "a@example.com", SecretString{std::string{"GEZDGNBVGY3TQOJQ"}})
            .expose();
    EXPECT_EQ(uri, "otpauth://totp/Shop%20%26%20Co:a%40example.com?secret=GEZDGNBVGY3TQOJQ"
                   "&issuer=Shop%20%26%20Co&algorithm=SHA1&digits=6&period=30");
}

TEST(Totp, RefusesSettingsThatCanNotBeRight) {
    EXPECT_THROW(Totp(with(TotpHash::sha1, 5)), std::invalid_argument);
    EXPECT_THROW(Totp(with(TotpHash::sha1, 9)), std::invalid_argument);
    TotpOptions options;
    options.period = 0;
    EXPECT_THROW(Totp{options}, std::invalid_argument);
    options = {};
    options.window = 3;
    EXPECT_THROW(Totp{options}, std::invalid_argument);
}

TEST(Totp, AgreesWithOathtool) {
    if (shell("command -v oathtool").status != 0) GTEST_SKIP() << "oathtool is not installed";
    const SecretString secret = Totp::make_secret();
    const auto theirs = [&](const std::string& hash) {
        return run({"oathtool", "--totp=" + hash, "--base32", "--digits=8",
                    "--now=2026-05-04 12:34:56 UTC", secret.expose()})
            .output;
    };
    constexpr std::int64_t time = 1'777'898'096;
    EXPECT_EQ(Totp{with(TotpHash::sha1, 8)}.code_at(secret, time) + "\n", theirs("sha1"));
    EXPECT_EQ(Totp{with(TotpHash::sha256, 8)}.code_at(secret, time) + "\n", theirs("sha256"));
    EXPECT_EQ(Totp{with(TotpHash::sha512, 8)}.code_at(secret, time) + "\n", theirs("sha512"));
}

} // namespace
} // namespace armature::testing
