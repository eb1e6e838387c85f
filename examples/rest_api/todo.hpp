#pragma once

#include "database.hpp"

#include <armature/armature.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a client sends to create or replace a todo, and the rules for it.
struct NewTodo {
    std::string title;
    std::optional<bool> done;
};
ARMATURE_DESCRIBE(NewTodo, (title, min_length(1), max_length(200)), done);

struct Todo {
    std::int64_t id;
    std::string title;
    bool done;
};
ARMATURE_DESCRIBE(Todo, id, title, done);

struct TodoPage {
    std::vector<Todo> items;
    std::int64_t total; ///< of all pages
};
ARMATURE_DESCRIBE(TodoPage, items, total);

/// The todos in a database. Every call blocks.
class TodoStore {
  public:
    /// Creates the table if it isn't there.
    explicit TodoStore(const std::string& path);

    TodoPage list(std::int64_t offset, std::int64_t count);
    std::optional<Todo> find(std::int64_t id);
    /// Throws DuplicateError if there is a todo of that title; so does `replace`.
    Todo add(const NewTodo& todo);
    std::optional<Todo> replace(std::int64_t id, const NewTodo& todo);
    bool remove(std::int64_t id);

  private:
    Database database_;
};

/// The routes below /todos.
armature::Scope todo_routes(const std::string& database_path);
