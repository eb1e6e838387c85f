#include "{{thing}}_module.hpp"

#include <armature/testing/client.hpp>

#include <gtest/gtest.h>

using namespace armature;

namespace {{ns}} {
namespace {

TEST({{Thing}}Module, ServesItsRoutes) {
    TestClient client{App::create().imports({{thing}}_module)};
    EXPECT_EQ(client.get("/{{path}}").send().text(), "{{title}}");
}

} // namespace
} // namespace {{ns}}
