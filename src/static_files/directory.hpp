#pragma once

#include <armature/core/body.hpp>

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>

namespace armature::detail {

/// What a path below a `Directory` leads to. `file` is null for `Kind::none`: nothing, something
/// that isn't for reading, or a path that leads outside.
struct Opened {
    enum class Kind : std::uint8_t { none, regular, folder };
    Kind kind = Kind::none;
    std::shared_ptr<const File> file;
    struct stat info{};
};

/// A folder that paths don't lead out of. Threads: any number at once.
class Directory {
  public:
    enum class Symlinks : std::uint8_t { refuse, follow };
    /// How paths are kept inside: by one call of the kernel's, or one for each segment.
    enum class Method : std::uint8_t { kernel, walk };

    /// Throws std::system_error; that of `Symlinks::follow` without a kernel that can do it is
    /// ENOSYS.
    Directory(const std::string& path, Symlinks symlinks);
    /// The same by a given method, for tests.
    Directory(const std::string& path, Symlinks symlinks, Method method);

    /// `path` is relative; its segments aren't empty, "." or "..". Never waits for a FIFO's other
    /// end. Throws std::system_error when that is the system's fault, not the path's.
    [[nodiscard]] Opened open(const char* path) const;

  private:
    File root_;
    Symlinks symlinks_;
    Method method_;
};

} // namespace armature::detail
