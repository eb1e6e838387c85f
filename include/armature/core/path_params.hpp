#pragma once

#include <cstddef>
#include <string_view>

namespace armature {

/// The largest number of parameters in one route pattern.
inline constexpr std::size_t max_path_params = 16;

/// The values of a matched pattern's parameters, in the pattern's order.
///
/// Lifetime: the values are views into the request's path.
/// Cost: no allocation; constructing one sets a counter.
class PathParams {
  public:
    static constexpr std::size_t max = max_path_params;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// The value of parameter number `index`; an empty view from `size()` on.
    [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept {
        return index < size_ ? std::string_view{values_[index].data, values_[index].size}
                             : std::string_view{};
    }

    /// Appends a value. Precondition: `size() < max`, which `check_pattern` sees to for a router.
    void push(std::string_view value) noexcept { values_[size_++] = {value.data(), value.size()}; }

    /// Drops the values from number `size` on. Precondition: `size <= this->size()`.
    void truncate(std::size_t size) noexcept { size_ = size; }

    /// Moves values that point into [from, from + size) to the same offsets at `to`.
    void rebase(const char* from, std::size_t size, const char* to) noexcept {
        for (std::size_t i = 0; i < size_; ++i)
            if (values_[i].data >= from && values_[i].data <= from + size)
                values_[i].data = to + (values_[i].data - from);
    }

  private:
    // Not std::string_view, whose constructor would write all sixteen for every request.
    struct Value {
        const char* data;
        std::size_t size;
    };

    std::size_t size_ = 0;
    Value values_[max];
};

} // namespace armature
