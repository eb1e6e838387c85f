#pragma once

#include "tls/server_context.hpp"

#include <armature/core/body.hpp>

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace armature::server {

/// What calls of a socket give besides a number of bytes.
inline constexpr ssize_t would_block = -1;
inline constexpr ssize_t broken_socket = -2;

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

    /// Bytes received; 0 at the end of the stream.
    [[nodiscard]] ssize_t receive(char* to, std::size_t size) noexcept;
    /// Bytes sent. `more` follows at once.
    [[nodiscard]] ssize_t send(std::string_view bytes, bool more) noexcept;
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
    [[nodiscard]] ssize_t send(std::string_view bytes, bool more) noexcept;
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
