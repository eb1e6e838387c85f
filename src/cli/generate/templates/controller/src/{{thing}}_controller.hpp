#pragma once

#include <armature/app/controller.hpp>
#include <armature/armature.hpp>

#include <string>

namespace {{ns}} {

/// The routes below /{{path}}. One object of it serves all requests.
class {{Thing}}Controller {
    ARMATURE_CONTROLLER({{Thing}}Controller, "/{{path}}", .tags = {"{{path}}"});

  public:
    {{actions.declarations}}

    ARMATURE_END_CONTROLLER();
};

} // namespace {{ns}}
