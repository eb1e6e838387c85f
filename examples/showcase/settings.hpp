#pragma once

#include "app.hpp"

#include <armature/log/log.hpp>

#include <span>
#include <stdexcept>
#include <string>

namespace showcase {

struct Settings {
    armature::ServerOptions server;
    armature::log::Options log;
    std::string certificate; ///< PEM files; a self-signed one without them
    std::string key;
    AppSettings app;
};

/// What is wrong with the command line, in one line.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Reads the flags that README.md lists. Throws `UsageError`.
Settings read_arguments(std::span<char* const> arguments);

} // namespace showcase
