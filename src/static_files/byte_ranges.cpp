#include "static_files/byte_ranges.hpp"

#include <armature/core/uuid.hpp>

namespace armature::detail {

// The boundary is random, so that nobody can write a file which holds it.
ByteRanges::ByteRanges(std::shared_ptr<const File> file, std::string_view type, std::uint64_t size,
                       const RangeRequest& wanted)
    : file_(std::move(file)), type_(type), size_(size), wanted_(wanted),
      boundary_(Uuid::v4().to_string()), total_(tail().size()) {
    for (std::size_t i = 0; i < wanted_.ranges().size(); ++i)
        total_ += head_of(i).size() + wanted_.ranges()[i].size();
}

std::string ByteRanges::content_type() const {
    return "multipart/byteranges; boundary=" + boundary_;
}

std::string ByteRanges::head_of(std::size_t part) const {
    std::string head{part == 0 ? "--" : "\r\n--"};
    return head.append(boundary_)
        .append("\r\nContent-Type: ")
        .append(type_)
        .append("\r\nContent-Range: ")
        .append(content_range(wanted_.ranges()[part], size_))
        .append("\r\n\r\n");
}

Task<std::optional<std::string_view>> ByteRanges::next() {
    if (in_content_) {
        const std::optional<std::string_view> piece = co_await content_.stream().next();
        if (piece) co_return piece;
        in_content_ = false;
        ++part_;
    }
    if (ended_) co_return std::nullopt;
    if (part_ == wanted_.ranges().size()) {
        ended_ = true;
        text_ = tail();
    } else {
        const ByteRange range = wanted_.ranges()[part_];
        text_ = head_of(part_);
        content_ = Body{FileRegion{file_, range.first, range.size()}};
        in_content_ = true;
    }
    co_return std::string_view{text_};
}

} // namespace armature::detail
