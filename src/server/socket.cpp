#include "server/socket.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>

namespace armature::server {

PlainSocket::~PlainSocket() {
    if (descriptor_ >= 0) ::close(descriptor_); // epoll forgets a closed descriptor by itself
}

ssize_t PlainSocket::send(std::string_view first, std::string_view second) noexcept {
    iovec parts[2] = {{const_cast<char*>(first.data()), first.size()},
                      {const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = first.empty() ? parts + 1 : parts;
    message.msg_iovlen = first.empty() ? 1 : 2;
    for (;;) {
        const ssize_t sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
        if (sent >= 0) return sent;
        if (errno != EINTR) return detail::socket_failure();
    }
}

ssize_t PlainSocket::send(const FileRegion& file, std::uint64_t done) noexcept {
    off_t offset = static_cast<off_t>(file.offset + done);
    for (;;) {
        const ssize_t sent =
            ::sendfile(descriptor_, file.file->descriptor(), &offset, file.size - done);
        if (sent > 0) return sent;
        if (sent == 0) return broken_socket; // the file became shorter than was promised
        if (errno != EINTR) return detail::socket_failure();
    }
}

void PlainSocket::shut_down_writing() noexcept { ::shutdown(descriptor_, SHUT_WR); }

TlsSocket::~TlsSocket() {
    tls_.reset();
    if (descriptor_ >= 0) ::close(descriptor_);
}

ssize_t TlsSocket::result(int returned) noexcept {
    if (returned > 0) return returned;
    switch (SSL_get_error(tls_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return would_block;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    default:
        ERR_clear_error(); // or the thread's next connection would find it
        return broken_socket;
    }
}

ssize_t TlsSocket::receive(char* to, std::size_t size) noexcept {
    constexpr std::size_t most = 1 << 30;
    return result(SSL_read(tls_.get(), to, static_cast<int>(std::min(size, most))));
}

ssize_t TlsSocket::send(std::string_view bytes) noexcept {
    constexpr std::size_t most = 1 << 30;
    const ssize_t sent =
        result(SSL_write(tls_.get(), bytes.data(), static_cast<int>(std::min(bytes.size(), most))));
    return sent == 0 ? broken_socket : sent;
}

ssize_t TlsSocket::send(std::string_view first, std::string_view second) noexcept {
    return send(first.empty() ? second : first);
}

ssize_t TlsSocket::send(const FileRegion& file, std::uint64_t done) noexcept {
    constexpr std::size_t record = 16 * 1024;
    char piece[record];
    for (;;) {
        const ssize_t got =
            ::pread(file.file->descriptor(), piece,
                    static_cast<std::size_t>(std::min<std::uint64_t>(record, file.size - done)),
                    static_cast<off_t>(file.offset + done));
        // After `would_block` the same bytes come again, as OpenSSL wants it.
        if (got > 0) return send({piece, static_cast<std::size_t>(got)});
        if (got == 0 || errno != EINTR) return broken_socket;
    }
}

void TlsSocket::shut_down_writing() noexcept {
    if (SSL_is_init_finished(tls_.get())) SSL_shutdown(tls_.get());
    ERR_clear_error();
    ::shutdown(descriptor_, SHUT_WR);
}

ssize_t TlsSocket::accept() noexcept {
    if (SSL_get_fd(tls_.get()) < 0 && SSL_set_fd(tls_.get(), descriptor_) != 1)
        return broken_socket;
    const ssize_t done = result(SSL_accept(tls_.get()));
    return done == 0 ? broken_socket : done;
}

std::string_view TlsSocket::protocol() const noexcept {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(tls_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

} // namespace armature::server
