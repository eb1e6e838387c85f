#include <armature/core/utf8.hpp>

namespace armature {

bool is_utf8(std::string_view text) noexcept {
    const char* const end = text.data() + text.size();
    for (const char* p = text.data(); p != end;) {
        if (static_cast<signed char>(*p) >= 0) {
            ++p;
            continue;
        }
        const detail::Utf8Sequence sequence = detail::read_utf8(p, end);
        if (!sequence.is_valid) return false;
        p += sequence.size;
    }
    return true;
}

} // namespace armature
