#include "app.hpp"

#include "todo.hpp"

#include <charconv>

using namespace armature;

namespace rest_api {

namespace {

// SQLite blocks its thread, so every handler hands its call to the pool for such work, and the
// event loop serves others meanwhile. g++ 12 wants the lambda to have a name before it is awaited.

Task<TodoPage> list_todos(Request& request, State<Todos> todos) {
    const auto number = [&](std::string_view name, std::int64_t fallback, std::int64_t most) {
        const auto text = request.query(name);
        if (!text) return fallback;
        std::int64_t value = 0;
        const char* end = text->data() + text->size();
        if (std::from_chars(text->data(), end, value).ptr != end || value < 1 || value > most)
            throw Error::bad_request(std::string{name} + " must be from 1 to " +
                                     std::to_string(most));
        return value;
    };
    const std::int64_t limit = number("limit", 20, 100);
    const std::int64_t offset = (number("page", 1, 1'000'000) - 1) * limit;
    auto work = [=] { return todos->list(limit, offset); };
    co_return co_await blocking(work);
}

Task<std::optional<Todo>> find_todo(Path<std::int64_t> id, State<Todos> todos) {
    auto work = [=] { return todos->find(*id); };
    co_return co_await blocking(work); // nothing is answered with 404
}

Task<Response> create_todo(const Json<NewTodo>& todo, State<Todos> todos) {
    auto work = [&] { return todos->add(*todo); };
    const Todo made = co_await blocking(work);
    co_return Response::json(to_json(made))
        .status(Status::created)
        .header(Field::location, "/todos/" + std::to_string(made.id));
}

Task<std::optional<Todo>> replace_todo(Path<std::int64_t> id, const Json<NewTodo>& todo,
                                       State<Todos> todos) {
    auto work = [&] { return todos->replace(*id, *todo); };
    co_return co_await blocking(work);
}

Task<Status> remove_todo(Path<std::int64_t> id, State<Todos> todos) {
    auto work = [=] { return todos->remove(*id); };
    const auto removed = co_await blocking(work);
    co_return removed ? Status::no_content : Status::not_found;
}

} // namespace

App make_app(const std::string& database) {
    return App::create()
        .data(std::make_shared<Todos>(database))
        .on_error([](const DuplicateError&) {
            return Error::conflict("There is a todo of that title already");
        })
        .route("/todos", get(list_todos).post(create_todo))
        .route("/todos/{id}", get(find_todo).put(replace_todo).delete_(remove_todo));
}

} // namespace rest_api
