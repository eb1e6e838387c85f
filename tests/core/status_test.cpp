#include <armature/core/status.hpp>

#include <gtest/gtest.h>

namespace armature {
namespace {

TEST(Status, HasTheReasonOfTheRegistry) {
    EXPECT_EQ(reason(Status::ok), "OK");
    EXPECT_EQ(reason(Status::not_found), "Not Found");
    EXPECT_EQ(reason(Status::content_too_large), "Content Too Large");
    EXPECT_EQ(reason(Status::continue_), "Continue");
    EXPECT_EQ(reason(Status::network_authentication_required), "Network Authentication Required");
}

TEST(Status, MayBeAnyCode) {
    const auto teapot = static_cast<Status>(418);
    EXPECT_EQ(reason(teapot), "");
    EXPECT_EQ(status_code(teapot), 418);
    EXPECT_TRUE(is_client_error(teapot));
    EXPECT_EQ(reason(static_cast<Status>(999)), "");
}

TEST(Status, BelongsToOneClass) {
    for (int code = 100; code < 1000; ++code) {
        const auto status = static_cast<Status>(code);
        const int classes = is_informational(status) + is_success(status) + is_redirection(status) +
                            is_client_error(status) + is_server_error(status);
        EXPECT_EQ(classes, code < 600 ? 1 : 0) << code;
    }
}

TEST(Status, KnowsWhichResponsesHaveNoContent) {
    EXPECT_TRUE(has_no_content(Status::switching_protocols));
    EXPECT_TRUE(has_no_content(Status::no_content));
    EXPECT_TRUE(has_no_content(Status::not_modified));
    EXPECT_FALSE(has_no_content(Status::reset_content));
    EXPECT_FALSE(has_no_content(Status::ok));
}

} // namespace
} // namespace armature
