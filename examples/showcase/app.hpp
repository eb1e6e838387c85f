#pragma once

#include <armature/armature.hpp>
#include <armature/openapi/openapi.hpp>

#include <cstdint>

namespace showcase {

/// All of it. `max_body` is the largest content accepted, in bytes.
armature::App make_app(std::uint64_t max_body = 1024 * 1024);

/// What its OpenAPI document says that the routes don't.
armature::OpenApi describe_api();

} // namespace showcase
