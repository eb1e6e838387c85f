#pragma once

#include <cstdint>
#include <string>

namespace armature::audit {

/// Entries as they are exported.
struct Lines {
    std::string text;       ///< JSON Lines
    std::uint64_t last = 0; ///< number of the last one
};
/// Throws `AuditLogError`, as the other one does.
[[nodiscard]] Lines read_lines(const std::string& path, std::uint64_t after, unsigned limit);

/// A file's content; empty if there is none.
[[nodiscard]] std::string read_file(const std::string& path);

} // namespace armature::audit
