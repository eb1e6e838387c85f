#include "db/sqlite_connection.hpp"

#include "db/pool.hpp"

#include <exception>
#include <stdexcept>
#include <utility>

namespace armature::db::detail {

namespace {

/// Something to do on the thread of a connection, for a task that may be gone before it is done.
template <class Function>
class ThreadWork final : public armature::detail::BlockingWork {
  public:
    using Result = std::invoke_result_t<Function&, SqliteThread&>;

    ThreadWork(std::shared_ptr<SqliteThread> thread, Function&& function)
        : thread_(std::move(thread)), function_(std::move(function)) {}
    std::optional<std::conditional_t<std::is_void_v<Result>, char, Result>> result;

  private:
    bool depart() override {
        thread_->submit(*this);
        return true;
    }
    void work() override {
        if constexpr (std::is_void_v<Result>)
            function_(*thread_);
        else
            result.emplace(function_(*thread_));
    }

    std::shared_ptr<SqliteThread> thread_;
    Function function_;
};

struct CurrentCancellation {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        found = self.promise().cancellation();
        return false;
    }
    [[nodiscard]] Cancellation* await_resume() const noexcept { return found; }
    Cancellation* found = nullptr;
};

/// Interrupts the statement when its task is cancelled.
class Interrupter final : CancelHook {
  public:
    Interrupter(SqliteThread& thread, Cancellation* cancellation) : thread_(thread) {
        if (cancellation != nullptr && !cancellation->requested()) cancellation->add(*this);
    }

  private:
    void cancelled(CancelReason) override { thread_.interrupt(); }
    SqliteThread& thread_;
};

} // namespace

std::string sqlite_path(std::string_view url) {
    std::string_view path = url.substr(std::string_view{"sqlite:"}.size());
    if (path.starts_with("//")) path.remove_prefix(2);
    return std::string{path};
}

SqliteConnection::SqliteConnection(std::shared_ptr<const DatabaseOptions> options)
    : thread_(std::make_shared<SqliteThread>(std::move(options))) {
    SqliteThread::start(thread_);
}

SqliteConnection::~SqliteConnection() { thread_->stop(); }

template <class Function>
auto SqliteConnection::on_thread(Function function)
    -> Task<decltype(function(std::declval<SqliteThread&>()))> {
    using Work = ThreadWork<Function>;
    if (is_busy_)
        throw std::logic_error("armature: two tasks use one transaction at the same time");
    thread_->expect();
    const auto work = std::make_shared<Work>(thread_, std::move(function));
    Cancellation* const cancellation = co_await CurrentCancellation{};
    const Interrupter interrupter{*thread_, cancellation};
    is_busy_ = true;
    try {
        co_await armature::detail::run_blocking(work);
    } catch (...) {
        is_busy_ = false;
        throw;
    }
    is_busy_ = false;
    if constexpr (!std::is_void_v<typename Work::Result>) co_return std::move(*work->result);
}

template <class Function>
void SqliteConnection::later(Function function) noexcept {
    try {
        auto work = std::make_shared<ThreadWork<Function>>(thread_, std::move(function));
        Task<> task = armature::detail::run_blocking(std::move(work));
        if (task.start([](void*) {}, nullptr, nullptr)) task.take_result();
    } catch (const std::exception&) {
        is_broken_ = true; // no loop any more
    }
}

Task<> SqliteConnection::open() {
    auto work = [](SqliteThread& thread) { thread.open(); };
    return on_thread(work);
}

Task<Rows> SqliteConnection::run(Statement statement) {
    auto work = [statement = std::move(statement)](SqliteThread& thread) {
        return thread.run(statement);
    };
    return on_thread(std::move(work));
}

Task<std::string> SqliteConnection::command(std::string sql) {
    auto work = [sql = std::move(sql)](SqliteThread& thread) {
        thread.begin_call();
        thread.execute(sql.c_str());
        return std::string{};
    };
    return on_thread(std::move(work));
}

Task<std::vector<Rows>> SqliteConnection::batch(std::vector<Statement> statements) {
    auto work = [statements = std::move(statements)](SqliteThread& thread) {
        return thread.batch(statements);
    };
    return on_thread(std::move(work));
}

Task<> SqliteConnection::start_rows(Statement statement) {
    auto work = [statement = std::move(statement)](SqliteThread& thread) {
        thread.start_rows(statement);
    };
    return on_thread(std::move(work));
}

Task<std::optional<Rows>> SqliteConnection::next_rows() {
    auto work = [](SqliteThread& thread) { return thread.next_rows(); };
    return on_thread(work);
}

void SqliteConnection::run_later(std::string sql) noexcept {
    later([sql = std::move(sql)](SqliteThread& thread) {
        try {
            if (thread.in_transaction()) thread.execute(sql.c_str());
        } catch (const DatabaseError&) { // NOLINT: the database rolled back by itself
        }
    });
}

void SqliteConnection::give_up() noexcept {
    if (is_busy_) return; // `retire` sees to it
    later([](SqliteThread& thread) { thread.stop_rows(); });
}

void SqliteConnection::retire(std::unique_ptr<Connection> self,
                              std::shared_ptr<Pool> pool) noexcept {
    const std::shared_ptr<SqliteThread> thread = thread_;
    thread->interrupt();
    if (is_broken_) thread->break_off();
    thread->submit_retired(std::move(self), std::move(pool));
}

namespace {

class SqliteDriver final : public Driver {
  public:
    explicit SqliteDriver(const DatabaseOptions& options)
        : options_(std::make_shared<const DatabaseOptions>(options)),
          path_(sqlite_path(options.url)) {
        if (path_.empty())
            throw std::invalid_argument(
                "armature: a SQLite URL names a file, sqlite:shop.db, or is sqlite::memory:");
    }
    [[nodiscard]] std::unique_ptr<Connection> make() const override {
        return std::make_unique<SqliteConnection>(options_);
    }
    [[nodiscard]] Dialect dialect() const noexcept override { return Dialect::sqlite; }
    [[nodiscard]] std::string name() const override { return "SQLite database " + path_; }
    [[nodiscard]] bool in_memory() const noexcept override { return path_ == ":memory:"; }

  private:
    std::shared_ptr<const DatabaseOptions> options_;
    std::string path_;
};

} // namespace

std::unique_ptr<Driver> make_sqlite_driver(const DatabaseOptions& options) {
    return std::make_unique<SqliteDriver>(options);
}

} // namespace armature::db::detail
