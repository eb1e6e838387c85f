#pragma once

#include "app.hpp"
#include "test_settings.hpp"

#include <armature/db/migrations.hpp>
#include <armature/testing/client.hpp>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace {{name}} {

/// A folder that goes with it.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string path = (std::filesystem::temp_directory_path() / "{{name}}-XXXXXX").string();
        if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
        path_ = path;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// The application behind a socket, with what `test_settings` says and a migrated, empty database.
class ServedApp {
    TemporaryFolder folder_; // goes last

  public:
    Settings settings = made_settings();
    armature::TestClient client = armature::TestClient::over_http(make_app(settings));

  private:
    [[nodiscard]] Settings made_settings() const {
        const Settings made = test_settings(folder_.path());
        armature::db::Migrations{migrations_of(made)}.up();
        return made;
    }
};

} // namespace {{name}}
