#pragma once

#include "settings.hpp"

#include <armature/armature.hpp>
#include <armature/openapi/openapi.hpp>

namespace rest_api {

/// What `main` serves and the tests ask. The database was migrated before.
armature::App make_app(const Settings& settings);

/// What its OpenAPI document says besides its routes.
armature::OpenApi describe_api();

} // namespace rest_api
