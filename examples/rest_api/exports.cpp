#include "exports.hpp"

#include <armature/jobs/sqlite.hpp>
#include <armature/jobs/transaction.hpp>
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
    worker->on<MakeExport>([&exports](const MakeExport& job) { return exports.make(job.id); });
    return worker;
}

} // namespace

ExportStore::ExportStore(db::Database& database, db::Repository<Todo>& todos, const Jobs& jobs)
    : database_(database), exports_(database), todos_(todos), jobs_(jobs) {}

Task<Export> ExportStore::add() {
    const auto both = [this](db::Transaction& transaction) -> Task<std::int64_t> {
        ExportRow row;
        row = co_await exports_.in(transaction).insert(std::move(row));
        NewJob job = Jobs::make(MakeExport{row.id});
        (void)co_await enqueue_in(transaction, std::move(job));
        co_return row.id;
    };
    const std::int64_t id = co_await database_.transaction(both);
    jobs_.wake(); // the worker needn't wait for its next look
    co_return Export{id, ExportState::waiting, {}};
}

Task<std::optional<Export>> ExportStore::find(std::int64_t id) {
    const std::optional<ExportRow> row = co_await exports_.find(id);
    if (!row) co_return std::nullopt;
    Export found{id, ExportState::waiting, {}};
    if (row->todos) {
        JsonErrors errors;
        if (read_json(*row->todos, found.todos, errors) != JsonStatus::ok)
            throw Error::internal("an export isn't what was put there");
        found.state = ExportState::done;
    }
    co_return found;
}

Task<> ExportStore::make(std::int64_t id) {
    const std::vector<Todo> todos = co_await todos_.query().order_by(&Todo::id).all();
    const std::string text = to_json(todos);
    (void)co_await exports_.where(db::column(&ExportRow::id) == id)
        .update(db::set(&ExportRow::todos, text));
}

Task<Created<Export>> ExportController::add() {
    Export made = co_await store_.add();
    std::string location = "/exports/" + std::to_string(made.id);
    co_return Created{std::move(made), std::move(location)};
}

Task<std::optional<Export>> ExportController::find(Path<std::int64_t> id) {
    return store_.find(*id);
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
