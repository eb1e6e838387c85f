#include "http1/session_app.hpp"

#include <cctype>
#include <cstdint>
#include <cstdlib>

// The first byte says how the rest is cut and how much of the output the client takes at a time.
// The rest is what a client sends on one connection. However it is cut, the session must answer
// with the same well-formed responses, and must be at rest in the end.

namespace {

using namespace armature;
using namespace armature::http1::testing;

void require(bool condition) {
    if (!condition) std::abort();
}

bool holds(std::string_view text, std::string_view lower_case) {
    const auto equal = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == b;
    };
    return std::search(text.begin(), text.end(), lower_case.begin(), lower_case.end(), equal) !=
           text.end();
}

struct Outcome {
    std::vector<WireResponse> responses;
    std::string upgraded;
};

// Whether each response answers a HEAD isn't known here, so the application has no HEAD but the
// automatic one, which inputs are kept from using.
Outcome run(World& world, Seen& seen, std::string_view bytes, unsigned seed) {
    seen = {};
    Link link{world};
    const bool cut = seed != 0;
    if (cut) link.window(0);
    while (!bytes.empty()) {
        const std::size_t size =
            cut ? std::min<std::size_t>(1 + seed % 61, bytes.size()) : bytes.size();
        link.send(bytes.substr(0, size));
        if (cut) link.window(1 + seed % 4001);
        link.settle();
        bytes.remove_prefix(size);
        seed = seed * 1664525 + 1013904223;
    }
    link.window(static_cast<std::size_t>(-1)).settle().close().settle();
    require(link.finished());
    require(link.session.at_rest());
    return {read_responses(link.output, true), seen.upgraded};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static Seen seen;
    static World world{make_steady_app(seen).build()};
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    if (bytes.find("HEAD") != std::string_view::npos) return 0;
    // The preface of HTTP/2: another session goes on from there, which a Link doesn't have.
    if (bytes.starts_with("PRI * HTTP/2.0\r\n")) return 0;

    const Outcome whole = run(world, seen, bytes, 0);
    const Outcome cut = run(world, seen, bytes, 1u + data[0]);
    // Whether 100 (Continue) is sent, and whether the connection can go on without, depends on
    // what has come when the handler asks.
    if (holds(bytes, "100-continue")) return 0;
    // What may be the preface of another protocol is not answered; in parts, it isn't recognised.
    if (whole.responses.empty() && cut.responses.size() == 1 && cut.responses[0].status == 400)
        return 0;
    require(whole.responses.size() == cut.responses.size());
    require(whole.upgraded == cut.upgraded);
    for (std::size_t i = 0; i < whole.responses.size(); ++i) {
        const WireResponse& a = whole.responses[i];
        const WireResponse& b = cut.responses[i];
        require(a.status == b.status && a.fields == b.fields && a.complete == b.complete);
        require(a.body == b.body && a.trailers == b.trailers);
        require(a.complete || i + 1 == whole.responses.size());
    }
    return 0;
}
