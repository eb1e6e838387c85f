#pragma once

#include "app.hpp"
#include "test_settings.hpp"

#include <armature/db/migrations.hpp>
#include <armature/testing/client.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

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

/// A migrated, empty database, which goes with it.
class TestDatabase {
  public:
    explicit TestDatabase(const Settings& settings) : options_(migrations_of(settings)) {
        run({"create"});
        armature::db::Migrations{options_}.up();
    }
    ~TestDatabase() { run({"drop", "--force"}); }
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

  private:
    void run(const std::vector<std::string>& command) {
        if (armature::db::Migrations{options_}.command(command) != 0)
            std::fprintf(stderr, "Set {{NAME}}_TEST_SERVER to a server where the tests may make "
                                 "databases: postgresql://user@host/\n");
    }

    armature::db::MigrationOptions options_;
};

/// The application behind a socket, with what `test_settings` says and a database of its own.
class ServedApp {
    TemporaryFolder folder_; // goes last

  public:
    Settings settings = test_settings(folder_.path());

  private:
    TestDatabase database_{settings};

  public:
    armature::TestClient client = armature::TestClient::over_http(make_app(settings));
};

} // namespace {{name}}
