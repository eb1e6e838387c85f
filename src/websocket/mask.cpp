#include "websocket/mask.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

namespace armature::ws {

bool apply_mask(const char* from, char* to, std::size_t size, const char (&key)[4],
                std::size_t offset) noexcept {
    std::uint32_t once;
    std::memcpy(&once, key, sizeof once);
    const int bits = static_cast<int>(offset % 4 * 8);
    once =
        std::endian::native == std::endian::little ? std::rotr(once, bits) : std::rotl(once, bits);
    const std::uint64_t mask = std::uint64_t{once} << 32 | once;

    // Left to themselves, compilers go through memory word by word.
    using Block [[gnu::vector_size(16)]] = std::uint64_t;
    const Block masks = {mask, mask};
    Block seen = {};
    std::size_t done = 0;
    for (; size - done >= sizeof(Block); done += sizeof(Block)) {
        Block block;
        std::memcpy(&block, from + done, sizeof block);
        block ^= masks;
        seen |= block;
        std::memcpy(to + done, &block, sizeof block);
    }
    std::uint64_t all = seen[0] | seen[1];
    if (std::uint64_t word; size - done >= sizeof word) {
        std::memcpy(&word, from + done, sizeof word);
        word ^= mask;
        all |= word;
        std::memcpy(to + done, &word, sizeof word);
        done += sizeof word;
    }
    if (done < size) {
        char pattern[8];
        std::memcpy(pattern, &mask, sizeof pattern);
        for (; done < size; ++done) {
            to[done] = static_cast<char>(from[done] ^ pattern[done % 8]);
            all |= static_cast<unsigned char>(to[done]);
        }
    }
    return (all & 0x8080808080808080U) == 0;
}

} // namespace armature::ws
