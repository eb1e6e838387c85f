#pragma once

#include <armature/log/log.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::log {

/// A record as a test sees it.
struct CapturedRecord {
    Level level;
    std::string message;
    /// Name and value as text, in the order they were given.
    std::vector<std::pair<std::string, std::string>> fields;

    /// Returns the first field of that name as text, or an empty text.
    [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
};

/// Keeps records in memory instead of writing them, for tests. From construction to destruction
/// every thread's records of `level` and above end here, whatever the configured level is.
///
/// One at a time: a second one throws `std::logic_error`. Threads: safe.
class Capture {
  public:
    explicit Capture(Level level = Level::trace);
    ~Capture();
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;

    /// A copy of what was logged so far, oldest first.
    [[nodiscard]] std::vector<CapturedRecord> records() const;
};

} // namespace armature::log
