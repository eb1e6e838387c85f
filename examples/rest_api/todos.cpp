#include "todos.hpp"

using namespace armature;

namespace rest_api {

// SQLite blocks its thread, so every function hands its call to the pool for such work, and the
// event loop serves others meanwhile. g++ 12 wants the lambda to have a name before it is awaited.

Task<TodoPage> TodoController::list(Query<PageRequest> page) {
    auto work = [&] { return store_.list(page->limit, page->offset()); };
    co_return co_await blocking(work);
}

Task<Created<Todo>> TodoController::add(Json<NewTodo> todo) {
    auto work = [&] { return store_.add(*todo); };
    Todo made = co_await blocking(work);
    std::string location = "/todos/" + std::to_string(made.id);
    co_return Created{std::move(made), std::move(location)};
}

Task<std::optional<Todo>> TodoController::find(Path<std::int64_t> id) {
    auto work = [&] { return store_.find(*id); };
    co_return co_await blocking(work); // nothing is answered with 404
}

Task<std::optional<Todo>> TodoController::replace(Path<std::int64_t> id, Json<NewTodo> todo) {
    auto work = [&] { return store_.replace(*id, *todo); };
    co_return co_await blocking(work);
}

Task<> TodoController::remove(Path<std::int64_t> id) {
    auto work = [&] { return store_.remove(*id); };
    const std::optional<Todo> removed = co_await blocking(work);
    if (!removed) throw Error::not_found("There is no todo " + std::to_string(*id));
}

Module todos_module() {
    return Module{"todos"}
        .provide<TodoStore>()
        .provide<Writers>()
        .controller<TodoController>()
        .exports<TodoStore>()
        .exports<Writers>();
}

} // namespace rest_api
