#include "db/mariadb.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string_view>

namespace armature::db::detail {

namespace {

// The library runs each call on a stack of its own, to stop in the middle of it. Its default is
// too small for a resolver; pages that aren't touched cost nothing.
constexpr std::size_t stack_size = 256 * 1024;

void set_flag(MYSQL* connection, mysql_option option, bool value) {
    const my_bool flag = value ? 1 : 0;
    mysql_optionsv(connection, option, &flag);
}

void set_file(MYSQL* connection, mysql_option option, const std::string& path) {
    if (!path.empty()) mysql_optionsv(connection, option, path.c_str());
}

void set_options(MYSQL* connection, const MariadbEndpoint& endpoint) {
    mysql_optionsv(connection, MYSQL_OPT_NONBLOCK, &stack_size);
    // Otherwise "localhost" were a Unix socket.
    const unsigned protocol = endpoint.is_socket() ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    mysql_optionsv(connection, MYSQL_OPT_PROTOCOL, &protocol);
    mysql_optionsv(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    // A server mustn't ask for files of this machine.
    const unsigned off = 0;
    mysql_optionsv(connection, MYSQL_OPT_LOCAL_INFILE, &off);
    set_flag(connection, MYSQL_REPORT_DATA_TRUNCATION, false);
    if (endpoint.tls == TlsMode::disable) return;
    set_flag(connection, MYSQL_OPT_SSL_ENFORCE, true);
    set_file(connection, MYSQL_OPT_SSL_CA, endpoint.root_certificate);
    set_file(connection, MYSQL_OPT_SSL_CERT, endpoint.certificate);
    set_file(connection, MYSQL_OPT_SSL_KEY, endpoint.key);
    set_flag(connection, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, endpoint.tls == TlsMode::verify_full);
}

// The library leaves its socket blocking, which reads through TLS would be then.
void unblock(MYSQL* connection) {
    const my_socket socket = mysql_get_socket(connection);
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
}

// Waits as long as it may for what the library wants; 0: the time is over.
int wait_now(MYSQL* connection, int wanted, std::int64_t deadline) {
    unblock(connection);
    pollfd socket{mysql_get_socket(connection), 0, 0};
    if ((wanted & MYSQL_WAIT_READ) != 0) socket.events |= POLLIN;
    if ((wanted & MYSQL_WAIT_WRITE) != 0) socket.events |= POLLOUT;
    if ((wanted & MYSQL_WAIT_EXCEPT) != 0) socket.events |= POLLPRI;
    const std::int64_t left = std::max<std::int64_t>(0, deadline - steady_now());
    return ::poll(&socket, 1, static_cast<int>(left)) > 0 ? wanted & ~MYSQL_WAIT_TIMEOUT : 0;
}

// Quotes as ISO SQL has them, and no value that is silently changed to fit; texts of times that
// don't depend on the server's zone; recursion that ends by its condition.
constexpr std::string_view settings =
    "SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,STRICT_ALL_TABLES,"
    "STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', autocommit = 1, "
    "max_recursive_iterations = 4294967295";

// Empty: all is well.
std::string fault_of(MYSQL* connection, const MariadbEndpoint& endpoint) {
    if (mariadb_connection(connection) == 0)
        return "the server isn't MariaDB, which alone is supported of those that speak its "
               "protocol";
    if (mysql_get_server_version(connection) < 100'600) return "the server is older than 10.6";
    const bool is_encrypted = mysql_get_ssl_cipher(connection) != nullptr;
    if (endpoint.tls >= TlsMode::require && !is_encrypted)
        return "the server has no TLS, which sslmode asks for";
    return {};
}

} // namespace

void CloseMariadb::operator()(MYSQL* connection) const noexcept {
    // The library says goodbye, and would wait if the server took nothing more.
    const my_socket socket = mysql_get_socket(connection);
    if (socket != MARIADB_INVALID_SOCKET) ::shutdown(socket, SHUT_RD);
    mysql_close(connection);
}

std::string limit_text(const MariadbEndpoint& endpoint) {
    char text[64];
    std::snprintf(text, sizeof text, "SET SESSION max_statement_time = %.3f",
                  static_cast<double>(endpoint.statement_timeout.count()) / 1000);
    return text;
}

OpenedMariadb open_mariadb(const MariadbEndpoint& endpoint) {
    const std::int64_t deadline = steady_now() + endpoint.connect_timeout.count();
    OpenedMariadb opened;
    opened.connection.reset(mysql_init(nullptr));
    MYSQL* const connection = opened.connection.get();
    set_options(connection, endpoint);
    MYSQL* result = nullptr;
    int wanted = mysql_real_connect_start(
        &result, connection, endpoint.is_socket() ? "localhost" : endpoint.host.c_str(),
        endpoint.user.c_str(), endpoint.password.c_str(),
        endpoint.database.empty() ? nullptr : endpoint.database.c_str(), endpoint.port,
        endpoint.socket.empty() ? nullptr : endpoint.socket.c_str(),
        // How many rows an UPDATE found, as the other databases count.
        CLIENT_FOUND_ROWS);
    const std::string texts[] = {std::string{settings}, limit_text(endpoint)};
    for (std::size_t next = 0;; ++next) {
        const bool is_connecting = next == 0;
        while (wanted != 0) {
            const int ready = wait_now(connection, wanted, deadline);
            if (ready == 0) {
                opened.fault = "the server doesn't answer";
                return opened;
            }
            int code = 0;
            wanted = is_connecting ? mysql_real_connect_cont(&result, connection, ready)
                                   : mysql_real_query_cont(&code, connection, ready);
        }
        if (mysql_errno(connection) != 0)
            opened.fault = mysql_error(connection);
        else if (is_connecting)
            opened.fault = fault_of(connection, endpoint);
        if (!opened.fault.empty() || next == std::size(texts)) return opened;
        unblock(connection);
        int code = 0;
        wanted = mysql_real_query_start(&code, connection, texts[next].data(), texts[next].size());
    }
}

} // namespace armature::db::detail
