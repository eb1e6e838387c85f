#pragma once

#include "support/process.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace armature::testing {

/// Debian's PostgreSQL on a Unix socket in a temporary folder, until the end of the scope. It runs
/// as the user postgres if this is root, as it refuses to be root.
class PostgresServer {
  public:
    /// Where its programs are; empty: it isn't installed (Debian: postgresql).
    [[nodiscard]] static std::string programs() {
        std::vector<std::string> found;
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator{"/usr/lib/postgresql", error})
            if (std::filesystem::exists(entry.path() / "bin/initdb"))
                found.push_back(entry.path() / "bin/");
        return found.empty() ? "" : *std::max_element(found.begin(), found.end());
    }

    PostgresServer() {
        std::string pattern = std::filesystem::temp_directory_path() / "armature-postgres-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        if (::geteuid() == 0) {
            as_user_ = {"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"};
            if (run({"chown", "postgres", folder_}).status != 0)
                throw std::runtime_error("there is no user postgres");
        }
        const Ran made = run(command({programs() + "initdb", "-D", folder_ + "/data", "-U", "test",
                                      "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"}));
        if (made.status != 0) throw std::runtime_error("initdb: " + made.output);
        start();
    }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;
    ~PostgresServer() {
        stop();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    void start() {
        // Nobody reads what it says later: it mustn't fill the pipe with statements that failed.
        server_ = std::make_unique<Process>(
            command({programs() + "postgres", "-D", folder_ + "/data", "-k", folder_, "-c",
                     "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=40", "-c",
                     "log_min_messages=log"}));
        server_->await("ready to accept connections");
    }
    void stop() {
        if (!server_) return;
        server_->signal(SIGINT); // ends its clients' sessions
        server_->wait();
        server_.reset();
    }

    /// What libpq takes, but for the name of a database.
    [[nodiscard]] std::string connection() const { return "host=" + folder_ + " user=test"; }
    /// The same as a URI, with the name of a database.
    [[nodiscard]] std::string url(const std::string& database) const {
        return "postgresql:///" + database + "?host=" + folder_ + "&user=test";
    }

    [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
    /// A command to be run as the server is.
    [[nodiscard]] std::vector<std::string> command(std::vector<std::string> words) const {
        words.insert(words.begin(), as_user_.begin(), as_user_.end());
        return words;
    }

  private:
    std::string folder_;
    std::vector<std::string> as_user_;
    std::unique_ptr<Process> server_;
};

} // namespace armature::testing
