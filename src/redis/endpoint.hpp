#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

namespace armature::redis {

/// A socket's address of any family.
struct SocketAddress {
    sockaddr_storage storage;
    socklen_t size;
};

/// Where a Redis server is and how to log in, out of a URL.
class Endpoint {
  public:
    /// Throws std::invalid_argument, without repeating the URL: it may hold a password.
    explicit Endpoint(const std::string& url);

    /// For logs and errors: host and port, or the socket's path.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// The addresses, when no name has to be looked up; else empty.
    [[nodiscard]] const std::vector<SocketAddress>& known_addresses() const noexcept {
        return addresses_;
    }
    /// Looks the host up: blocks. Empty when there is none of that name.
    [[nodiscard]] std::vector<SocketAddress> look_up() const;

    /// What to send first on a connection, and how many replies come of it: AUTH, SELECT, HELLO.
    [[nodiscard]] const std::string& greeting() const noexcept { return greeting_; }
    [[nodiscard]] unsigned greeting_replies() const noexcept { return greeting_replies_; }

  private:
    std::string name_;
    std::string host_;
    std::uint16_t port_ = 6379;
    std::vector<SocketAddress> addresses_;
    std::string greeting_;
    unsigned greeting_replies_ = 0;
};

} // namespace armature::redis
