#pragma once

#include "database.hpp"

#include <armature/armature.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rest_api {

struct Todo {
    std::int64_t id;
    std::string title;
    bool done;
};
ARMATURE_DESCRIBE(Todo, id, title, done);

/// What a client sends to create or replace a todo, and the rules for it.
struct NewTodo {
    std::string title;
    std::optional<bool> done;
};
ARMATURE_DESCRIBE(NewTodo, (title, min_length(1), max_length(200)), done);

struct TodoPage {
    std::vector<Todo> items;
    std::int64_t total; ///< of all pages
};
ARMATURE_DESCRIBE(TodoPage, items, total);

/// The todos in a database. Every call blocks. Throws DuplicateError for a title that is taken.
class TodoStore {
  public:
    explicit TodoStore(Database& database) : database_(database) {
        database_
            .query("CREATE TABLE IF NOT EXISTS todos (id INTEGER PRIMARY KEY AUTOINCREMENT, "
                   "title TEXT NOT NULL UNIQUE, done INTEGER NOT NULL) STRICT")
            .next();
    }

    TodoPage list(std::uint64_t limit, std::uint64_t offset) {
        TodoPage page{{}, count()};
        auto rows =
            database_.query("SELECT * FROM todos ORDER BY id LIMIT ? OFFSET ?",
                            static_cast<std::int64_t>(limit), static_cast<std::int64_t>(offset));
        while (rows.next())
            page.items.push_back(read(rows));
        return page;
    }
    std::vector<Todo> all() {
        std::vector<Todo> todos;
        auto rows = database_.query("SELECT * FROM todos ORDER BY id");
        while (rows.next())
            todos.push_back(read(rows));
        return todos;
    }
    std::optional<Todo> find(std::int64_t id) {
        return first(database_.query("SELECT * FROM todos WHERE id = ?", id));
    }
    Todo add(const NewTodo& todo) {
        return *first(database_.query("INSERT INTO todos (title, done) VALUES (?, ?) RETURNING *",
                                      todo.title, todo.done.value_or(false)));
    }
    std::optional<Todo> replace(std::int64_t id, const NewTodo& todo) {
        return first(
            database_.query("UPDATE todos SET title = ?, done = ? WHERE id = ? RETURNING *",
                            todo.title, todo.done.value_or(false), id));
    }
    std::optional<Todo> remove(std::int64_t id) {
        return first(database_.query("DELETE FROM todos WHERE id = ? RETURNING *", id));
    }

  private:
    static Todo read(Database::Rows& row) {
        return {row.integer(0), row.text(1), row.integer(2) != 0};
    }
    static std::optional<Todo> first(Database::Rows rows) {
        if (!rows.next()) return std::nullopt;
        return read(rows);
    }
    std::int64_t count() {
        auto rows = database_.query("SELECT count(*) FROM todos");
        rows.next();
        return rows.integer(0);
    }

    Database& database_;
};

} // namespace rest_api
