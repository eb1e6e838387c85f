#pragma once

#include <armature/db/database.hpp>

#include <cstdint>
#include <string>

namespace armature::db::detail {

/// How much of the server's identity is asked for: libpq's `sslmode`.
enum class TlsMode : std::uint8_t { disable, prefer, require, verify_ca, verify_full };

/// Where a MariaDB server is and how to log in, out of a URL.
struct MariadbEndpoint {
    /// Throws std::invalid_argument, without repeating the URL: it may hold a password.
    explicit MariadbEndpoint(const std::string& url);

    [[nodiscard]] bool is_socket() const noexcept { return host.empty() || !socket.empty(); }

    std::string host; ///< empty: a Unix socket
    unsigned port = 3306;
    std::string socket; ///< its path; empty without a host: where the library looks for it
    std::string user;
    std::string password;
    std::string database;
    TlsMode tls = TlsMode::prefer;
    std::string root_certificate; ///< paths of files in PEM; empty: the system's
    std::string certificate;
    std::string key;
    Duration connect_timeout;
    Duration statement_timeout;
    bool prepare = true;
};

} // namespace armature::db::detail
