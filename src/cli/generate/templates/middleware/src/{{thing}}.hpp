#pragma once

#include <armature/armature.hpp>

#include <optional>
#include <string_view>

namespace {{ns}} {

/// Middleware. One object of it serves all requests, from several threads.
class {{Thing}} {
  public:
    static constexpr std::string_view name = "{{kebab}}"; // in `armature routes`

    /// On the way in. A response that it returns is the answer, and nothing further in runs.
    std::optional<armature::Response> before(armature::Request& request) const;
    /// On the way out, also of errors.
    void after(armature::Request& request, armature::Response& response) const;
};

} // namespace {{ns}}
