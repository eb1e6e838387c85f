#pragma once

#include <stdexcept>

namespace armature {

/// What a test waited for didn't happen, and why. A test framework reports it as any exception.
class TestFailure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

} // namespace armature
