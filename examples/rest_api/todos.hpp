#pragma once

#include "writers.hpp"

#include <armature/app/controller.hpp>
#include <armature/app/page.hpp>
#include <armature/armature.hpp>
#include <armature/db/repository.hpp>
#include <armature/di/di.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rest_api {

/// A row of the table `todos`, and what clients see of it.
struct Todo {
    std::int64_t id = 0;
    std::string title;
    bool done = false;
};
ARMATURE_DESCRIBE(Todo, id, title, done);
ARMATURE_MODEL(Todo, "todos");

/// What a client sends to create or replace a todo, and the rules for it.
struct NewTodo {
    std::string title;
    std::optional<bool> done;
};
ARMATURE_DESCRIBE(NewTodo, (title, min_length(1), max_length(200)), done);

struct TodoPage {
    std::vector<Todo> items;
    std::int64_t total = 0; ///< of all pages
};
ARMATURE_DESCRIBE(TodoPage, items, total);

/// The routes of todos.
class TodoController {
    ARMATURE_CONTROLLER(TodoController, "/todos", .tags = {"todos"});

  public:
    explicit TodoController(armature::db::Repository<Todo>& todos) : todos_(todos) {}

    ARMATURE_GET("/", list, .summary = "A page of todos, the oldest first");
    armature::Task<TodoPage> list(armature::Query<armature::PageRequest> page);

    ARMATURE_POST("/", add, .summary = "Adds a todo", .guards = armature::guards<Writers>());
    armature::Task<armature::Created<Todo>> add(armature::Json<NewTodo> todo);

    ARMATURE_GET("/{id}", find, .summary = "One todo");
    armature::Task<std::optional<Todo>> find(armature::Path<std::int64_t> id);

    ARMATURE_PUT("/{id}", replace, .summary = "Replaces a todo",
                 .guards = armature::guards<Writers>());
    armature::Task<Todo> replace(armature::Path<std::int64_t> id, armature::Json<NewTodo> todo);

    ARMATURE_DELETE("/{id}", remove, .summary = "Removes a todo",
                    .guards = armature::guards<Writers>());
    armature::Task<> remove(armature::Path<std::int64_t> id);

    ARMATURE_END_CONTROLLER();

  private:
    armature::db::Repository<Todo>& todos_;
};

/// Todos: the repository, the routes, and who may change what.
armature::Module todos_module();

} // namespace rest_api
