#pragma once

#include "terminal/command.hpp"

namespace armature::cli {

/// Serves what an OpenAPI document says, without the program behind it.
extern const terminal::Command mock_command;

} // namespace armature::cli
