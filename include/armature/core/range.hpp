#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace armature {

/// The bytes from `first` to `last`, both included.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    [[nodiscard]] constexpr std::uint64_t size() const noexcept { return last - first + 1; }
    friend constexpr bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// What a Range field asks of a representation (RFC 9110 §14.2).
class RangeRequest {
  public:
    /// A field with more ranges is ignored: it costs the server more than it helps the client
    /// (RFC 9110 §17.15).
    static constexpr std::size_t max_ranges = 16;

    enum class Kind : std::uint8_t {
        full,          ///< answer 200 with everything: no ranges, or a field that must be ignored
        partial,       ///< answer 206 with `ranges()`
        unsatisfiable, ///< answer 416 with `unsatisfied_content_range`
    };

    /// Reads the value of a Range field for a representation of `size` bytes. Malformed values and
    /// units other than bytes ask for the full representation.
    [[nodiscard]] static RangeRequest parse(std::string_view value, std::uint64_t size) noexcept;

    [[nodiscard]] Kind kind() const noexcept { return kind_; }

    /// At least one if `kind()` is partial, else none: cut to the representation's size, in the
    /// order of the request, those that overlap or touch being one. Valid as long as this object.
    [[nodiscard]] std::span<const ByteRange> ranges() const noexcept {
        return {ranges_.data(), count_};
    }

  private:
    void add(ByteRange range) noexcept;

    std::array<ByteRange, max_ranges> ranges_{};
    std::size_t count_ = 0;
    Kind kind_ = Kind::full;
};

/// The Content-Range of a 206 response, for example "bytes 0-499/1234".
[[nodiscard]] std::string content_range(ByteRange range, std::uint64_t size);

/// The Content-Range of a 416 response, for example "bytes */1234".
[[nodiscard]] std::string unsatisfied_content_range(std::uint64_t size);

} // namespace armature
