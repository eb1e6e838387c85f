#include "{{thing}}_service.hpp"

#include <armature/armature.hpp>
#include <armature/di/di.hpp>
#include <armature/testing/client.hpp>

#include <gtest/gtest.h>

using namespace armature;

namespace {{ns}} {
namespace {

TEST({{Thing}}Service, IsInjected) {
    TestClient client{App::create().provide<{{Thing}}Service>().route(
        "/", get([](Inject<{{Thing}}Service> service) { return service->describe(); }))};
    EXPECT_EQ(client.get("/").send().text(), "{{title}}");
}

} // namespace
} // namespace {{ns}}
