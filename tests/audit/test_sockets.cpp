// Requests by curl, and the log that they leave behind, checked by Node.js.
#include "audit/audit_support.hpp"
#include "support/test_server.hpp"

#include <armature/app/app.hpp>
#include <armature/audit/audit_requests.hpp>
#include <armature/auth/principal.hpp>
#include <armature/json/nlohmann.hpp>
#include <armature/middleware/request_id.hpp>
#include <armature/observability/tracing.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <sstream>
#include <vector>

namespace audit_tests {
namespace {

using armature::testing::run;
using armature::testing::TestServer;
using ::testing::HasSubstr;

// Knows who comes by a field: it stands for any guard that attaches a principal.
void know(Request& request) {
    const auto name = request.header("x-test-user");
    if (!name) throw Error::unauthorized();
    Principal principal;
    principal.subject = std::string{*name};
    request.set(std::move(principal));
}

Application application(const AuditLog& log) {
    return App::create()
        .wrap(RequestId{})
        .wrap(Tracing{Tracer{TracerOptions{}}})
        .wrap(AuditRequests{log})
        .guard(&know)
        .route("/accounts/{id}", get([](Path<int>) { return "read"; })
                                     .put([](Path<int> id, Extension<AuditEvent> audit) {
                                         const Account before{"Ana", 1, "hunter2"};
                                         const Account after{"Ana", 2, "hunter3"};
                                         audit->action("account.changed")
                                             .target("account/" + std::to_string(*id))
                                             .before(before)
                                             .after(after);
                                         return "changed";
                                     })
                                     .delete_([](Path<int>) -> std::string {
                                         throw Error::conflict("It isn't empty");
                                     }))
        .build();
}

std::vector<nlohmann::json> entries_of(const AuditLog& log) {
    std::istringstream in{await(log.lines())};
    std::vector<nlohmann::json> entries;
    for (std::string line; std::getline(in, line);)
        entries.push_back(nlohmann::json::parse(line));
    return entries;
}

TEST(AuditRequests, RecordWhoSentWhatOverBothProtocols) {
    const TemporaryFolder folder;
    const AuditLog log{folder.file("audit.db"), signing()};
    const TestServer server{application(log)};
    const auto curl = [&](std::vector<std::string> options, const std::string& target) {
        std::vector<std::string> command{"curl", "-sSi", "--max-time", "60"};
        command.insert(command.end(), options.begin(), options.end());
        command.push_back(server.url(target));
        return run(std::move(command)).output;
    };
    EXPECT_THAT(curl({"-H", "X-Test-User: ana"}, "/accounts/7"), HasSubstr("read"));
    const std::string changed = curl({"-X", "PUT", "-H", "X-Test-User: ana", "-H",
                                      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-"
                                      "b7ad6b7169203331-01"},
                                     "/accounts/7?token=hunter4");
    EXPECT_THAT(changed, HasSubstr("200 OK"));
    EXPECT_THAT(curl({"-X", "DELETE", "-H", "X-Test-User: eve"}, "/accounts/7"), HasSubstr("409"));
    EXPECT_THAT(curl({"-X", "DELETE"}, "/accounts/7"), HasSubstr("401"));
    EXPECT_THAT(
        curl({"--http2-prior-knowledge", "-X", "PUT", "-H", "X-Test-User: bob"}, "/accounts/8"),
        HasSubstr("HTTP/2 200"));

    const std::vector<nlohmann::json> entries = entries_of(log);
    ASSERT_EQ(entries.size(), 4u) << "reading changes nothing";
    EXPECT_EQ(entries[0]["actor"], "ana");
    EXPECT_EQ(entries[0]["action"], "account.changed");
    EXPECT_EQ(entries[0]["target"], "account/7");
    EXPECT_EQ(entries[0]["outcome"], "200");
    EXPECT_EQ(entries[0]["method"], "PUT");
    EXPECT_EQ(entries[0]["route"], "/accounts/{id}");
    EXPECT_EQ(entries[0]["address"], "127.0.0.1");
    EXPECT_EQ(entries[0]["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    EXPECT_THAT(changed, HasSubstr(entries[0]["request_id"].get<std::string>()))
        << "what the client was told";
    EXPECT_EQ(entries[0]["before"]["password"], "[redacted]");
    EXPECT_EQ(entries[1]["actor"], "eve");
    EXPECT_EQ(entries[1]["action"], "DELETE /accounts/{id}");
    EXPECT_EQ(entries[1]["outcome"], "409");
    EXPECT_EQ(entries[2]["actor"], "");
    EXPECT_EQ(entries[2]["outcome"], "401");
    EXPECT_EQ(entries[3]["actor"], "bob");
    EXPECT_THAT(await(log.lines()), ::testing::Not(HasSubstr("hunter")));
    EXPECT_TRUE(await(log.verify()).is_intact);
}

TEST(AuditRequests, TellNobodyWhatIsntRecorded) {
    ARMATURE_NEEDS_SQLITE3();
    const TemporaryFolder folder;
    const std::string path = folder.file("audit.db");
    const AuditLog log{path};
    const TestServer server{application(log)};
    ASSERT_EQ(sqlite3_tool(path, "DROP TABLE armature_audit").status, 0);
    const auto answer =
        run({"curl", "-sSi", "-X", "PUT", "-H", "X-Test-User: ana", server.url("/accounts/7")});
    EXPECT_THAT(answer.output, HasSubstr("503 Service Unavailable"));
    EXPECT_THAT(answer.output, HasSubstr("application/problem+json"));
    EXPECT_THAT(answer.output, ::testing::Not(HasSubstr("armature_audit")));
}

TEST(AuditRequests, AreRecordedWhenTheClientLeaves) {
    const TemporaryFolder folder;
    const AuditLog log{folder.file("audit.db")};
    std::atomic<bool> has_begun{false};
    const TestServer server{App::create()
                                .wrap(AuditRequests{log})
                                .route("/slow", post([&](Extension<AuditEvent> audit) -> Task<> {
                                           audit->action("slow");
                                           has_begun = true;
                                           co_await sleep_for(Duration::seconds(3600));
                                       }))
                                .build()};
    armature::testing::Process client{{"curl", "-sS", "-X", "POST", server.url("/slow")}};
    ASSERT_TRUE(armature::testing::eventually([&] { return has_begun.load(); }));
    client.signal(SIGKILL);
    client.wait();
    ASSERT_TRUE(armature::testing::eventually([&] { return !entries_of(log).empty(); }));
    EXPECT_EQ(entries_of(log)[0]["outcome"], "cancelled");
    EXPECT_EQ(entries_of(log)[0]["action"], "slow");
}

TEST(AuditLog, IsCheckedByProgramsOfOthers) {
    if (armature::testing::shell("command -v node >/dev/null").status != 0)
        GTEST_SKIP() << "needs node: apt-get install nodejs";
    const TemporaryFolder folder;
    const AuditLog log{folder.file("audit.db"), signing(500)};
    const TestServer server{
        App::create().route("/audit", get([log] { return log.download(); })).build()};
    for (int i = 1; i <= 2500; ++i) { // in several pieces
        AuditEvent event{"count"};
        event.actor("Zo\u00eb \"\\\n\U0001F600")
            .after(std::vector<double>{1e-7, 1e21, 0.1, i / 3.0});
        event.before(std::vector<std::int64_t>{i, 9007199254740993});
        (void)log.append(std::move(event)); // behind each other
    }
    (void)log.append_blocking(AuditEvent{"last"});
    const std::string anchors = await(log.anchor());
    const std::string export_path = folder.file("audit.jsonl");
    const auto fetched =
        run({"curl", "-sS", "--http2-prior-knowledge", "-o", export_path, server.url("/audit")});
    ASSERT_EQ(fetched.status, 0) << fetched.output;
    write_file(folder.file("anchors.jsonl"), anchors);
    const auto check = [&] {
        return run(
            {"node", VERIFY_SCRIPT, export_path, folder.file("anchors.jsonl"), log.public_key()});
    };
    const auto right = check();
    EXPECT_EQ(right.status, 0);
    EXPECT_THAT(right.output, HasSubstr("2501 entries are right"));
    ASSERT_EQ(armature::testing::shell("sed -i '1234s/count/Count/' " + export_path).status, 0);
    EXPECT_THAT(check().output, HasSubstr("entry 1234 was changed"));
}

} // namespace
} // namespace audit_tests
