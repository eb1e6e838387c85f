#include "app.hpp"

#include "todos.hpp"

#include <armature/openapi/openapi.hpp>

using namespace armature;

namespace rest_api {

App make_app(const Settings& settings) {
    return App::create()
        .provide_value(settings)
        .provide_factory(
            [](const Settings& given) { return std::make_unique<Database>(given.database); })
        .imports(todos_module)
        .on_error([](const DuplicateError&) {
            return Error::conflict("There is a todo of that title already");
        })
        .service(openapi({.title = "Todos",
                          .version = "1.0.0",
                          .description = "Things to do, kept in a database.",
                          .tags = {{"todos", "What is to be done."}}}));
}

} // namespace rest_api
