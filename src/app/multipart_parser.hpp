#pragma once

#include <armature/app/multipart.hpp>
#include <armature/core/headers.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace armature::detail {

/// multipart/form-data (RFC 7578 on RFC 2046 §5.1) without I/O: bytes in, events out. Keeps the
/// fields of one part, and nothing of its value: what may be the beginning of a boundary at the end
/// of a piece is known from the boundary itself.
class MultipartParser {
  public:
    enum class Event : std::uint8_t {
        starved,  ///< all of `bytes` is used, and more is needed
        part,     ///< a part begins: `name`, `filename`, `headers`
        data,     ///< see `data`
        part_end, ///< the part's value is complete
    };

    /// `boundary` must be one; see `is_boundary`.
    explicit MultipartParser(std::string_view boundary);

    /// RFC 2046 §5.1.1: 1 to 70 characters of a set, the last not a space.
    [[nodiscard]] static bool is_boundary(std::string_view text) noexcept;

    void limits(const MultipartLimits& limits) noexcept { limits_ = limits; }

    /// Reads from the beginning of `bytes`, which becomes what is left, until there is an event.
    /// Throws `Error` 400 or 413; nothing more may be read then.
    [[nodiscard]] Event next(std::string_view& bytes);
    /// No more bytes will come. Throws `Error` 400 unless the last boundary came.
    void finish() const;

    // The part at hand, until the next one begins.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::optional<std::string>& filename() const noexcept { return filename_; }
    [[nodiscard]] const Headers& headers() const noexcept { return headers_; }
    /// Part of its value, never empty; lives until the next call of `next` and as long as `bytes`.
    [[nodiscard]] std::string_view data() const noexcept { return data_; }

  private:
    enum class State : std::uint8_t {
        preamble,
        value,
        boundary, ///< behind a boundary: padding and a line's end, or the second half of "--"
        dash,
        padding,
        line_feed,
        head,
        epilogue,
    };

    [[nodiscard]] bool scan(std::string_view& bytes);
    void end_boundary(std::string_view& bytes);
    [[nodiscard]] bool read_head(std::string_view& bytes);
    void begin_head();
    void add_field(std::string_view line);
    void end_head();
    void read_disposition(std::string_view value);

    std::string delimiter_; ///< CR LF "--" boundary
    MultipartLimits limits_;
    State state_ = State::preamble;
    /// How much of the delimiter came already.
    std::size_t matched_ = 2;
    /// How much of that isn't data in any case: the content begins as if a line had ended, and the
    /// empty line that ends a part's head may be the one before the boundary.
    std::size_t borrowed_ = 2;
    bool is_complete_ = false; ///< all of the delimiter came
    std::size_t parts_ = 0;
    std::uint64_t value_bytes_ = 0;
    std::size_t head_bytes_ = 0;
    std::string line_;
    std::string name_;
    std::optional<std::string> filename_;
    Headers headers_;
    std::string_view data_;
};

/// The boundary that a request's Content-Type has. Throws `Error` 415 for another media type, 400
/// without a boundary.
[[nodiscard]] std::string multipart_boundary(const Request& request);

} // namespace armature::detail
