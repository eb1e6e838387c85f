#pragma once

#include "terminal/command.hpp"

namespace armature::cli {

/// Builds and runs the program of a CMake project, again after each change of its sources.
extern const terminal::Command dev_command;

} // namespace armature::cli
