#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace armature {

namespace detail {
/// Overwrites memory in a way the compiler can't leave out.
void wipe(void* memory, std::size_t size) noexcept;
void print_redacted(std::ostream& out);

template <class T>
concept ResizableContainer = requires(T value) {
    value.data();
    value.resize(value.capacity());
    requires std::is_trivially_copyable_v<typename T::value_type>;
};
} // namespace detail

/// Holds a password, key or token so that it can't slip into a log, an error text or a stream.
///
/// It converts to nothing, can't be streamed or logged, shows as `[redacted]` in test output, and
/// overwrites its memory when it is destroyed, assigned or moved from. `expose()` is the one way
/// to the value; compare secrets with a constant-time function of your crypto library.
///
/// `T` is a string or vector of trivially copyable items, or a trivially copyable value that
/// refers to nothing. Threads: like a plain value.
template <class T>
class Secret {
    static_assert(detail::ResizableContainer<T> ||
                      (std::is_trivially_copyable_v<T> && !std::is_pointer_v<T> &&
                       !std::is_convertible_v<T, std::string_view>),
                  "Secret<T> must own its value: use a string, a vector or a plain value");

  public:
    Secret() = default;
    /// Takes the value over and wipes what it was taken from.
    explicit Secret(T&& value) : value_(std::move(value)) { wipe(value); }

    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { wipe(other.value_); }
    Secret& operator=(const Secret& other) {
        if (this != &other) *this = Secret(other);
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe(value_);
            value_ = std::move(other.value_);
            wipe(other.value_);
        }
        return *this;
    }
    ~Secret() { wipe(value_); }

    /// The value itself. Lifetime: until this object is assigned to or destroyed.
    [[nodiscard]] const T& expose() const noexcept { return value_; }

    template <class Stream>
    friend Stream& operator<<(Stream&, const Secret&) = delete;

    /// GoogleTest would print the bytes of the object otherwise.
    friend void PrintTo(const Secret&, std::ostream* out) { detail::print_redacted(*out); }

  private:
    static void wipe(T& value) noexcept {
        if constexpr (detail::ResizableContainer<T>) {
            // Up to the capacity: a shorter value may have left the rest of a longer one.
            value.resize(value.capacity());
            detail::wipe(value.data(), value.size() * sizeof(typename T::value_type));
            value.clear();
        } else {
            detail::wipe(&value, sizeof value);
        }
    }

    T value_{};
};

using SecretString = Secret<std::string>;

} // namespace armature
