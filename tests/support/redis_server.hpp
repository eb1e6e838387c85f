#pragma once

#include "support/process.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace armature::testing {

/// Debian's redis-server on a Unix-domain socket in a temporary folder, until the end of the scope.
/// In memory only.
class RedisServer {
  public:
    /// `options` as on its command line, for example {"--requirepass", "secret"}.
    explicit RedisServer(std::vector<std::string> options = {}) : options_(std::move(options)) {
        char folder[] = "/tmp/armature-redis-XXXXXX";
        if (::mkdtemp(folder) == nullptr) throw std::runtime_error("no temporary folder");
        folder_ = folder;
        start();
    }
    ~RedisServer() {
        process_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    /// Whether the machine has one; tests are skipped without.
    [[nodiscard]] static bool is_installed() {
        return shell("command -v redis-server redis-cli >/dev/null").status == 0;
    }
    void start() {
        std::vector<std::string> command{
            "redis-server", "--port", "0",     "--unixsocket", path(),        "--save", "",
            "--appendonly", "no",     "--dir", folder_,        "--daemonize", "no"};
        command.insert(command.end(), options_.begin(), options_.end());
        process_ = std::make_unique<Process>(std::move(command));
        // "The server is now ready to accept connections at …" is said of the socket too.
        process_->await("ready to accept connections");
    }
    /// Ends it as a crash would.
    void kill() { process_.reset(); }
    void signal(int number) { process_->signal(number); }

    [[nodiscard]] std::string path() const { return folder_ + "/redis.sock"; }
    [[nodiscard]] std::string url() const { return "unix://" + path(); }
    /// What redis-cli writes for a command: another client beside ours.
    [[nodiscard]] std::string cli(const std::string& command) const {
        return shell("redis-cli -s " + path() + " " + command).output;
    }

  private:
    std::vector<std::string> options_;
    std::string folder_;
    std::unique_ptr<Process> process_;
};

} // namespace armature::testing

/// At the beginning of a test that needs it.
#define ARMATURE_NEEDS_REDIS()                                                                     \
    if (!::armature::testing::RedisServer::is_installed())                                         \
    GTEST_SKIP() << "needs redis-server and redis-cli: apt-get install redis-server redis-tools"
