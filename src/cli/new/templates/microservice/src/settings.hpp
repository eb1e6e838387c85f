#pragma once

#include <armature/config/config.hpp>

#include <cstdint>
#include <string>

namespace {{name}} {

struct Settings {
    std::string listen = "127.0.0.1:8080";
    std::string upstream = "http://127.0.0.1:9000"; ///< whom `GET /relay` asks
    std::uint32_t requests_per_minute = 60'000;     ///< of each client
};

/// From .env, the environment ({{NAME}}_LISTEN) and the command line (--listen=…).
inline void read_settings(armature::config::Reader& reader, Settings& settings) {
    using namespace armature::config;
    reader.read("listen", settings.listen, not_empty());
    reader.read("upstream", settings.upstream, http_url());
    reader.read("requests_per_minute", settings.requests_per_minute, in_range(1, 1'000'000));
}

} // namespace {{name}}
