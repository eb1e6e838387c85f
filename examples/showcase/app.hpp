#pragma once

#include "production.hpp"

#include <armature/armature.hpp>
#include <armature/openapi/openapi.hpp>

#include <cstdint>
#include <string>

namespace showcase {

struct AppSettings {
    std::uint64_t max_body = 1024 * 1024; ///< the largest content accepted, in bytes
    std::string static_files;             ///< a folder to serve; none when empty
    Production production;                ///< as strangers may reach it; off by default
};

/// All of it.
armature::App make_app(const AppSettings& settings = {});

/// What its OpenAPI document says that the routes don't.
armature::OpenApi describe_api(bool in_production = false);

} // namespace showcase
