#pragma once

#include "store.hpp"
#include "writers.hpp"

#include <armature/app/controller.hpp>
#include <armature/app/page.hpp>
#include <armature/armature.hpp>
#include <armature/di/di.hpp>

namespace rest_api {

/// The routes of todos.
class TodoController {
    ARMATURE_CONTROLLER(TodoController, "/todos", .tags = {"todos"});

  public:
    explicit TodoController(TodoStore& store) : store_(store) {}

    ARMATURE_GET("/", list, .summary = "A page of todos, the oldest first");
    armature::Task<TodoPage> list(armature::Query<armature::PageRequest> page);

    ARMATURE_POST("/", add, .summary = "Adds a todo", .guards = armature::guards<Writers>());
    armature::Task<armature::Created<Todo>> add(armature::Json<NewTodo> todo);

    ARMATURE_GET("/{id}", find, .summary = "One todo");
    armature::Task<std::optional<Todo>> find(armature::Path<std::int64_t> id);

    ARMATURE_PUT("/{id}", replace, .summary = "Replaces a todo",
                 .guards = armature::guards<Writers>());
    armature::Task<std::optional<Todo>> replace(armature::Path<std::int64_t> id,
                                                armature::Json<NewTodo> todo);

    ARMATURE_DELETE("/{id}", remove, .summary = "Removes a todo",
                    .guards = armature::guards<Writers>());
    armature::Task<> remove(armature::Path<std::int64_t> id);

    ARMATURE_END_CONTROLLER();

  private:
    TodoStore& store_;
};

/// Todos: the store, the routes, and who may change what.
armature::Module todos_module();

} // namespace rest_api
