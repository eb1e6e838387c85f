#include "{{thing}}.hpp"

#include <armature/testing/client.hpp>

#include <gtest/gtest.h>

using namespace armature;

namespace {{ns}} {
namespace {

TEST({{Thing}}, IsPassedByResponsesAndErrors) {
    TestClient client{
        App::create().wrap({{Thing}}{}).route("/", get([] { return "content"; }))};
    const TestResponse response = client.get("/").send();
    EXPECT_EQ(response.text(), "content");
    EXPECT_EQ(response.header("x-{{kebab}}"), "passed");
    EXPECT_EQ(client.get("/nothing").send().header("x-{{kebab}}"), "passed");
}

} // namespace
} // namespace {{ns}}
