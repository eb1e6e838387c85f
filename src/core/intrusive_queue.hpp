#pragma once

#include <cstddef>

namespace armature {

/// Objects in the order they came, linked by their own member `next`. Owns none of them, allocates
/// nothing. Threads: its owner locks.
template <class T>
class IntrusiveQueue {
  public:
    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    void push(T& object) noexcept {
        object.next = nullptr;
        (first_ == nullptr ? first_ : last_->next) = &object;
        last_ = &object;
        ++size_;
    }
    /// Takes the one that came first. Not when it is empty.
    [[nodiscard]] T& pop() noexcept {
        T& object = *first_;
        first_ = object.next;
        --size_;
        return object;
    }

  private:
    T* first_ = nullptr;
    T* last_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace armature
