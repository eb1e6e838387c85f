#include "pages.hpp"

#include <armature/static_files/static_files.hpp>
#include <armature/templates/templates.hpp>

using namespace armature;

namespace {{name}} {

namespace {

struct Home {
    std::string title;
};
ARMATURE_DESCRIBE(Home, title);

Response home(State<Templates> templates) {
    return templates->render("home.html", Home{"{{Title}}"});
}

} // namespace

Scope pages() {
    Templates templates{"pages"};
    templates.require<Home>("home.html"); // a mistake in it stops the start
    return scope("")
        .data(std::move(templates))
        .route("/", get(home).hidden())
        .service(static_files("/public", "public"));
}

} // namespace {{name}}
