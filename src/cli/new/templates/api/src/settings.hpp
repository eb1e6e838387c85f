#pragma once

#include <armature/config/config.hpp>
#include <armature/db/migrations.hpp>

#include <cstdint>
#include <string>

namespace {{name}} {

struct Settings {
    std::string listen = "127.0.0.1:8080";
    /// A secret, because the URL of a server has a password in it.
    armature::SecretString database{std::string{"{{database.url}}"}};
    std::uint32_t requests_per_minute = 6000; ///< of each client
};

/// From .env, the environment ({{NAME}}_LISTEN) and the command line (--listen=…).
inline void read_settings(armature::config::Reader& reader, Settings& settings) {
    using namespace armature::config;
    reader.read("listen", settings.listen, not_empty());
    reader.read("database", settings.database, not_empty());
    reader.read("requests_per_minute", settings.requests_per_minute, in_range(1, 1'000'000));
}

/// The schema, as db/migrations says.
inline armature::db::MigrationOptions migrations_of(const Settings& settings) {
    armature::db::MigrationOptions options;
    options.url = settings.database.expose();
    return options;
}

} // namespace {{name}}
