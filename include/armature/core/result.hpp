#pragma once

#include <armature/core/error.hpp>

#include <optional>
#include <utility>

namespace armature {

/// A value or the `Error` that says why there is none. A handler may return it; so may any function
/// that prefers returning to throwing. (std::expected is C++23; the shape is the same.)
template <class T>
class [[nodiscard]] Result {
  public:
    using value_type = T;
    using error_type = Error;

    Result(T value) : value_(std::move(value)) {}              // NOLINT: as natural as a return
    Result(Error error) noexcept : error_(std::move(error)) {} // NOLINT

    [[nodiscard]] bool has_value() const noexcept { return value_.has_value(); }
    [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }

    /// The value; throws the error when there is none.
    [[nodiscard]] T& value() & {
        if (error_) throw *error_;
        return *value_;
    }
    [[nodiscard]] T&& value() && { return std::move(value()); }
    [[nodiscard]] T& operator*() noexcept { return *value_; }
    [[nodiscard]] T* operator->() noexcept { return &*value_; }
    /// The error; only without a value.
    [[nodiscard]] Error& error() noexcept { return *error_; }

  private:
    std::optional<T> value_;
    std::optional<Error> error_;
};

} // namespace armature
