#include "app.hpp"

// armature:includes

#include <armature/app/controller.hpp>
#include <armature/di/di.hpp>

using namespace armature;

namespace {{name}} {

App make_app() {
    return App::create()
        // armature:middleware
        // armature:services
        .route("/", get([] { return "Hello, World!"; }))
        .route("/hello/{name}", get([](Path<std::string> name) { return "Hello, " + *name + "!"; }))
        // armature:routes
        ;
}

} // namespace {{name}}
