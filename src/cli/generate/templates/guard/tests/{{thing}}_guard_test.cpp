#include "{{thing}}_guard.hpp"

#include <armature/testing/client.hpp>

#include <gtest/gtest.h>

using namespace armature;

namespace {{ns}} {
namespace {

TEST({{Thing}}Guard, LetsNobodyPass) {
    TestClient client{
        App::create().route("/", get([] { return "inside"; }).guard({{Thing}}Guard{}))};
    EXPECT_EQ(client.get("/").send().status(), Status::forbidden);
}

} // namespace
} // namespace {{ns}}
