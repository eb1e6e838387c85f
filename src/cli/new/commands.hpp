#pragma once

#include "terminal/command.hpp"

namespace armature::cli {

extern const terminal::Command new_project;

} // namespace armature::cli
