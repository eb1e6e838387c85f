#pragma once

#include <armature/armature.hpp>
#include <armature/openapi/openapi.hpp>

#include <cstdint>
#include <string>

namespace showcase {

/// All of it. `max_body` is the largest content accepted, in bytes; `static_files` a folder to
/// serve, if any.
armature::App make_app(std::uint64_t max_body = 1024 * 1024, const std::string& static_files = {});

/// What its OpenAPI document says that the routes don't.
armature::OpenApi describe_api();

} // namespace showcase
