#pragma once

#include "settings.hpp"

#include <string>
#include <vector>

namespace {{name}} {

/// `./{{name}} db:seed …`: fills the database with made-up data, for development.
int run_seeds(const Settings& settings, const std::vector<std::string>& words);

} // namespace {{name}}
