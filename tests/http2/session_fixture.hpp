#pragma once

#include "http2/session_harness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::http2::testing {

struct Http2Session : ::testing::Test {
    Seen seen;
    World world{make_app(seen)};
    Link link{world};
    Client client;

    const Answer& ask(std::string_view method, std::string_view path, const Fields& fields = {},
                      Client::Upload* upload = nullptr) {
        return client.answer(link, client.request(method, path, fields, upload));
    }
};

} // namespace armature::http2::testing
