#pragma once

#include "terminal/command.hpp"

namespace armature::cli {

// What the project's own program answers.
extern const terminal::Command routes;
extern const terminal::Command project_openapi; // without the tools for documents
extern const terminal::Command config;
extern const terminal::Command run;
extern const terminal::Command db_seed;

} // namespace armature::cli
