#pragma once

#include <armature/armature.hpp>

namespace {{name}} {

/// The pages for browsers, from pages/, and the files that they need, from public/.
armature::Scope pages();

} // namespace {{name}}
