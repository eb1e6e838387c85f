#pragma once

#include "settings.hpp"

#include <armature/armature.hpp>
#include <armature/di/di.hpp>

namespace {{name}} {

/// `POST /reports/{topic}` answers at once; the report is made later, by a worker that starts and
/// drains with the server.
armature::Module reports_module(const Settings& settings);

} // namespace {{name}}
