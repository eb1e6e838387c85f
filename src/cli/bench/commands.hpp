#pragma once

#include "terminal/command.hpp"

namespace armature::cli {

extern const terminal::Command bench_command;

} // namespace armature::cli
