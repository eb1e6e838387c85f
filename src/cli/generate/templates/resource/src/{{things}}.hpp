#pragma once

#include "{{thing}}.hpp"

#include <armature/app/conditional.hpp>
#include <armature/app/controller.hpp>
#include <armature/app/page.hpp>
#include <armature/app/patch.hpp>
#include <armature/armature.hpp>
#include <armature/db/repository.hpp>
#include <armature/di/di.hpp>

#include <cstdint>
#include <optional>

namespace {{ns}} {

/// Which page of them: those behind the id `cursor`.
struct {{Thing}}Cursor {
    std::optional<std::int64_t> cursor; ///< absent: the first page
    std::uint64_t limit = 20;
};
ARMATURE_DESCRIBE({{Thing}}Cursor, cursor, (limit, min(1), max(100), defaulted));

/// The routes below /{{path}}.
class {{Thing}}Controller {
    ARMATURE_CONTROLLER({{Thing}}Controller, "/{{path}}", .tags = {"{{path}}"});

  public:
    explicit {{Thing}}Controller(armature::db::Repository<{{Thing}}>& {{things}})
        : {{things}}_({{things}}) {}

    ARMATURE_GET("/", list, .summary = "A page of them, the oldest first");
    {{list.declared}}

    ARMATURE_POST("/", add, .summary = "Adds one");
    {{add.declared}}

    ARMATURE_GET("/{id}", find, .summary = "One of them");
    {{find.declared}}

    ARMATURE_PUT("/{id}", replace, .summary = "Replaces one");
    {{replace.declared}}

    ARMATURE_PATCH("/{id}", patch, .summary = "Changes what is given of one");
    {{patch.declared}}

    ARMATURE_DELETE("/{id}", remove, .summary = "Removes one");
    {{remove.declared}}

    ARMATURE_END_CONTROLLER();

  private:
    armature::db::Repository<{{Thing}}>& {{things}}_;
};

/// The repository and the routes.
armature::Module {{things}}_module();

} // namespace {{ns}}
