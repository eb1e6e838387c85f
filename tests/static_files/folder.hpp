#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace armature::testing {

/// A folder of its own for one test, with files that were written long ago: on Sunday, 6 November
/// 1994, 08:49:37 UTC.
class Folder {
  public:
    static constexpr std::int64_t long_ago = 784'111'777;

    Folder() {
        std::string name = std::filesystem::temp_directory_path() / "armature-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string path(const std::string& name = {}) const {
        return (name.empty() ? path_ : path_ / name).string();
    }
    Folder& file(const std::string& name, const std::string& content,
                 std::int64_t modified = long_ago) {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << content;
        const timespec times[] = {{modified, 0}, {modified, 0}};
        if (::utimensat(AT_FDCWD, path(name).c_str(), times, 0) != 0)
            throw std::runtime_error("no time for " + name);
        return *this;
    }
    Folder& link(const std::string& name, const std::string& target) {
        std::filesystem::create_symlink(target, path_ / name);
        return *this;
    }

  private:
    std::filesystem::path path_;
};

} // namespace armature::testing
