#pragma once

#include "terminal/command.hpp"

namespace armature::cli {

/// `armature openapi`, `validate FILE`, `diff OLD NEW`, `convert FILE`.
extern const terminal::Command openapi;

} // namespace armature::cli
