#include "routes.hpp"

#include <armature/static_files/static_files.hpp>

using namespace armature;

namespace showcase {

void add_static_files(App& app, const std::string& directory) {
    app.service(static_files("/static", directory, {.immutable_fingerprints = true}));
}

} // namespace showcase
