#pragma once

#include "terminal/command.hpp"

namespace armature::cli {

extern const terminal::Command test_command;

} // namespace armature::cli
