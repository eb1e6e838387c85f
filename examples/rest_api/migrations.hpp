#pragma once

#include "settings.hpp"

#include <armature/db/migrations.hpp>

#include <memory>
#include <string>

namespace rest_api {

/// What `db::Database` opens: the file of the settings.
std::string database_url(const Settings& settings);

/// The schema, step by step, in the program itself. Throws std::invalid_argument.
std::unique_ptr<armature::db::Migrations> make_migrations(const Settings& settings);

} // namespace rest_api
