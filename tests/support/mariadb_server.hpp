#pragma once

#include "support/process.hpp"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace armature::testing {

/// Debian's MariaDB on a Unix socket in a temporary folder, until the end of the scope. It runs as
/// the user mysql if this is root.
class MariadbServer {
  public:
    /// False: it isn't installed (Debian: mariadb-server).
    [[nodiscard]] static bool is_installed() {
        return shell("PATH=$PATH:/usr/sbin; command -v mariadbd mariadb-install-db").status == 0;
    }

    MariadbServer() : port_(free_port()) {
        std::string pattern = std::filesystem::temp_directory_path() / "armature-mariadb-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        if (::geteuid() == 0) {
            as_user_ = {"--user=mysql"};
            if (run({"chown", "mysql", folder_}).status != 0)
                throw std::runtime_error("there is no user mysql");
        }
        std::vector<std::string> install{
            "mariadb-install-db", "--no-defaults", "--datadir=" + folder_ + "/data",
            "--auth-root-authentication-method=normal", "--skip-test-db"};
        install.insert(install.end(), as_user_.begin(), as_user_.end());
        const Ran made = run(std::move(install));
        if (made.status != 0) throw std::runtime_error("mariadb-install-db: " + made.output);
        const Ran certified = run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                   "ec_paramgen_curve:P-256", "-noenc", "-days", "2", "-subj",
                                   "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                                   "-keyout", folder_ + "/key.pem", "-out", certificate()});
        if (certified.status != 0) throw std::runtime_error("openssl: " + certified.output);
        if (::geteuid() == 0 && run({"chown", "mysql", folder_ + "/key.pem"}).status != 0)
            throw std::runtime_error("there is no user mysql");
        start();
    }
    MariadbServer(const MariadbServer&) = delete;
    MariadbServer& operator=(const MariadbServer&) = delete;
    ~MariadbServer() {
        stop();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    void start() {
        std::vector<std::string> command{"env",
                                         "PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/bin",
                                         "mariadbd",
                                         "--no-defaults",
                                         "--datadir=" + folder_ + "/data",
                                         "--socket=" + socket(),
                                         "--pid-file=" + folder_ + "/pid",
                                         "--bind-address=127.0.0.1",
                                         "--port=" + std::to_string(port_),
                                         "--ssl-cert=" + certificate(),
                                         "--ssl-key=" + folder_ + "/key.pem",
                                         "--character-set-server=utf8mb4",
                                         "--innodb-flush-log-at-trx-commit=0",
                                         "--innodb-lock-wait-timeout=20",
                                         "--max-connections=60",
                                         "--log-warnings=1"};
        command.insert(command.end(), as_user_.begin(), as_user_.end());
        server_ = std::make_unique<Process>(std::move(command));
        server_->await("ready for connections");
    }
    void stop() {
        if (!server_) return;
        server_->signal(SIGTERM); // ends its clients' sessions
        server_->wait();
        server_.reset();
    }

    [[nodiscard]] std::string socket() const { return folder_ + "/socket"; }
    [[nodiscard]] std::string url(const std::string& database) const {
        return "mariadb:///" + database + "?socket=" + socket() + "&user=root";
    }
    /// What MariaDB's own client says.
    [[nodiscard]] std::string client(const std::string& database, const std::string& sql) const {
        return run({"mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-S", socket(),
                    "-u", "root", "-N", "-B", "-e", sql, database})
            .output;
    }

    [[nodiscard]] int port() const noexcept { return port_; }
    /// Signed by itself, for "localhost".
    [[nodiscard]] std::string certificate() const { return folder_ + "/certificate.pem"; }
    [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

  private:
    // MariaDB chooses none itself.
    static int free_port() {
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(socket, reinterpret_cast<const sockaddr*>(&address), size);
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
        ::close(socket);
        return ntohs(address.sin_port);
    }

    std::string folder_;
    std::vector<std::string> as_user_;
    int port_ = 0;
    std::unique_ptr<Process> server_;
};

} // namespace armature::testing
