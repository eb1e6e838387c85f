#pragma once

#include <armature/config/config.hpp>

#include <string>

namespace {{name}} {

struct Settings {
    std::string listen = "127.0.0.1:8080";
};

/// From .env, the environment ({{NAME}}_LISTEN) and the command line (--listen=…).
inline void read_settings(armature::config::Reader& reader, Settings& settings) {
    reader.read("listen", settings.listen, armature::config::not_empty());
}

} // namespace {{name}}
