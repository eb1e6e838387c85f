#pragma once

#include "terminal/command.hpp"

#include <armature/log/log.hpp>

#include <cstdint>
#include <string>
#include <string_view>

// What the commands that serve something have in common.

namespace armature::cli {

[[nodiscard]] inline std::string text_of(const terminal::Arguments& arguments,
                                         std::string_view option, std::string_view otherwise = {}) {
    return std::string{arguments.value(option).value_or(otherwise)};
}

/// What `--host` and `--port` say, as `ServerOptions::http` takes it.
[[nodiscard]] inline std::string address_of(const terminal::Arguments& arguments,
                                            std::uint64_t usual_port) {
    std::string host = text_of(arguments, "--host", "127.0.0.1");
    if (host.find(':') != std::string::npos) host = '[' + host + ']'; // IPv6
    return host + ':' + std::to_string(arguments.number("--port", 0, 65535, usual_port));
}

/// The command itself tells people what happens.
inline void log_errors_only() {
    log::Options options;
    options.level = log::Level::error;
    options.format = log::Format::pretty;
    log::configure(options);
}

} // namespace armature::cli
