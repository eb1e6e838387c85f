#include "app.hpp"

#include "todos.hpp"

using namespace armature;

namespace rest_api {

OpenApi describe_api() {
    return {.title = "Todos",
            .version = "1.0.0",
            .description = "Things to do, kept in a database.",
            .license = {.name = "MIT", .identifier = "MIT"},
            .servers = {{"http://127.0.0.1:8080", "Your machine"}},
            .tags = {{"todos", "What is to be done."}}};
}

App make_app(const Settings& settings) {
    return App::create()
        .provide_value(settings)
        .provide_factory(
            [](const Settings& given) { return std::make_unique<Database>(given.database); })
        .imports(todos_module)
        .on_error([](const DuplicateError&) {
            return Error::conflict("There is a todo of that title already");
        })
        .service(openapi(describe_api()));
}

} // namespace rest_api
