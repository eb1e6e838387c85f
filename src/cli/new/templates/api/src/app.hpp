#pragma once

#include "settings.hpp"

#include <armature/armature.hpp>
#include <armature/openapi/openapi.hpp>

namespace {{name}} {

/// What `main` serves and the tests ask. Its database has to be migrated.
armature::App make_app(const Settings& settings);

/// What the OpenAPI document says beside the routes.
armature::OpenApi describe_api();

} // namespace {{name}}
