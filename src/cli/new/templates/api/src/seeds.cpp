#include "seeds.hpp"

// armature:seed-includes

#include <armature/seed/seeding.hpp>

namespace {{name}} {

int run_seeds(const Settings& settings, const std::vector<std::string>& words) {
    armature::seed::SeedOptions options;
    options.url = settings.database.expose();
    armature::seed::Seeders seeders{options};
    // armature:seeds
    return seeders.command("db:seed", words);
}

} // namespace {{name}}
