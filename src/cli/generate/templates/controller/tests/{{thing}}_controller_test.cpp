#include "{{thing}}_controller.hpp"

#include <armature/testing/client.hpp>

#include <gtest/gtest.h>

using namespace armature;

namespace {{ns}} {
namespace {

TEST({{Thing}}Controller, Answers) {
    TestClient client{App::create().controller<{{Thing}}Controller>()};
    {{actions.checks}}
    EXPECT_EQ(client.get("/{{path}}/nothing").send().status(), Status::not_found);
}

} // namespace
} // namespace {{ns}}
