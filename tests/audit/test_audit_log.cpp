#include "audit/audit_support.hpp"

#include <armature/json/nlohmann.hpp>

#include <gmock/gmock.h>

#include <sstream>
#include <thread>
#include <vector>

namespace audit_tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

nlohmann::json line(const std::string& lines, std::size_t index) {
    std::istringstream in{lines};
    std::string text;
    for (std::size_t i = 0; i <= index; ++i)
        std::getline(in, text);
    return nlohmann::json::parse(text);
}

TEST(AuditLog, SaysWhoDidWhatToWhatAndHowItWas) {
    const TemporaryFolder folder;
    const AuditLog log{folder.file("audit.db")};
    const Account old{"Ana", 5};
    const Account now{"Ana", 7};
    EXPECT_EQ(
        await(log.append(
            AuditEvent{"account.paid"}.actor("user/1").target("account/7").before(old).after(now))),
        1u);
    EXPECT_EQ(log.append_blocking(AuditEvent{"account.deleted"}.outcome("failure")), 2u);
    const std::string lines = await(log.lines());
    const nlohmann::json first = line(lines, 0);
    EXPECT_EQ(first["seq"], 1);
    EXPECT_EQ(first["actor"], "user/1");
    EXPECT_EQ(first["action"], "account.paid");
    EXPECT_EQ(first["target"], "account/7");
    EXPECT_EQ(first["outcome"], "success");
    EXPECT_EQ(first["before"]["balance"], 5);
    EXPECT_EQ(first["after"]["balance"], 7);
    EXPECT_THAT(first["at"].get<std::string>(), ::testing::EndsWith("Z"));
    const nlohmann::json second = line(lines, 1);
    EXPECT_EQ(second["outcome"], "failure");
    EXPECT_EQ(second["before"], nullptr);
    EXPECT_EQ(second["previous"], first["hash"]);
    EXPECT_EQ(await(log.lines(1)), second.dump() + "\n") << "canonical: sorted and without blanks";
    EXPECT_EQ(await(log.lines(2)), "");
}

TEST(AuditLog, GoesOnWhereItEnded) {
    const TemporaryFolder folder;
    const std::string path = folder.file("audit.db");
    for (std::uint64_t round = 1; round <= 3; ++round) {
        const AuditLog log{path, signing()};
        EXPECT_EQ(log.append_blocking(AuditEvent{"start"}), round);
    }
    const AuditVerification found = await(AuditLog{path, signing()}.verify());
    EXPECT_TRUE(found.is_intact) << found.why;
    EXPECT_EQ(found.entries, 3u);
    EXPECT_EQ(found.anchored, 3u) << "each end of the log has an anchor";
}

TEST(AuditLog, TakesEntriesOfManyThreadsAndHandles) {
    const TemporaryFolder folder;
    const std::string path = folder.file("audit.db");
    const AuditLog one{path, signing(10)};
    const AuditLog other{path, signing(10)}; // as another process would
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&log = i % 2 == 0 ? one : other] {
            for (int n = 0; n < 25; ++n)
                (void)log.append_blocking(AuditEvent{"count"});
        });
    for (std::thread& thread : threads)
        thread.join();
    const AuditVerification found = await(one.verify());
    EXPECT_TRUE(found.is_intact) << found.why;
    EXPECT_EQ(found.entries, 100u);
    EXPECT_GE(found.anchored, 90u);
}

// On one loop, so that they are there at the same time.
TEST(AuditLog, WritesWhatComesAtOnceTogether) {
    const TemporaryFolder folder;
    const AuditLog log{folder.file("audit.db")};
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    std::vector<Task<std::uint64_t>> tasks;
    for (int i = 0; i < 200; ++i)
        tasks.push_back(log.append(AuditEvent{"count"}.target(std::to_string(i))));
    std::uint64_t expected = 0;
    for (Task<std::uint64_t>& task : tasks)
        EXPECT_EQ(loop.run(std::move(task)), ++expected) << "in their order";
    EXPECT_TRUE(loop.run(log.verify()).is_intact);
}

TEST(AuditLog, RecordsWhatNobodyAwaits) {
    const TemporaryFolder folder;
    const std::string path = folder.file("audit.db");
    {
        const AuditLog log{path};
        (void)log.append(AuditEvent{"left"});
    }
    EXPECT_EQ(await(AuditLog{path}.verify()).entries, 1u);
}

struct Nested {
    std::vector<Account> accounts;
    std::string New_Password = "";
    std::string api_key = "";
    std::string title = "";
    std::optional<std::string> accessToken{};
};
ARMATURE_DESCRIBE(Nested, accounts, New_Password, api_key, title, accessToken);

TEST(AuditLog, KeepsSecretsOut) {
    const TemporaryFolder folder;
    const std::string path = folder.file("audit.db");
    {
        const AuditLog log{path};
        Nested value;
        value.accounts.push_back({"Ana", 1, "hunter2"});
        value.New_Password = value.api_key = "hunter2";
        value.accessToken = "hunter2";
        value.title = "Dr";
        (void)log.append_blocking(AuditEvent{"signed_up"}.after(value).before(value));
        const std::string text = await(log.lines());
        EXPECT_THAT(text, Not(HasSubstr("hunter2")));
        const nlohmann::json after = line(text, 0)["after"];
        EXPECT_EQ(after["accounts"][0]["password"], "[redacted]");
        EXPECT_EQ(after["New_Password"], "[redacted]");
        EXPECT_EQ(after["api_key"], "[redacted]");
        EXPECT_EQ(after["accessToken"], "[redacted]");
        EXPECT_EQ(after["title"], "Dr");
    }
    EXPECT_EQ(armature::testing::shell("grep -c hunter2 " + path + "*").status, 1)
        << "nowhere in the file";
    AuditLogOptions own;
    own.secrets = {"Tit-le"};
    const AuditLog other{folder.file("other.db"), own};
    Nested value;
    value.title = "Dr";
    value.api_key = "shown";
    (void)other.append_blocking(AuditEvent{"signed_up"}.after(value));
    const nlohmann::json after = line(await(other.lines()), 0)["after"];
    EXPECT_EQ(after["title"], "[redacted]");
    EXPECT_EQ(after["api_key"], "shown");
}

TEST(AuditLog, KeepsTextsOfAnyBytes) {
    using namespace std::string_literals;
    const TemporaryFolder folder;
    const AuditLog log{folder.file("audit.db")};
    (void)log.append_blocking(AuditEvent{"a\n\"b\"\0c\xff"s}.target("Zo\u00eb \U0001F600"));
    EXPECT_TRUE(await(log.verify()).is_intact);
    const nlohmann::json entry = line(await(log.lines()), 0);
    EXPECT_EQ(entry["action"], "a\n\"b\"\0c\uFFFD"s);
    EXPECT_EQ(entry["target"], "Zo\u00eb \U0001F600");
}

TEST(AuditLog, RefusesOptionsThatCantBeRight) {
    const TemporaryFolder folder;
    const std::string path = folder.file("audit.db");
    const auto open = [&](auto change) {
        AuditLogOptions options = signing();
        change(options);
        return AuditLog{path, options};
    };
    EXPECT_THROW(open([](auto& o) { o.signing_key = SecretString{"c2hvcnQ="}; }),
                 std::invalid_argument);
    EXPECT_THROW(open([](auto& o) { o.signing_key = SecretString{"no base64"}; }),
                 std::invalid_argument);
    EXPECT_THROW(open([](auto& o) { o.anchor_every = 0; }), std::invalid_argument);
    EXPECT_THROW(open([](auto& o) { o.secrets = {"_"}; }), std::invalid_argument);
    EXPECT_THROW(open([](auto& o) {
                     o.signing_key = SecretString{};
                     o.anchor_file = "anchors";
                 }),
                 std::invalid_argument);
    EXPECT_THROW((AuditLog{folder.file("no/such/folder")}), AuditLogError);
    const AuditLog without{path};
    EXPECT_THROW((void)without.anchor(), std::logic_error);
    EXPECT_THROW((void)without.append(AuditEvent{""}), std::invalid_argument);
    EXPECT_THROW((void)verify_audit_log(path, {.public_key = "short", .anchors = ""}),
                 std::invalid_argument);
    EXPECT_THROW((void)verify_audit_log(path, {.public_key = "", .anchors = "{}"}),
                 std::invalid_argument);
}

} // namespace
} // namespace audit_tests
