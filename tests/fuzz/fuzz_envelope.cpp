// What a shared cache finds in its store is an envelope, exactly as one is written, or nothing.
#include "cache/envelope.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using armature::cache::Envelope;
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    const auto envelope = Envelope::decode(bytes);
    if (!envelope) return 0;
    const std::string again = envelope->encode();
    const auto same = Envelope::decode(again);
    if (!same || same->encode() != again || same->text != envelope->text) std::abort();
    return 0;
}
