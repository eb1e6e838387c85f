#include "websocket/mask.hpp"

#include <cstdint>
#include <cstring>

namespace armature::ws {

void apply_mask(const char* from, char* to, std::size_t size, const char (&key)[4],
                std::size_t offset) noexcept {
    char pattern[8];
    for (std::size_t i = 0; i < sizeof pattern; ++i)
        pattern[i] = key[(offset + i) % 4];
    std::uint64_t mask;
    std::memcpy(&mask, pattern, sizeof mask);

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
    for (; done < size; ++done)
        to[done] = static_cast<char>(from[done] ^ pattern[done % 8]);
}

} // namespace armature::ws
