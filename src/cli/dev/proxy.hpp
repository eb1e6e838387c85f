#pragma once

#include "cli/dev/situation.hpp"

#include <armature/app/app.hpp>

#include <string>

namespace armature::cli::dev {

struct ProxyOptions {
    std::string socket; ///< the path of the program's Unix-domain socket
    std::string editor; ///< see PageOptions
    bool reload = true; ///< pages are told to load anew
};

/// What owns the public port: passes requests on to the program, lets them wait while it changes,
/// and shows why it can't answer. `situation` has to outlive it.
[[nodiscard]] Application make_proxy(Situation& situation, ProxyOptions options);

} // namespace armature::cli::dev
