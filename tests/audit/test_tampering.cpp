// What somebody with SQLite's own tool does to a log is found.
#include "audit/audit_support.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace audit_tests {
namespace {

using ::testing::HasSubstr;

constexpr const char* off = "DROP TRIGGER IF EXISTS armature_audit_keeps;"
                            "DROP TRIGGER IF EXISTS armature_audit_keeps_all;";

// Twelve entries with anchors at the 5th, the 10th and the last.
class Tampering : public ::testing::Test {
  protected:
    void SetUp() override {
        ARMATURE_NEEDS_SQLITE3();
        AuditLogOptions options = signing(5);
        options.anchor_file = folder_.file("anchors.jsonl");
        const AuditLog log{path_, options};
        for (int i = 1; i <= 12; ++i) {
            const Account before{"Ana", i};
            const Account after{"Ana", i + 1};
            (void)log.append_blocking(AuditEvent{"account.paid"}
                                          .actor("user/" + std::to_string(i))
                                          .target("account/1")
                                          .before(before)
                                          .after(after));
        }
        key_ = log.public_key();
    }
    [[nodiscard]] AuditVerification check(bool has_file = true) const {
        return verify_audit_log(path_,
                                {.public_key = key_, .anchors = has_file ? anchors_in_file() : ""});
    }
    [[nodiscard]] std::string anchors_in_file() const {
        std::ifstream file{folder_.file("anchors.jsonl")};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    // A copy of the log, changed.
    [[nodiscard]] AuditVerification check_changed(const std::string& sql) const {
        const TemporaryFolder copies;
        const std::string copy = copies.file("audit.db");
        EXPECT_EQ(sqlite3_tool(path_, "VACUUM INTO '" + copy + "'").status, 0);
        const auto done = sqlite3_tool(copy, off + sql);
        EXPECT_EQ(done.status, 0) << done.output;
        return verify_audit_log(copy, {.public_key = key_, .anchors = ""});
    }
    void run(const std::string& sql) const {
        const auto done = sqlite3_tool(path_, off + sql);
        ASSERT_EQ(done.status, 0) << done.output;
    }

    TemporaryFolder folder_;
    const std::string path_ = folder_.file("audit.db");
    std::string key_;
};

TEST_F(Tampering, IsRefusedAsLongAsTheTriggersAreThere) {
    for (const char* const sql : {"UPDATE armature_audit SET actor = 'nobody' WHERE seq = 3",
                                  "DELETE FROM armature_audit"}) {
        const auto done = sqlite3_tool(path_, sql);
        EXPECT_NE(done.status, 0);
        EXPECT_THAT(done.output, HasSubstr("an audit log only grows"));
    }
    const AuditVerification found = check();
    EXPECT_TRUE(found.is_intact) << found.why;
    EXPECT_EQ(found.entries, 12u);
    EXPECT_EQ(found.anchored, 12u);
}

TEST_F(Tampering, WithAnyColumnIsFound) {
    for (const char* const column :
         {"at", "actor", "action", "target", "outcome", "address", "method", "route", "request_id",
          "trace_id", "before", "after", "previous", "hash"}) {
        const std::string name = std::string{'"'} + column + '"';
        // JSON stays JSON, and of the others the last character changes.
        const AuditVerification found =
            check_changed("UPDATE armature_audit SET " + name + " = CASE WHEN " + name +
                          " LIKE '{%' THEN replace(" + name + ", 'Ana', 'Bob') WHEN " + name +
                          " LIKE '%0' THEN substr(" + name + ", 1, length(" + name +
                          ") - 1) || '1' ELSE substr(" + name + ", 1, length(" + name +
                          ") - 1) || '0' END WHERE seq = 7");
        EXPECT_FALSE(found.is_intact) << column;
        EXPECT_EQ(found.broken_at, 7u) << column;
        EXPECT_EQ(found.entries, 6u) << column;
        EXPECT_THAT(found.why, HasSubstr("Entry 7 was changed")) << column;
    }
}

TEST_F(Tampering, ByBlanksInJsonIsFound) {
    run("UPDATE armature_audit SET \"after\" = replace(\"after\", ':', ': ') WHERE seq = 4");
    EXPECT_EQ(check().broken_at, 4u);
}

TEST_F(Tampering, ByLeavingEntriesOutIsFound) {
    const struct {
        const char* sql;
        std::uint64_t broken_at;
    } table[] = {
        {"DELETE FROM armature_audit WHERE seq = 1", 1},
        {"DELETE FROM armature_audit WHERE seq = 6", 6},
        {"DELETE FROM armature_audit WHERE seq BETWEEN 3 AND 9", 3},
        // …and closing the gap.
        {"DELETE FROM armature_audit WHERE seq = 6;"
         "UPDATE armature_audit SET seq = seq - 1 WHERE seq > 6",
         6},
        {"DELETE FROM armature_audit", 1},
    };
    for (const auto& row : table)
        EXPECT_EQ(check_changed(row.sql).broken_at, row.broken_at) << row.sql;
}

TEST_F(Tampering, WithTheOrderIsFound) {
    run("UPDATE armature_audit SET seq = 1000 WHERE seq = 4;"
        "UPDATE armature_audit SET seq = 4 WHERE seq = 5;"
        "UPDATE armature_audit SET seq = 5 WHERE seq = 1000");
    EXPECT_EQ(check().broken_at, 4u);
}

TEST_F(Tampering, ByAddingEntriesIsFound) {
    run("INSERT INTO armature_audit SELECT 13, at, actor, action, target, outcome, address, "
        "method, route, request_id, trace_id, \"before\", \"after\", previous, hash FROM "
        "armature_audit WHERE seq = 12");
    EXPECT_EQ(check().broken_at, 13u);
    run("DELETE FROM armature_audit WHERE seq = 13;"
        "UPDATE armature_audit SET seq = 0 WHERE seq = 1");
    EXPECT_EQ(check().broken_at, 1u);
}

// The hashes of a shorter log are right: only an anchor knows that there was more.
TEST_F(Tampering, ByCuttingTheTailIsFoundByAnAnchor) {
    run("DELETE FROM armature_audit WHERE seq > 11");
    AuditVerification found = check(false);
    EXPECT_EQ(found.broken_at, 12u) << "by the anchor in the database";
    EXPECT_THAT(found.why, HasSubstr("Entry 12 is missing: the log had 12 entries at "));
    run("DELETE FROM armature_audit_anchors WHERE seq > 11");
    EXPECT_TRUE(check(false).is_intact) << "without an anchor elsewhere nobody can know";
    found = check();
    EXPECT_EQ(found.broken_at, 12u) << "by the anchor in the file";
    EXPECT_EQ(found.anchored, 10u);
}

// Who can compute hashes can write a chain of their own, but not sign it.
TEST_F(Tampering, ByWritingEverythingAnewIsFoundByAnAnchor) {
    const TemporaryFolder other;
    const std::string forged = other.file("audit.db");
    {
        const AuditLog log{forged};
        for (int i = 1; i <= 12; ++i)
            (void)log.append_blocking(AuditEvent{"account.paid"}.actor("nobody"));
    }
    EXPECT_TRUE(verify_audit_log(forged, {}).is_intact);
    const AuditVerification found =
        verify_audit_log(forged, {.public_key = key_, .anchors = anchors_in_file()});
    EXPECT_FALSE(found.is_intact);
    EXPECT_EQ(found.broken_at, 1u);
    EXPECT_THAT(found.why, HasSubstr("entry 5 isn't the one that was anchored"));

    const auto moved = sqlite3_tool(forged, "ATTACH '" + path_ +
                                                "' AS real; INSERT INTO armature_audit_anchors "
                                                "SELECT * FROM real.armature_audit_anchors");
    ASSERT_EQ(moved.status, 0) << moved.output;
    EXPECT_FALSE(verify_audit_log(forged, {.public_key = key_, .anchors = ""}).is_intact);
}

TEST_F(Tampering, WithAnchorsIsFound) {
    // Another first character, whatever it was.
    const auto changed = [](const std::string& column) {
        return column + " = CASE WHEN " + column + " LIKE 'a%' THEN 'b' ELSE 'a' END || substr(" +
               column + ", 2)";
    };
    for (const std::string& change :
         {changed("hash"), std::string{"seq = 6"}, std::string{"at = '2001-01-01T00:00:00.000Z'"},
          changed("signature"), std::string{"key = 'other'"}}) {
        const AuditVerification found =
            check_changed("UPDATE armature_audit_anchors SET " + change + " WHERE seq = 5");
        EXPECT_FALSE(found.is_intact) << change;
        EXPECT_THAT(found.why, HasSubstr("has an anchor that this key didn't sign")) << change;
    }
    EXPECT_THROW((void)verify_audit_log(path_, {.public_key = key_, .anchors = "{\"seq\":1}\n"}),
                 AuditLogError);
}

} // namespace
} // namespace audit_tests
