#include <armature/core/arena.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace armature {

void* Arena::allocate_slow(std::size_t size, std::size_t align) {
    if (size > std::numeric_limits<std::size_t>::max() / 2) throw std::bad_alloc{};
    const std::size_t usual =
        last_ == nullptr ? first_block_bytes : std::min<std::size_t>(last_->size * 2, 64 * 1024);
    const std::size_t bytes = std::max(usual, sizeof(Block) + size + align);
    auto* block = static_cast<Block*>(::operator new(bytes));
    block->previous = last_;
    block->size = bytes;
    if (first_ == nullptr) first_ = block;
    last_ = block;
    next_ = block->data();
    end_ = reinterpret_cast<char*>(block) + bytes;
    return allocate(size, align);
}

void Arena::swap(Arena& other) noexcept {
    std::swap(next_, other.next_);
    std::swap(end_, other.end_);
    std::swap(first_, other.first_);
    std::swap(last_, other.last_);
}

void Arena::free_blocks(Block* keep) noexcept {
    while (last_ != keep) {
        Block* previous = last_->previous;
        ::operator delete(last_);
        last_ = previous;
    }
    if (keep == nullptr) {
        first_ = nullptr;
        next_ = end_ = nullptr;
    } else {
        next_ = keep->data();
        end_ = reinterpret_cast<char*>(keep) + keep->size;
    }
}

} // namespace armature
