#include "exports.hpp"

#include "todos.hpp"

#include <armature/jobs/sqlite.hpp>
#include <armature/jobs/worker.hpp>

using namespace armature;

namespace rest_api {
namespace {

struct MakeExport {
    static constexpr std::string_view kind = "make_export"; // the job's name in the database
    std::int64_t id;
};
ARMATURE_DESCRIBE(MakeExport, id);

std::unique_ptr<Jobs> open_jobs(const Settings& settings) {
    return std::make_unique<Jobs>(sqlite_jobs(settings.database));
}

std::unique_ptr<JobWorker> make_worker(const Jobs& jobs, ExportStore& exports) {
    auto worker = std::make_unique<JobWorker>(jobs);
    worker->on<MakeExport>([&exports](const MakeExport& job) { exports.make(job.id); });
    return worker;
}

} // namespace

ExportStore::ExportStore(Database& database, TodoStore& todos, const Jobs& jobs)
    : database_(database), todos_(todos), jobs_(jobs) {
    database_
        .query("CREATE TABLE IF NOT EXISTS exports (id INTEGER PRIMARY KEY AUTOINCREMENT, "
               "todos TEXT) STRICT")
        .next();
    create_job_tables(database_.handle());
}

Export ExportStore::add() {
    const Export made = database_.transaction([&] {
        auto rows = database_.query("INSERT INTO exports DEFAULT VALUES RETURNING id");
        rows.next();
        const Export waiting{rows.integer(0), ExportState::waiting, {}};
        enqueue_in(database_.handle(), Jobs::make(MakeExport{waiting.id}));
        return waiting;
    });
    jobs_.wake(); // the worker needn't wait for its next look
    return made;
}

std::optional<Export> ExportStore::find(std::int64_t id) {
    auto rows = database_.query("SELECT todos FROM exports WHERE id = ?", id);
    if (!rows.next()) return std::nullopt;
    Export found{id, ExportState::waiting, {}};
    JsonErrors errors;
    if (const std::string todos = rows.text(0); !todos.empty()) {
        if (read_json(todos, found.todos, errors) != JsonStatus::ok)
            throw DatabaseError{"an export isn't what was put there"};
        found.state = ExportState::done;
    }
    return found;
}

void ExportStore::make(std::int64_t id) {
    const std::string todos = to_json(todos_.all());
    database_.query("UPDATE exports SET todos = ? WHERE id = ?", std::string_view{todos}, id)
        .next();
}

Task<Created<Export>> ExportController::add() {
    auto work = [&] { return store_.add(); };
    Export made = co_await blocking(work);
    std::string location = "/exports/" + std::to_string(made.id);
    co_return Created{std::move(made), std::move(location)};
}

Task<std::optional<Export>> ExportController::find(Path<std::int64_t> id) {
    auto work = [&] { return store_.find(*id); };
    co_return co_await blocking(work);
}

Module exports_module() {
    return Module{"exports"}
        .imports(todos_module)
        .provide_factory(open_jobs)
        .provide<ExportStore>()
        .provide_factory(make_worker)
        .controller<ExportController>();
}

} // namespace rest_api
