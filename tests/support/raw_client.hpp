#pragma once

#include "support/wire_response.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace armature::testing {

/// A client that sends exactly the bytes it is told, and waits for everything with a deadline.
/// Throws std::runtime_error when something doesn't happen in time.
class RawClient {
  public:
    static constexpr std::chrono::milliseconds patience{20'000};

    /// Connects to an address as `Server::addresses` gives it. `receive_buffer` makes the window
    /// small, for a client that reads slowly.
    explicit RawClient(const std::string& address, int receive_buffer = 0) {
        if (address.starts_with("unix:")) {
            sockaddr_un name{};
            name.sun_family = AF_UNIX;
            std::strncpy(name.sun_path, address.c_str() + 5, sizeof name.sun_path - 1);
            open(AF_UNIX, reinterpret_cast<sockaddr*>(&name), sizeof name, 0);
            return;
        }
        const std::size_t colon = address.rfind(':');
        std::string host = address.substr(0, colon);
        if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
        addrinfo hints{};
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        if (::getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found) != 0)
            throw std::runtime_error("no address: " + address);
        const sockaddr_storage name = [&] {
            sockaddr_storage copy{};
            std::memcpy(&copy, found->ai_addr, found->ai_addrlen);
            return copy;
        }();
        const socklen_t size = found->ai_addrlen;
        ::freeaddrinfo(found);
        open(name.ss_family, reinterpret_cast<const sockaddr*>(&name), size, receive_buffer);
    }
    RawClient(RawClient&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)),
          closed_(other.closed_) {}
    RawClient& operator=(RawClient&&) = delete;
    ~RawClient() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    RawClient& send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent > 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            } else if (errno == EAGAIN) {
                wait(POLLOUT);
            } else if (errno != EINTR) {
                throw std::runtime_error(std::string{"send: "} + std::strerror(errno));
            }
        }
        return *this;
    }
    /// Sends what the kernel takes at once; returns how much, or -1 when the connection is gone.
    ssize_t try_send(std::string_view bytes) noexcept {
        const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        return sent >= 0 ? sent : errno == EAGAIN ? 0 : -1;
    }
    RawClient& get(std::string_view target) {
        return send("GET " + std::string{target} + " HTTP/1.1\r\nHost: test\r\n\r\n");
    }

    /// The next response.
    WireResponse response(bool to_head = false) {
        for (;;) {
            WireReader reader{buffer_, closed_};
            if (!buffer_.empty()) {
                if (auto found = reader.next(to_head)) {
                    buffer_.erase(0, buffer_.size() - reader.rest().size());
                    return std::move(*found);
                }
            }
            if (closed_) throw std::runtime_error("closed without a response: '" + buffer_ + "'");
            receive();
        }
    }
    /// All bytes until the server closes.
    std::string rest() {
        while (!closed_)
            receive();
        return std::exchange(buffer_, {});
    }
    /// Waits for bytes and gives those that came; empty at the end.
    std::string bytes() {
        if (buffer_.empty() && !closed_) receive();
        return std::exchange(buffer_, {});
    }
    /// Reads and drops until the server closes; gives how many bytes came.
    std::size_t drain() {
        std::size_t count = buffer_.size();
        buffer_.clear();
        while (!closed_) {
            receive();
            count += buffer_.size();
            buffer_.clear();
        }
        return count;
    }
    /// The server has closed or reset the connection by now.
    [[nodiscard]] bool is_closed() {
        char byte;
        const ssize_t got = ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return got == 0 || (got < 0 && errno != EAGAIN);
    }
    [[nodiscard]] bool was_reset() const noexcept { return reset_; }

    void shutdown_send() { ::shutdown(descriptor_, SHUT_WR); }
    void close() { ::close(std::exchange(descriptor_, -1)); }
    /// Closes with a reset instead of in order.
    void reset() {
        const linger now{1, 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close();
    }

  private:
    void open(int family, const sockaddr* address, socklen_t size, int receive_buffer) {
        descriptor_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (descriptor_ < 0)
            throw std::runtime_error(std::string{"socket: "} + std::strerror(errno));
        if (receive_buffer > 0)
            ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                         sizeof receive_buffer);
        if (::connect(descriptor_, address, size) != 0) {
            const std::string why = std::strerror(errno);
            ::close(std::exchange(descriptor_, -1));
            throw std::runtime_error("connect: " + why);
        }
    }

    void wait(short events) {
        pollfd poll{descriptor_, events, 0};
        if (::poll(&poll, 1, static_cast<int>(patience.count())) == 0)
            throw std::runtime_error("nothing happened in time; so far: '" +
                                     buffer_.substr(0, 500) + "'");
    }

    void receive() {
        char piece[64 * 1024];
        wait(POLLIN);
        const ssize_t got = ::recv(descriptor_, piece, sizeof piece, MSG_DONTWAIT);
        if (got > 0)
            buffer_.append(piece, static_cast<std::size_t>(got));
        else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            closed_ = true;
            reset_ = got < 0;
        }
    }

    int descriptor_ = -1;
    std::string buffer_;
    bool closed_ = false;
    bool reset_ = false;
};

} // namespace armature::testing
