#include "{{thing}}_service.hpp"

namespace {{ns}} {

std::string {{Thing}}Service::describe() const { return "{{title}}"; }

} // namespace {{ns}}
