#include "http1/parse_head.hpp"

#include <armature/http1/parser.hpp>

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

namespace {

// A head together with its fields, which the parser keeps apart.
struct FullHead : armature::http1::ParsedHead {
    armature::Headers headers;
};

using namespace armature::http1;

constexpr std::string_view small_head = "GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n";

constexpr std::string_view medium_head =
    "GET /json HTTP/1.1\r\n"
    "Host: server:8080\r\n"
    "Accept: application/json,text/html;q=0.9,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"
    "User-Agent: wrk/4.1.0\r\n"
    "Connection: keep-alive\r\n\r\n";

constexpr std::string_view browser_head =
    "GET / HTTP/1.1\r\n"
    "Host: localhost:8080\r\n"
    "Connection: keep-alive\r\n"
    "Cache-Control: max-age=0\r\n"
    "sec-ch-ua: \"Chromium\";v=\"124\", \"Not-A.Brand\";v=\"99\"\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: none\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n\r\n";

void parse(benchmark::State& run, Isa isa, std::string_view head) {
    if (!has(isa)) return run.SkipWithError("this machine lacks the instruction set");
    const std::string buffer = std::string(head) + std::string(HeadParser::slack, '\0');
    const HeadLimits limits;
    detail::HeadState state;
    FullHead out;
    for (auto _ : run) {
        benchmark::DoNotOptimize(
            parse_head(isa, state, buffer.data(), head.size(), limits, out, out.headers));
        benchmark::ClobberMemory();
    }
    run.SetBytesProcessed(static_cast<std::int64_t>(run.iterations() * head.size()));
    if (out.size != head.size()) run.SkipWithError("the head was not parsed");
}

BENCHMARK_CAPTURE(parse, small_scalar, Isa::scalar, small_head);
BENCHMARK_CAPTURE(parse, small_sse42, Isa::sse42, small_head);
BENCHMARK_CAPTURE(parse, small_avx2, Isa::avx2, small_head);
BENCHMARK_CAPTURE(parse, medium_scalar, Isa::scalar, medium_head);
BENCHMARK_CAPTURE(parse, medium_sse42, Isa::sse42, medium_head);
BENCHMARK_CAPTURE(parse, medium_avx2, Isa::avx2, medium_head);
BENCHMARK_CAPTURE(parse, browser_scalar, Isa::scalar, browser_head);
BENCHMARK_CAPTURE(parse, browser_sse42, Isa::sse42, browser_head);
BENCHMARK_CAPTURE(parse, browser_avx2, Isa::avx2, browser_head);

} // namespace
