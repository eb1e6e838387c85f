// What `armature bench` reads of servers: HTTP/1.1 responses. How the bytes are cut changes
// nothing.
#include "cli/bench/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace armature::cli::bench;

namespace {

struct Counted final : Answers {
    void answered(const Sent&, unsigned status, std::uint64_t content_bytes) override {
        all.emplace_back(status, content_bytes);
    }
    void was_reset(const Sent&) override { std::abort(); }
    std::vector<std::pair<unsigned, std::uint64_t>> all;
};

// Answers and content before the first fault, and whether there was one.
std::pair<Counted, bool> read(const Requests& requests, std::string_view bytes, std::size_t piece) {
    Counted counted;
    const auto protocol = make_http1(requests, counted);
    for (std::uint16_t i = 0; i < 6; ++i)
        protocol->send({1, 1, static_cast<std::uint16_t>(i % 2)});
    bool good = true;
    while (good && !bytes.empty()) {
        const std::string_view next = bytes.substr(0, piece);
        bytes.remove_prefix(next.size());
        good = protocol->receive(std::string{next});
    }
    if (good) (void)protocol->close();
    if (counted.all.size() + protocol->take_under_way().size() != 6) std::abort();
    return {counted, good};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const LoadPlan plan = [] {
        LoadPlan made;
        made.targets = {{"GET", "/", {}, 1}, {"HEAD", "/", {}, 1}};
        return made;
    }();
    static const Requests requests{plan};
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    const auto [whole, good] = read(requests, bytes, size + 1);
    const auto [cut, cut_good] = read(requests, bytes, 1);
    if (whole.all != cut.all || good != cut_good) std::abort();
    return 0;
}
