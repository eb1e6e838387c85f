#pragma once

#include <armature/routing/pattern.hpp>

#include <string_view>

namespace re2 {
class RE2;
}

namespace armature {

/// What one parameter asks of a segment.
struct Constraint {
    ParamKind kind = ParamKind::any;
    const re2::RE2* regex = nullptr; ///< only for `ParamKind::regex`

    /// True when the segment, without slashes, is a value of this kind.
    [[nodiscard]] bool accepts(std::string_view segment) const noexcept {
        return kind == ParamKind::any ? !segment.empty() : accepts_constrained(segment);
    }

  private:
    [[nodiscard]] bool accepts_constrained(std::string_view segment) const noexcept;
};

} // namespace armature
