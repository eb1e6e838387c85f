#pragma once

namespace armature {

namespace detail {

/// What a pointer points to; the pointer is null afterwards. As `std::exchange` with null, which
/// costs whoever includes these headers 5 ms for each type.
template <class T>
T* take(T*& pointer) noexcept {
    T* const object = pointer;
    pointer = nullptr;
    return object;
}

} // namespace detail

/// Owns one object, as `std::unique_ptr` does, for members of classes in these headers: each type
/// that `std::unique_ptr` is used with costs whoever includes them 8 ms of compile time, and there
/// are more than ten. For anything else `std::unique_ptr` is the one to use.
///
/// `T` may be incomplete where the owner is declared, not where it is destroyed or moved.
template <class T>
class Owned {
  public:
    constexpr Owned() noexcept = default;
    constexpr Owned(decltype(nullptr)) noexcept {} // NOLINT
    explicit Owned(T* object) noexcept : object_(object) {}
    Owned(Owned&& other) noexcept : object_(detail::take(other.object_)) {}
    Owned& operator=(Owned&& other) noexcept {
        reset(detail::take(other.object_));
        return *this;
    }
    ~Owned() { reset(); }

    void reset(T* object = nullptr) noexcept {
        static_assert(sizeof(T) > 0, "T has to be complete here");
        T* const old = object_;
        object_ = object;
        delete old;
    }
    [[nodiscard]] T* get() const noexcept { return object_; }
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    T* operator->() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }
    friend bool operator==(const Owned& owned, decltype(nullptr)) noexcept {
        return owned.object_ == nullptr;
    }

  private:
    T* object_ = nullptr;
};

} // namespace armature
