#include "{{thing}}.hpp"

using namespace armature;

namespace {{ns}} {

std::optional<Response> {{Thing}}::before(Request&) const { return std::nullopt; }

void {{Thing}}::after(Request&, Response& response) const {
    response.header("x-{{kebab}}", "passed");
}

} // namespace {{ns}}
