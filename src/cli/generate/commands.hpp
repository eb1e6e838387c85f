#pragma once

#include "terminal/command.hpp"

namespace armature::cli {

extern const terminal::Command generate_code;
extern const terminal::Command generate_short; ///< `g`
extern const terminal::Command destroy_code;

} // namespace armature::cli
