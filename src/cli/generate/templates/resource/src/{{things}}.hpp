#pragma once

#include "{{thing}}.hpp"

#include <armature/app/controller.hpp>
#include <armature/app/page.hpp>
#include <armature/armature.hpp>
#include <armature/db/database.hpp>
#include <armature/di/di.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace {{ns}} {

/// The table {{table}}.
class {{Thing}}Store {
  public:
    explicit {{Thing}}Store(armature::db::Database& database) : database_(database) {}

    armature::Task<std::vector<{{Thing}}>> list(const armature::PageRequest& page);
    armature::Task<std::int64_t> count();
    armature::Task<std::optional<{{Thing}}>> find(std::int64_t id);
    armature::Task<{{Thing}}> add(const {{Thing}}& {{thing}});
    armature::Task<std::optional<{{Thing}}>> replace(std::int64_t id, const {{Thing}}& {{thing}});
    /// Gives how many it removed: 1 or 0.
    armature::Task<std::uint64_t> remove(std::int64_t id);

  private:
    armature::db::Database& database_;
};

/// The routes below /{{path}}.
class {{Thing}}Controller {
    ARMATURE_CONTROLLER({{Thing}}Controller, "/{{path}}", .tags = {"{{path}}"});

  public:
    explicit {{Thing}}Controller({{Thing}}Store& store) : store_(store) {}

    ARMATURE_GET("/", list, .summary = "A page of them, the oldest first");
    armature::Task<armature::Page<{{Thing}}>> list(armature::Query<armature::PageRequest> page);

    ARMATURE_POST("/", add, .summary = "Adds one");
    armature::Task<armature::Created<{{Thing}}>> add(armature::Json<{{Thing}}> {{thing}});

    ARMATURE_GET("/{id}", find, .summary = "One of them");
    armature::Task<std::optional<{{Thing}}>> find(armature::Path<std::int64_t> id);

    ARMATURE_PUT("/{id}", replace, .summary = "Replaces one");
    armature::Task<std::optional<{{Thing}}>> replace(armature::Path<std::int64_t> id,
                                                     armature::Json<{{Thing}}> {{thing}});

    ARMATURE_DELETE("/{id}", remove, .summary = "Removes one");
    armature::Task<> remove(armature::Path<std::int64_t> id);

    ARMATURE_END_CONTROLLER();

  private:
    {{Thing}}Store& store_;
};

armature::Module {{things}}_module();

} // namespace {{ns}}
