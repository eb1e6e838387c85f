#pragma once

#include "terminal/command.hpp"

namespace armature::cli {

/// `armature client --language LANGUAGE --out FOLDER FILE`.
extern const terminal::Command client;

} // namespace armature::cli
