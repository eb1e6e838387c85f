#pragma once

#include "terminal/command.hpp"

namespace armature::cli {

extern const terminal::Command doctor;

} // namespace armature::cli
