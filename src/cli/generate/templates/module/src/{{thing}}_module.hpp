#pragma once

#include <armature/armature.hpp>
#include <armature/di/di.hpp>

namespace {{ns}} {

/// {{title}}: what it provides is its own, unless it exports it.
armature::Module {{thing}}_module();

} // namespace {{ns}}
