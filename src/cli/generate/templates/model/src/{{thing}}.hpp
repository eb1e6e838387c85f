#pragma once

{{fields.includes}}

#include <cstdint>
#include <optional>
#include <string>

namespace {{ns}} {

/// A row of the table {{table}}, and the JSON that clients get and send.
struct {{Thing}} {
    std::int64_t id = 0;
    {{fields.members}}
};
{{fields.describe}}
{{fields.model}}

} // namespace {{ns}}
