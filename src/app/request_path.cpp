#include "app/request_path.hpp"

#include <armature/core/url.hpp>

#include <algorithm>

namespace armature::detail {

bool normalise_path(Request& request) {
    RequestHead& head = request.head();
    std::string_view path = head.path;
    if (head.path_has_percent) {
        char* text = static_cast<char*>(request.arena().allocate(path.size(), 1));
        std::size_t size = 0;
        for (std::size_t start = 0; start <= path.size();) {
            const std::size_t slash = std::min(path.find('/', start), path.size());
            const auto decoded = percent_decode(path.substr(start, slash - start), text + size);
            if (!decoded) return false;
            for (std::size_t i = size; i < size + *decoded; ++i) {
                if (text[i] == '\0') return false;
                if (text[i] == '/') text[i] = '\0';
            }
            size += *decoded;
            if (slash < path.size()) text[size++] = '/';
            start = slash + 1;
        }
        path = {text, size};
        head.path_has_percent = false;
    }
    if (path.find("/.") != std::string_view::npos)
        path = request.arena().copy(remove_dot_segments(path));
    head.path = path;
    head.path_has_dot = false;
    return true;
}

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
