#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace armature::config {

/// A folder of the test's own with the files it wrote, removed at the end.
class Folder {
  public:
    Folder() {
        path_ = testing::TempDir() + "armature-config-XXXXXX";
        if (::mkdtemp(path_.data()) == nullptr) std::abort();
    }
    ~Folder() {
        for (const std::string& file : files_)
            ::unlink(file.c_str());
        ::rmdir(path_.c_str());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::string path(std::string_view name) const {
        return path_ + "/" + std::string(name);
    }
    std::string write(std::string_view name, std::string_view text) {
        files_.push_back(path(name));
        std::ofstream(files_.back(), std::ios::binary) << text;
        return files_.back();
    }

  private:
    std::string path_;
    std::vector<std::string> files_;
};

} // namespace armature::config
