#pragma once

#include <armature/seed/random.hpp>

namespace armature::cli::mock {

using seed::Random;

} // namespace armature::cli::mock
