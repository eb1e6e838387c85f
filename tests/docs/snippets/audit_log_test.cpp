// The C++ of docs/audit-log.md: compiled and run here, repeated there.
#include "support/temporary_folder.hpp"

#include <armature/armature.hpp>
// [headers]
#include <armature/audit/audit_log.hpp>
#include <armature/audit/audit_requests.hpp>
// [/headers]
#include <armature/log/log.hpp>
#include <armature/middleware/request_id.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/response.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace audit_page {

using namespace armature;
using ::testing::HasSubstr;

struct Account {
    std::string name;
    int limit = 0;
    std::string password;
};
ARMATURE_DESCRIBE(Account, name, limit, password);

// [open]
AuditLog open_audit_log(const std::string& path, const SecretString& key) {
    AuditLogOptions options;
    options.signing_key = key; // openssl rand -base64 32
    options.anchor_file = path + ".anchors";
    return AuditLog{path, options};
}
// [/open]

// [append]
Task<> raise_limit(AuditLog audit, Account account) {
    Account raised = account;
    raised.limit += 100;
    AuditEvent event{"account.limit_raised"};
    event.actor("cron/limits").target("account/" + account.name).before(account).after(raised);
    co_await audit.append(std::move(event)); // on the disk when this is over
}
// [/append]

// [requests]
App bank(const AuditLog& audit) {
    return App::create()
        .wrap(RequestId{})
        .wrap(AuditRequests{audit}) // outside of guards: it sees whom they refuse
        .route("/accounts/{id}", put([](Path<int> id, Extension<AuditEvent> event) {
                   const Account before{"ana", 100, "hunter2"};
                   const Account after{"ana", 200, "hunter2"};
                   event->action("account.changed")
                       .target("account/" + std::to_string(*id))
                       .before(before)
                       .after(after);
                   return Status::no_content;
               }));
}
// [/requests]

// [download]
App for_auditors(AuditLog audit) {
    return App::create()
        .route("/audit.jsonl", get([audit] { return audit.download(); }))
        .route("/audit/anchor", post([audit]() -> Task<std::string> {
                   std::string anchor = co_await audit.anchor();
                   co_return anchor;
               }));
}
// [/download]

// [verify]
bool is_intact(const std::string& path, const std::string& public_key, std::string anchors) {
    AuditCheck check;
    check.public_key = public_key;
    check.anchors = std::move(anchors);
    const AuditVerification found = verify_audit_log(path, check);
    if (!found.is_intact) log::error("audit log", {{"why", found.why}});
    return found.is_intact;
}
// [/verify]

TEST(AuditPage, IsTrue) {
    const armature::testing::TemporaryFolder folder;
    const std::string path = folder.file("audit.db");
    const AuditLog audit =
        open_audit_log(path, SecretString{"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="});
    LocalLoop loop;
    loop.run(raise_limit(audit, Account{"ana", 100, "hunter2"}));
    TestClient client{bank(audit)};
    EXPECT_EQ(client.put("/accounts/7").send().status(), Status::no_content);
    TestClient auditor{for_auditors(audit)};
    const std::string lines{auditor.get("/audit.jsonl").send().text()};
    EXPECT_THAT(lines, HasSubstr(R"("action":"account.limit_raised","actor":"cron/limits")"));
    EXPECT_THAT(lines, HasSubstr(R"("after":{"limit":200,"name":"ana","password":"[redacted]"})"));
    const std::string anchor{auditor.post("/audit/anchor").send().text()};
    EXPECT_TRUE(is_intact(path, audit.public_key(), anchor));
}

} // namespace audit_page
