#include "server/server_app.hpp"
#include "support/process.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace armature::testing {
namespace {

// The attacks of the program slowhttptest, a few seconds each, while an honest client is served.
void withstand(const std::string& kind, const std::string& target) {
    Counters counters;
    ServerOptions options = TestServer::quiet();
    options.limits.header_timeout = Duration::seconds(2);
    options.limits.transfer_grace = Duration::seconds(2);
    const TestServer server{make_server_app(counters), options};
    Process attacker{
        {"bash", "-c",
         "exec slowhttptest " + kind + " -c 300 -r 150 -l 8 -p 3 -u " + server.url(target)}};
    std::thread waiter{[&] { attacker.wait(); }};
    int served = 0;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{7};
    while (std::chrono::steady_clock::now() < end) {
        EXPECT_EQ(RawClient{server.address()}.get("/sleep/20").response().body, "slept");
        ++served;
    }
    waiter.join();
    EXPECT_GT(served, 0); // how many depends on the machine
    EXPECT_EQ(attacker.output().find("service unavailable"), std::string::npos);
}

TEST(SlowHttpTest, SlowHeads) { withstand("-H -i 1", "/"); }
TEST(SlowHttpTest, SlowContent) { withstand("-B -i 1 -s 100000 -t POST", "/count"); }
TEST(SlowHttpTest, RangeAttack) { withstand("-R", "/sparse/1000000"); }
TEST(SlowHttpTest, SlowReading) { withstand("-X -n 1 -w 10 -y 20 -z 32 -k 3", "/sparse/1000000"); }

} // namespace
} // namespace armature::testing
