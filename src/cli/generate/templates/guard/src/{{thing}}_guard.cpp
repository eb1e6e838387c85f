#include "{{thing}}_guard.hpp"

using namespace armature;

namespace {{ns}} {

bool {{Thing}}Guard::can_activate(Request&) const {
    return false; // say here who may pass, by what the request's Principal or metadata is
}

} // namespace {{ns}}
