#pragma once

#include "http1/session_app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::http1::testing {

inline std::string get_request(std::string_view target, std::string_view fields = {}) {
    return "GET " + std::string{target} + " HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n";
}
inline std::string post_request(std::string_view target, std::string_view content,
                                std::string_view fields = {}) {
    return "POST " + std::string{target} +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(content.size()) + "\r\n" +
           std::string{fields} + "\r\n" + std::string{content};
}
inline std::string chunked_request(std::string_view target, std::string_view chunks,
                                   std::string_view fields = {}) {
    return "POST " + std::string{target} +
           " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + std::string{fields} + "\r\n" +
           std::string{chunks};
}

struct Http1Session : ::testing::Test {
    Seen seen;
    World world{make_app(seen)};
    Link link{world};

    // One exchange on a connection of its own.
    std::vector<WireResponse> ask(std::string_view request, const std::vector<bool>& heads = {}) {
        Link one{world};
        one.send(request).settle();
        last_finished = one.finished();
        return one.responses(heads);
    }
    bool last_finished = false;

    struct Outcome {
        std::string output;
        bool finished;
        bool operator==(const Outcome&) const = default;
    };
    Outcome run(const std::vector<std::string_view>& pieces) {
        Link one{world};
        for (const std::string_view piece : pieces)
            one.send(piece).settle();
        return {one.take(), one.finished()};
    }
    // The same output, however the input is cut.
    void expect_same_for_every_cut(std::string_view input) {
        const Outcome whole = run({input});
        for (std::size_t cut = 1; cut < input.size(); ++cut)
            ASSERT_EQ(run({input.substr(0, cut), input.substr(cut)}), whole)
                << "cut at " << cut << " of " << input;
        std::vector<std::string_view> bytes;
        for (std::size_t i = 0; i < input.size(); ++i)
            bytes.push_back(input.substr(i, 1));
        EXPECT_EQ(run(bytes), whole) << "byte by byte: " << input;
    }
};

} // namespace armature::http1::testing
