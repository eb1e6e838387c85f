#include "todos.hpp"

using namespace armature;

namespace rest_api {
namespace {

Todo todo_of(NewTodo given) {
    Todo todo;
    todo.title = std::move(given.title);
    todo.done = given.done.value_or(false);
    return todo;
}

} // namespace

Task<TodoPage> TodoController::list(Query<PageRequest> page) {
    auto query = todos_.query();
    query.order_by(&Todo::id).limit(page->limit).offset(page->offset());
    TodoPage found;
    found.items = co_await query.all();
    found.total = co_await query.count();
    co_return found;
}

Task<Created<Todo>> TodoController::add(Json<NewTodo> todo) {
    Todo made = todo_of(std::move(*todo));
    made = co_await todos_.insert(std::move(made)); // 409 if there is one of that title
    std::string location = "/todos/" + std::to_string(made.id);
    co_return Created{std::move(made), std::move(location)};
}

// Nothing is answered with 404.
Task<std::optional<Todo>> TodoController::find(Path<std::int64_t> id) { return todos_.find(*id); }

Task<Todo> TodoController::replace(Path<std::int64_t> id, Json<NewTodo> todo) {
    Todo changed = todo_of(std::move(*todo));
    changed.id = *id;
    return todos_.update(std::move(changed)); // 404 if there is none
}

Task<> TodoController::remove(Path<std::int64_t> id) { return todos_.remove(*id); }

Module todos_module() {
    return Module{"todos"}
        .provide<db::Repository<Todo>>()
        .provide<Writers>()
        .controller<TodoController>()
        .exports<db::Repository<Todo>>()
        .exports<Writers>();
}

} // namespace rest_api
