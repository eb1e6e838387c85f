#include "support/process.hpp"
#include "support/test_server.hpp"
#include "websocket/websocket_app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

// The package `ws` of Node.js, installed into the build folder when it isn't there.

namespace armature::ws::testing {
namespace {

using armature::testing::Ran;
using armature::testing::run;
using armature::testing::shell;
using armature::testing::TestServer;

TEST(WsClient, AgreesWithTheServer) {
    const std::string sources = WEBSOCKET_CLIENTS;
    const std::string installed = WEBSOCKET_CLIENTS_INSTALLED;
    ASSERT_EQ(shell("node --version && npm --version").status, 0)
        << "this test needs Node.js and npm (Debian: nodejs npm)";
    if (!std::filesystem::exists(installed + "/node_modules/ws")) {
        const Ran npm = shell("mkdir -p '" + installed + "' && cd '" + installed + "' && cp '" +
                              sources + "/'{package.json,package-lock.json,.npmrc} . && npm ci");
        ASSERT_EQ(npm.status, 0) << npm.output;
    }
    Seen seen;
    TestServer server{make_websocket_app(seen).build()};
    ::setenv("NODE_PATH", (installed + "/node_modules").c_str(), 1);
    const Ran ran = run({"node", sources + "/interop.cjs", "ws://" + server.address()});
    EXPECT_EQ(ran.status, 0) << ran.output;
    EXPECT_THAT(ran.output, ::testing::HasSubstr("held: brings a room together"));
}

} // namespace
} // namespace armature::ws::testing
