#pragma once

#include "todos.hpp"
#include "writers.hpp"

#include <armature/app/controller.hpp>
#include <armature/armature.hpp>
#include <armature/db/repository.hpp>
#include <armature/di/di.hpp>
#include <armature/jobs/jobs.hpp>

namespace rest_api {

/// A row of the table `exports`.
struct ExportRow {
    std::int64_t id = 0;
    std::optional<std::string> todos; ///< as JSON; none while it waits
};
ARMATURE_DESCRIBE(ExportRow, id, todos);
ARMATURE_MODEL(ExportRow, "exports");

enum class ExportState : std::uint8_t { waiting, done };
ARMATURE_DESCRIBE_ENUM(ExportState, waiting, done);

/// All todos as they were when a worker came to it.
struct Export {
    std::int64_t id;
    ExportState state;
    std::vector<Todo> todos; ///< none while it waits
};
ARMATURE_DESCRIBE(Export, id, state, todos);

/// The exports in a database, and the jobs that make them.
class ExportStore {
  public:
    ExportStore(armature::db::Database& database, armature::db::Repository<Todo>& todos,
                const armature::Jobs& jobs);

    /// Adds an export that waits, and the job that makes it: both, or neither.
    armature::Task<Export> add();
    armature::Task<std::optional<Export>> find(std::int64_t id);
    /// What the job does. Doing it again changes nothing for the worse, as jobs ask for.
    armature::Task<> make(std::int64_t id);

  private:
    armature::db::Database& database_;
    armature::db::Repository<ExportRow> exports_;
    armature::db::Repository<Todo>& todos_;
    const armature::Jobs& jobs_;
};

/// The routes of exports.
class ExportController {
    ARMATURE_CONTROLLER(ExportController, "/exports", .tags = {"exports"});

  public:
    explicit ExportController(ExportStore& store) : store_(store) {}

    ARMATURE_POST("/", add, .summary = "Asks for an export of all todos",
                  .guards = armature::guards<Writers>());
    armature::Task<armature::Created<Export>> add();

    ARMATURE_GET("/{id}", find, .summary = "An export, and whether it is done",
                 .guards = armature::guards<Writers>());
    armature::Task<std::optional<Export>> find(armature::Path<std::int64_t> id);

    ARMATURE_END_CONTROLLER();

  private:
    ExportStore& store_;
};

/// Exports: the store, the routes, and the worker, which starts and ends with the server.
armature::Module exports_module();

} // namespace rest_api
