#include "{{thing}}_module.hpp"

using namespace armature;

namespace {{ns}} {

Module {{thing}}_module() {
    return Module{"{{thing}}"}.service(
        scope("/{{path}}").tag("{{path}}").route("/", get([] { return "{{title}}"; })));
}

} // namespace {{ns}}
