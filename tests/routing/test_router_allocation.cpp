#include <armature/routing/router.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

namespace {
thread_local std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace armature {
namespace {

TEST(Router, AllocatesNothingToMatch) {
    RouterBuilder builder;
    builder.add(Method::get, "/users/all", 0);
    builder.add(Method::get, "/users/{id:uint}", 1);
    builder.add(Method::get, "/users/{name}/posts/:post", 2);
    builder.add(Method::get, "/files/*rest", 3);
    const Router router = builder.build(TrailingSlash::redirect);

    const std::size_t before = allocations;
    EndpointId sum = 0;
    PathParams params;
    for (const char* path : {"/users/all", "/users/7", "/users/ann/posts/1", "/files/a/b"}) {
        sum += router.match(path, params)->resolve(Method::get);
    }
    const bool is_unknown = router.match("/users/ann/posts", params) == nullptr;
    const bool has_other = router.match_other_slash("/users/all/") != nullptr;
    const std::size_t after = allocations;

    EXPECT_EQ(after, before);
    EXPECT_EQ(sum, 6u);
    EXPECT_TRUE(is_unknown);
    EXPECT_TRUE(has_other);
}

} // namespace
} // namespace armature
