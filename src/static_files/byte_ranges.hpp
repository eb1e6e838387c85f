#pragma once

#include <armature/core/body.hpp>
#include <armature/core/range.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace armature::detail {

/// Several ranges of a file as multipart/byteranges (RFC 9110 §14.6). Holds one piece of the file
/// at a time, and its length is known.
class ByteRanges final : public BodyStream {
  public:
    /// `type` is the file's media type and lives as long as this object; `size` the file's whole
    /// size in bytes.
    ByteRanges(std::shared_ptr<const File> file, std::string_view type, std::uint64_t size,
               const RangeRequest& wanted);

    /// The response's Content-Type.
    [[nodiscard]] std::string content_type() const;

    std::optional<std::uint64_t> size() const noexcept override { return total_; }
    Task<std::optional<std::string_view>> next() override;

  private:
    [[nodiscard]] std::string head_of(std::size_t part) const;
    [[nodiscard]] std::string tail() const { return "\r\n--" + boundary_ + "--\r\n"; }

    std::shared_ptr<const File> file_;
    std::string_view type_;
    std::uint64_t size_;
    RangeRequest wanted_;
    std::string boundary_;
    std::uint64_t total_;
    std::string text_; // the head or tail that is being read
    Body content_;     // of the part that is being read
    std::size_t part_ = 0;
    bool in_content_ = false;
    bool ended_ = false;
};

} // namespace armature::detail
