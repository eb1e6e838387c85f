#include "http2/session_harness.hpp"

#include <cstdint>
#include <cstdlib>

// The first byte says how the rest is cut and how much of the output the client takes at a time.
// The rest is what a client sends on one connection. However it is cut, the session must write
// well-formed frames, answer alike, and be at rest in the end.

namespace {

using namespace armature;
using namespace armature::http2::testing;

void require(bool condition) {
    if (!condition) std::abort();
}

Outcome run(World& world, std::string_view bytes, unsigned seed) {
    Link link{world};
    const bool cut = seed != 0;
    if (cut) link.window(0);
    while (!bytes.empty()) {
        const std::size_t size =
            cut ? std::min<std::size_t>(1 + seed % 61, bytes.size()) : bytes.size();
        link.send(bytes.substr(0, size));
        if (cut) link.window(1 + seed % 4001);
        static_cast<void>(link.session.phase());
        bytes.remove_prefix(size);
        seed = seed * 1664525 + 1013904223;
    }
    link.window(static_cast<std::size_t>(-1));
    for (int i = 0; i < 40 && !link.session.finished(); ++i)
        link.step();
    link.close();
    for (int i = 0; i < 40 && !link.session.at_rest(); ++i)
        link.step();
    require(link.session.at_rest());
    return read_frames(link.output);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static Seen seen;
    static World world{make_steady_app(seen).build()};
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);

    const Outcome whole = run(world, bytes, 0);
    const Outcome cut = run(world, bytes, 1u + data[0]);
    if (whole.goaway || cut.goaway) return 0; // it takes along what was not written yet
    for (const auto& [id, answer] : whole.answers)
        if (answer.ended && !answer.reset && cut.answers.contains(id))
            require(answer.status == cut.answers.at(id).status);
    return 0;
}
