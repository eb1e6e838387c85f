#pragma once

#include "core/sanitizers.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace armature::mux {

// nghttp2, nghttp3 and ngtcp2 allocate small blocks by the dozen for each stream, frame and packet:
// they come from free lists of the loop, in classes of powers of two, which is cheaper than malloc.
class Memory {
  public:
    Memory() noexcept = default;
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory() {
        for (Block* list : free_)
            while (Block* block = list) {
                list = block->next;
                std::free(block);
            }
    }
    /// As those libraries take it: an nghttp2_mem, nghttp3_mem or ngtcp2_mem.
    template <class Functions>
    [[nodiscard]] Functions functions() noexcept {
        return {this, &allocate, &release, &allocate_zeroed, &reallocate};
    }

  private:
    // Stands before each block.
    struct alignas(std::max_align_t) Block {
        union {
            Block* next;        ///< in its free list
            std::uint32_t size; ///< in use: what was asked for
        };
        std::uint32_t list; ///< which free list, or `none`
    };
    static constexpr unsigned list_count = 6; // 64 bytes to 2 KiB
    static constexpr std::uint32_t none = list_count;
    static constexpr std::size_t smallest = 64;
    static constexpr std::uint32_t kept = 512; // blocks in each list

    static void* allocate(std::size_t size, void* self) {
        return static_cast<Memory*>(self)->take(size);
    }
    static void release(void* memory, void* self) { static_cast<Memory*>(self)->give(memory); }
    static void* allocate_zeroed(std::size_t count, std::size_t size, void* self) {
        void* memory = static_cast<Memory*>(self)->take(count * size); // both are small numbers
        if (memory != nullptr) std::memset(memory, 0, count * size);
        return memory;
    }
    static void* reallocate(void* memory, std::size_t size, void* self) {
        auto& pool = *static_cast<Memory*>(self);
        if (memory == nullptr) return pool.take(size);
        const Block* block = static_cast<Block*>(memory) - 1;
        const std::size_t room = block->list == none ? block->size : smallest << block->list;
        if (size <= room) return memory;
        void* larger = pool.take(size);
        if (larger == nullptr) return nullptr;
        std::memcpy(larger, memory, room);
        pool.give(memory);
        return larger;
    }

    static std::uint32_t list_for(std::size_t size) noexcept {
        if (has_address_sanitizer) return none;
        if (size <= smallest) return 0;
        return static_cast<std::uint32_t>(
            std::min<std::size_t>(std::bit_width((size - 1) / smallest), none));
    }

    void* take(std::size_t size) {
        const std::uint32_t list = list_for(size);
        Block* block = nullptr;
        if (list != none && free_[list] != nullptr) {
            block = free_[list];
            free_[list] = block->next;
            --count_[list];
        } else {
            const std::size_t room = list != none ? smallest << list : size;
            block = static_cast<Block*>(std::malloc(sizeof(Block) + room));
            if (block == nullptr) return nullptr;
        }
        block->list = list;
        block->size = static_cast<std::uint32_t>(size);
        return block + 1;
    }
    void give(void* memory) noexcept {
        if (memory == nullptr) return;
        Block* block = static_cast<Block*>(memory) - 1;
        const std::uint32_t list = block->list;
        if (list == none || count_[list] == kept) return std::free(block);
        block->next = free_[list];
        free_[list] = block;
        ++count_[list];
    }

    Block* free_[list_count] = {};
    std::uint32_t count_[list_count] = {};
};

} // namespace armature::mux
