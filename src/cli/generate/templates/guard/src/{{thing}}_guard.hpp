#pragma once

#include <armature/armature.hpp>

namespace {{ns}} {

/// A guard: `.guard({{Thing}}Guard{})`.
class {{Thing}}Guard {
  public:
    /// Whether the request may go on; false is answered with 403. To answer anything else, throw
    /// an armature::Error.
    bool can_activate(armature::Request& request) const;
};

} // namespace {{ns}}
