#pragma once

#include <armature/json/errors.hpp>

#include <ostream>

namespace armature {

// Found by argument-dependent lookup when a matcher prints or compares errors.
inline bool operator==(const JsonError& a, const JsonError& b) {
    return a.pointer == b.pointer && a.detail == b.detail;
}
inline void PrintTo(const JsonError& error, std::ostream* out) {
    *out << error.pointer << ": " << error.detail;
}

} // namespace armature
