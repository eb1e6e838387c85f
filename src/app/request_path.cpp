#include "app/request_path.hpp"

#include <armature/core/url.hpp>

#include <algorithm>

namespace armature::detail {

std::string encoded_path(std::string_view routed) {
    std::string text;
    while (!routed.empty()) {
        routed.remove_prefix(1); // the slash before each segment
        std::string segment{routed.substr(0, routed.find('/'))};
        routed.remove_prefix(segment.size());
        std::replace(segment.begin(), segment.end(), '\0', '/'); // see normalise_path
        text.append("/").append(percent_encode(segment, EncodeSet::path_segment));
    }
    return text;
}

} // namespace armature::detail
