#include "static_files/names.hpp"

#include "core/characters.hpp"

#include <armature/core/media_type.hpp>

#include <algorithm>

namespace armature::detail {

bool is_servable(std::string_view path, bool dotfiles) noexcept {
    if (path.empty()) return true;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view segment = path.substr(begin, end - begin);
        if (segment.empty() || segment == "." || segment == ".." ||
            (segment.front() == '.' && !dotfiles) || segment.find('\0') != segment.npos)
            return false;
        begin = end + 1;
    }
    return true;
}

bool has_fingerprint(std::string_view name) noexcept {
    name.remove_prefix(name.rfind('/') + 1); // npos + 1 is 0
    const std::size_t extension = name.rfind('.');
    if (extension == name.npos || extension == 0) return false;
    const std::size_t before = name.rfind('.', extension - 1);
    if (before == name.npos) return false;
    const std::string_view mark = name.substr(before + 1, extension - before - 1);
    static constexpr CharacterSet base64url = CharacterSet::alphanumeric_and("-_");
    return mark.size() >= 8 && base64url.contains_all(mark) &&
           std::ranges::any_of(mark, is_digit) && std::ranges::any_of(mark, is_alpha);
}

std::string_view media_type_of(std::string_view path) noexcept {
    path.remove_prefix(path.rfind('/') + 1);
    const std::size_t dot = path.rfind('.');
    return media_type_for_extension(dot == path.npos ? "" : path.substr(dot + 1));
}

} // namespace armature::detail
