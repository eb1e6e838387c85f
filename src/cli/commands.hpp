#pragma once

#include "terminal/command.hpp"

namespace armature::cli {

#ifdef ARMATURE_CLI_HAS_DB
extern const terminal::Command migrate;
#endif

} // namespace armature::cli
