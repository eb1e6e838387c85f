#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace armature {

/// Bump allocator for what lives as long as one request: decoded parameters, copied text, frames
/// of middleware. Nothing is freed one by one; `reset` forgets everything and keeps the first
/// block, so a recycled arena serves a usual request without touching the heap.
///
/// Objects with destructors may not be placed here unless their owner destroys them.
/// Threads: none; an arena belongs to one event loop.
class Arena {
  public:
    Arena() noexcept = default;
    Arena(Arena&& other) noexcept { swap(other); }
    Arena& operator=(Arena&& other) noexcept {
        swap(other);
        return *this;
    }
    ~Arena() { free_blocks(nullptr); }

    /// `size` bytes aligned to `align` (a power of two). Throws std::bad_alloc.
    [[nodiscard]] void* allocate(std::size_t size, std::size_t align = alignof(std::max_align_t)) {
        const auto at = (reinterpret_cast<std::uintptr_t>(next_) + align - 1) & ~(align - 1);
        const auto end = reinterpret_cast<std::uintptr_t>(end_);
        if (at >= end || size > end - at) [[unlikely]]
            return allocate_slow(size, align);
        next_ = reinterpret_cast<char*>(at + size);
        return reinterpret_cast<void*>(at);
    }

    /// A copy of `text` that lives until `reset`.
    [[nodiscard]] std::string_view copy(std::string_view text) {
        char* to = static_cast<char*>(allocate(text.size(), 1));
        if (!text.empty()) std::memcpy(to, text.data(), text.size());
        return {to, text.size()};
    }

    template <class T, class... Args>
    [[nodiscard]] T* create(Args&&... args) {
        return ::new (allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
    }

    /// Forgets all allocations; keeps the first block for reuse.
    void reset() noexcept {
        if (first_ == nullptr) return;
        if (last_ != first_) free_blocks(first_);
        next_ = first_->data();
    }

    /// Gives every block back to the heap.
    void release() noexcept { free_blocks(nullptr); }

    void swap(Arena& other) noexcept;

  private:
    struct Block {
        Block* previous;
        std::size_t size;
        char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
    };
    static constexpr std::size_t first_block_bytes = 2048;

    [[gnu::cold]] void* allocate_slow(std::size_t size, std::size_t align);
    void free_blocks(Block* keep) noexcept;

    char* next_ = nullptr;
    char* end_ = nullptr;
    Block* first_ = nullptr;
    Block* last_ = nullptr;
};

} // namespace armature
