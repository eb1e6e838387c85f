#include "websocket/mask.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

namespace armature::ws {

void apply_mask(const char* from, char* to, std::size_t size, const char (&key)[4],
                std::size_t offset) noexcept {
    std::uint32_t once;
    std::memcpy(&once, key, sizeof once);
    const int bits = static_cast<int>(offset % 4 * 8);
    once =
        std::endian::native == std::endian::little ? std::rotr(once, bits) : std::rotl(once, bits);
    const std::uint64_t mask = std::uint64_t{once} << 32 | once;

    // Four words a round is what compilers turn into vector instructions by themselves.
    std::size_t done = 0;
    for (; size - done >= 32; done += 32) {
        std::uint64_t words[4];
        std::memcpy(words, from + done, sizeof words);
        for (std::uint64_t& word : words)
            word ^= mask;
        std::memcpy(to + done, words, sizeof words);
    }
    for (; size - done >= 8; done += 8) {
        std::uint64_t word;
        std::memcpy(&word, from + done, sizeof word);
        word ^= mask;
        std::memcpy(to + done, &word, sizeof word);
    }
    if (done == size) return;
    char pattern[8];
    std::memcpy(pattern, &mask, sizeof pattern);
    for (; done < size; ++done)
        to[done] = static_cast<char>(from[done] ^ pattern[done % 8]);
}

} // namespace armature::ws
