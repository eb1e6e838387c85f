#pragma once

#include "settings.hpp"

#include <armature/armature.hpp>

namespace rest_api {

/// What `main` serves and the tests ask. `build` throws `DatabaseError`.
armature::App make_app(const Settings& settings);

} // namespace rest_api
