#pragma once

#include <armature/armature.hpp>

namespace hello {

/// The application by itself, so that a test can ask it without a server.
inline armature::App make_app() {
    using namespace armature;
    return App::create().route("/", get([] { return "Hello, World!"; }));
}

} // namespace hello
