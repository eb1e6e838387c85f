#include "cli/bench/histogram.hpp"
#include "cli/bench/plan.hpp"
#include "cli/bench/response_head.hpp"
#include "terminal/command.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace armature::cli::bench {
namespace {

using namespace std::chrono_literals;

TEST(BenchHistogram, IsWithinAThousandthOfTheTrueQuantiles) {
    std::mt19937_64 random{1};
    std::lognormal_distribution<double> latency{std::log(2e6), 1.5};
    std::vector<std::uint64_t> all;
    Histogram histogram;
    double sum = 0;
    for (int i = 0; i < 100'000; ++i) {
        all.push_back(std::min(static_cast<std::uint64_t>(latency(random)), Histogram::longest));
        histogram.record(all.back());
        sum += static_cast<double>(all.back());
    }
    std::sort(all.begin(), all.end());
    for (const double part : {0.0, 0.001, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
        const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(part * 100'000 - 1e-9)));
        const auto exact = static_cast<double>(all[rank - 1]);
        const auto found = static_cast<double>(histogram.at(part));
        EXPECT_GE(found, exact) << part;
        EXPECT_LE(found, exact * 1.001) << part;
    }
    EXPECT_EQ(histogram.count(), 100'000U);
    EXPECT_EQ(histogram.min(), all.front());
    EXPECT_EQ(histogram.max(), all.back());
    EXPECT_NEAR(histogram.mean(), sum / 100'000, 1);
}

TEST(BenchHistogram, KeepsItsSizeAndCountsWhatIsTooLongAsTheLongest) {
    Histogram histogram;
    const std::size_t bytes = histogram.bytes();
    for (std::uint64_t value = 1; value != 0; value <<= 1)
        histogram.record(value);
    histogram.record(UINT64_MAX);
    histogram.record(0);
    EXPECT_EQ(histogram.bytes(), bytes);
    EXPECT_LT(bytes, 300'000U);
    EXPECT_EQ(histogram.count(), 66U);
    EXPECT_EQ(histogram.min(), 0U);
    EXPECT_EQ(histogram.max(), Histogram::longest);
    EXPECT_EQ(histogram.at(1), Histogram::longest);
}

TEST(BenchHistogram, OfTwoThreadsIsThatOfBoth) {
    Histogram one;
    Histogram other;
    Histogram both;
    for (std::uint64_t i = 1; i <= 1000; ++i) {
        (i % 3 == 0 ? one : other).record(i * i);
        both.record(i * i);
    }
    one.add(other);
    for (const double part : {0.1, 0.5, 0.99})
        EXPECT_EQ(one.at(part), both.at(part));
    EXPECT_EQ(one.count(), 1000U);
    EXPECT_EQ(one.min(), 1U);
    EXPECT_EQ(Histogram{}.at(0.99), 0U);
}

TEST(BenchResponseHead, SaysHowLongTheContentIs) {
    const auto read = [](std::string text) { return read_response_head(text + "\r\n"); };
    const auto plain = read("HTTP/1.1 200 OK\r\ncontent-LENGTH:  12 \r\n");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->status, 200U);
    EXPECT_EQ(plain->length, 12U);
    EXPECT_TRUE(plain->keeps_alive);
    EXPECT_TRUE(read("HTTP/1.1 204\r\n"));
    EXPECT_TRUE(read("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n")->is_chunked);
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n")->keeps_alive);
    EXPECT_FALSE(read("HTTP/1.0 200 OK\r\n")->keeps_alive);
    EXPECT_TRUE(read("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n")->keeps_alive);
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n")->length, 3U);
}

TEST(BenchResponseHead, IsRefusedWhereItIsNone) {
    for (const char* text :
         {"", "HTTP/1.1", "HTTP/2 200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 2xx OK", "HTTP/1.1 099 No",
          "HTTP/1.1 2000", "http/1.1 200 OK", "HTTP/1.1 200 OK\r\nno colon",
          "HTTP/1.1 200 OK\r\n: x", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4",
          "HTTP/1.1 200 OK\r\nContent-Length: -1", "HTTP/1.1 200 OK\r\nContent-Length: 3, 3",
          "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3"})
        EXPECT_FALSE(read_response_head(std::string{text} + "\r\n\r\n")) << text;
    EXPECT_FALSE(read_response_head("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"));
}

TEST(BenchTargets, HaveAWeightAMethodAndAUrl) {
    const GivenTarget all = target_of("3 POST /orders");
    EXPECT_EQ(all.weight, 3U);
    EXPECT_EQ(all.method, "POST");
    EXPECT_EQ(all.url, "/orders");
    EXPECT_EQ(target_of("http://127.0.0.1/").method, std::nullopt);
    EXPECT_EQ(target_of("12 /a").weight, 12U);
    for (const char* wrong : {"", "0 /a", "1001 /a", "get /a", "GET /a b", "1 GET /a /b"})
        EXPECT_THROW((void)target_of(wrong), terminal::UsageError) << wrong;
}

TEST(BenchTargets, AreAskedInAnEvenOrder) {
    const auto order = [](std::vector<unsigned> weights) {
        std::vector<Target> targets(weights.size());
        for (std::size_t i = 0; i < weights.size(); ++i)
            targets[i].weight = weights[i];
        return order_of(targets);
    };
    EXPECT_EQ(order({1}), (std::vector<std::uint16_t>{0}));
    EXPECT_EQ(order({200, 100}), (std::vector<std::uint16_t>{0, 1, 0}));
    const auto mixed = order({5, 1, 1});
    EXPECT_EQ(std::count(mixed.begin(), mixed.end(), 0), 5);
    EXPECT_EQ(mixed.size(), 7U);
    EXPECT_NE(mixed[0] + mixed[1] + mixed[2], 0 + 0 + 0); // not five in a row
}

TEST(BenchTargets, AreAllOfOneServer) {
    const Origin origin = origin_of("http://127.0.0.1:8080/a?b=c");
    EXPECT_EQ(origin.authority(), "127.0.0.1:8080");
    EXPECT_TRUE(origin.is_loopback);
    EXPECT_EQ(path_of("http://127.0.0.1:8080/a?b=c", origin), "/a?b=c");
    EXPECT_EQ(path_of("http://127.0.0.1:8080", origin), "/");
    EXPECT_EQ(path_of("/x", origin), "/x");
    for (const char* other : {"http://127.0.0.1:8081/", "https://127.0.0.1:8080/", "a b", "x",
                              "http://user:secret@127.0.0.1:8080/"})
        EXPECT_THROW((void)path_of(other, origin), terminal::UsageError) << other;
    EXPECT_EQ(origin_of("https://[::1]/").authority(), "[::1]");
    EXPECT_TRUE(origin_of("https://[::1]/").is_loopback);
    EXPECT_TRUE(origin_of("http://127.9.8.7/").is_loopback);
    EXPECT_TRUE(origin_of("http://[::ffff:127.0.0.1]/").is_loopback);
    for (const char* away : {"http://192.0.2.1/", "http://[2001:db8::1]/", "http://128.0.0.1/",
                             "http://[::ffff:192.0.2.1]/", "http://0.0.0.0/", "http://10.0.0.1/"})
        EXPECT_FALSE(origin_of(away).is_loopback) << away;
}

TEST(BenchTimes, AreANumberAndAUnit) {
    EXPECT_EQ(duration_of("50ms", "--p99"), 50ms);
    EXPECT_EQ(duration_of("1.5s", "--p99"), 1500ms);
    EXPECT_EQ(duration_of("2m", "--p99"), 120s);
    EXPECT_EQ(duration_of("30us", "--p99"), 30us);
    for (const char* wrong : {"", "50", "ms", "-1s", "1e3s", "1..2s", "0s", "25h", "1 s", "1S"})
        EXPECT_THROW((void)duration_of(wrong, "--p99"), terminal::UsageError) << wrong;
}

} // namespace
} // namespace armature::cli::bench
