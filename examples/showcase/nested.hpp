#pragma once

#include <armature/armature.hpp>

namespace showcase {

/// Middleware, to be the outermost ("root"): answers requests below /nested with the names of all
/// middleware that they passed, on the way in and on the way out.
struct RecordVisits {
    void before(armature::Request& request) const;
    void after(armature::Request& request, armature::Response& response) const;
};

} // namespace showcase
