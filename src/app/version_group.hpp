#pragma once

#include <armature/app/handler.hpp>
#include <armature/app/versioning.hpp>

#include <string>
#include <vector>

namespace armature::detail {

/// The routes of one method and path that differ in their version.
struct VersionGroup {
    struct Entry {
        std::string version; ///< empty: all that no other serves
        const Endpoint* endpoint;
    };
    const Versioning* versioning;
    std::vector<Entry> entries;

    /// Whose turn it is, or `unknown`.
    [[nodiscard]] const Endpoint& select(const Request& request, const Endpoint& unknown) const;
    /// Answers for `unknown`, whose handler is this group.
    static bool call_unknown(const Endpoint& endpoint, Exchange& exchange);
};

/// Makes caches and documents know of the field that chooses. `versioning` must live on.
[[nodiscard]] Step version_step(const Versioning& versioning);

} // namespace armature::detail
