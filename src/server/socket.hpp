#pragma once

#include "tls/server_context.hpp"

#include <armature/core/body.hpp>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace armature::server {

/// What calls of a socket give besides a number of bytes.
inline constexpr ssize_t would_block = -1;
inline constexpr ssize_t broken_socket = -2;

namespace detail {

inline ssize_t socket_failure() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK ? would_block : broken_socket;
}

} // namespace detail

/// A connected TCP or Unix-domain socket; closes it at the end.
class PlainSocket {
  public:
    explicit PlainSocket(int descriptor) noexcept : descriptor_(descriptor) {}
    /// Gives the descriptor away.
    [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }
    PlainSocket(PlainSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    ~PlainSocket();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    static constexpr bool is_secure = false;
    /// A read that gives less than was asked for has emptied the socket.
    static constexpr bool short_read_empties = true;

    // Not `send` and `recv`: the C library's make each call a point where the thread may be
    // cancelled, which costs as much again as the call into the kernel prepares for.

    /// Bytes received; 0 at the end of the stream.
    [[nodiscard]] ssize_t receive(char* to, std::size_t size) noexcept {
        for (;;) {
            const ssize_t received =
                ::syscall(SYS_recvfrom, descriptor_, to, size, 0, nullptr, nullptr);
            if (received >= 0) [[likely]]
                return received;
            if (errno != EINTR) return detail::socket_failure();
        }
    }
    /// Bytes sent. Without MSG_MORE, also where a file follows: a head and a file's pages in one
    /// packet cost the kernel up to twice the time for 1 MiB.
    [[nodiscard]] ssize_t send(std::string_view bytes) noexcept {
        for (;;) {
            const ssize_t sent = ::syscall(SYS_sendto, descriptor_, bytes.data(), bytes.size(),
                                           MSG_NOSIGNAL, nullptr, 0);
            if (sent >= 0) [[likely]]
                return sent;
            if (errno != EINTR) return detail::socket_failure();
        }
    }
    [[nodiscard]] ssize_t send(std::string_view first, std::string_view second) noexcept;
    [[nodiscard]] ssize_t send(const FileRegion& file, std::uint64_t done) noexcept;
    /// No more will be sent: tells the peer.
    void shut_down_writing() noexcept;

  private:
    int descriptor_;
};

/// The same after a TLS handshake (RFC 8446).
class TlsSocket {
  public:
    TlsSocket(PlainSocket socket, tls::Handle<SSL, SSL_free> tls) noexcept
        : descriptor_(socket.release()), tls_(std::move(tls)) {}
    TlsSocket(TlsSocket&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), tls_(std::move(other.tls_)) {}
    ~TlsSocket();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    static constexpr bool is_secure = true;
    static constexpr bool short_read_empties = false; // a read gives one record at the most

    [[nodiscard]] ssize_t receive(char* to, std::size_t size) noexcept;
    [[nodiscard]] ssize_t send(std::string_view bytes) noexcept;
    [[nodiscard]] ssize_t send(std::string_view first, std::string_view second) noexcept;
    [[nodiscard]] ssize_t send(const FileRegion& file, std::uint64_t done) noexcept;
    void shut_down_writing() noexcept;

    /// The handshake: 1 when it is complete, else `would_block` or `broken_socket`.
    [[nodiscard]] ssize_t accept() noexcept;
    /// What ALPN (RFC 7301) chose; empty without.
    [[nodiscard]] std::string_view protocol() const noexcept;

  private:
    [[nodiscard]] ssize_t result(int returned) noexcept;

    int descriptor_;
    tls::Handle<SSL, SSL_free> tls_;
};

} // namespace armature::server
