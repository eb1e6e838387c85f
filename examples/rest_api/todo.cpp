#include "todo.hpp"

#include <charconv>

using namespace armature;

// --- the store ----------------------------------------------------------------------------------

namespace {

Todo read_todo(const Rows& rows) { return {rows.integer(0), rows.text(1), rows.integer(2) != 0}; }

std::optional<Todo> read_one(Rows rows) {
    if (!rows.next()) return std::nullopt;
    return read_todo(rows);
}

} // namespace

TodoStore::TodoStore(const std::string& path) : database_(path) {
    database_
        .query("CREATE TABLE IF NOT EXISTS todos (id INTEGER PRIMARY KEY AUTOINCREMENT, "
               "title TEXT NOT NULL UNIQUE, done INTEGER NOT NULL) STRICT")
        .next();
}

TodoPage TodoStore::list(std::int64_t offset, std::int64_t count) {
    TodoPage page{{}, 0};
    {
        Rows rows = database_.query(
            "SELECT id, title, done FROM todos ORDER BY id LIMIT ? OFFSET ?", count, offset);
        while (rows.next()) page.items.push_back(read_todo(rows));
    }
    Rows total = database_.query("SELECT count(*) FROM todos");
    if (total.next()) page.total = total.integer(0);
    return page;
}

std::optional<Todo> TodoStore::find(std::int64_t id) {
    return read_one(database_.query("SELECT id, title, done FROM todos WHERE id = ?", id));
}

Todo TodoStore::add(const NewTodo& todo) {
    return read_one(database_.query("INSERT INTO todos (title, done) VALUES (?, ?) "
                                    "RETURNING id, title, done",
                                    todo.title, std::int64_t{todo.done.value_or(false)}))
        .value();
}

std::optional<Todo> TodoStore::replace(std::int64_t id, const NewTodo& todo) {
    return read_one(database_.query("UPDATE todos SET title = ?, done = ? WHERE id = ? "
                                    "RETURNING id, title, done",
                                    todo.title, std::int64_t{todo.done.value_or(false)}, id));
}

bool TodoStore::remove(std::int64_t id) {
    return database_.query("DELETE FROM todos WHERE id = ? RETURNING id", id).next();
}

// --- the routes ---------------------------------------------------------------------------------
// SQLite blocks its thread, so each handler hands the call to the pool for such work and serves
// other requests meanwhile. g++ 12 wants the lambda named before it is awaited.

namespace {

std::int64_t query_number(Request& request, std::string_view name, std::int64_t fallback,
                          std::int64_t most) {
    const auto text = request.query(name);
    if (!text) return fallback;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size() || value < 1 || value > most)
        throw Error::bad_request("The query parameter " + std::string{name} +
                                 " must be a number from 1 to " + std::to_string(most));
    return value;
}

Task<TodoPage> list_todos(Request& request, State<TodoStore> store) {
    const std::int64_t page = query_number(request, "page", 1, 1'000'000);
    const std::int64_t limit = query_number(request, "limit", 20, 100);
    auto work = [=] { return store->list((page - 1) * limit, limit); };
    co_return co_await blocking(work);
}

Task<std::optional<Todo>> find_todo(Path<std::int64_t> id, State<TodoStore> store) {
    auto work = [=] { return store->find(id); };
    co_return co_await blocking(work); // nullopt is answered with 404
}

Task<Response> create_todo(const Json<NewTodo>& todo, State<TodoStore> store) {
    auto work = [&] { return store->add(*todo); };
    const Todo made = co_await blocking(work);
    co_return Response::json(to_json(made))
        .status(Status::created)
        .header(Field::location, "/todos/" + std::to_string(made.id));
}

Task<std::optional<Todo>> replace_todo(Path<std::int64_t> id, const Json<NewTodo>& todo,
                                       State<TodoStore> store) {
    auto work = [&] { return store->replace(id, *todo); };
    co_return co_await blocking(work);
}

Task<Status> remove_todo(Path<std::int64_t> id, State<TodoStore> store) {
    auto work = [=] { return store->remove(id); };
    co_return co_await blocking(work) ? Status::no_content : Status::not_found;
}

} // namespace

Scope todo_routes(const std::string& database_path) {
    return scope("/todos")
        .data(std::make_shared<TodoStore>(database_path))
        .route("/", get(list_todos).post(create_todo))
        .route("/{id}", get(find_todo).put(replace_todo).delete_(remove_todo));
}
