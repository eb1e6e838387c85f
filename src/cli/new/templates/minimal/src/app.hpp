#pragma once

#include <armature/armature.hpp>

namespace {{name}} {

/// What `main` serves and the tests ask.
armature::App make_app();

} // namespace {{name}}
