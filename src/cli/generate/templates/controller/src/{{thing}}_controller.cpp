#include "{{thing}}_controller.hpp"

namespace {{ns}} {

{{actions.definitions}}

} // namespace {{ns}}
