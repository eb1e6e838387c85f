#pragma once

#include <armature/armature.hpp>

#include <string>

namespace rest_api {

/// `database` is the path of SQLite's file, or ":memory:". Throws `DatabaseError`.
armature::App make_app(const std::string& database);

} // namespace rest_api
