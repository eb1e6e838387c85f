#include "cli/bench/transport.hpp"

#include "terminal/command.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace armature::cli::bench {

void TlsSettings::Free::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }
void Transport::Free::operator()(ssl_st* session) const noexcept { SSL_free(session); }

TlsSettings::TlsSettings(const LoadPlan& plan) : context_(SSL_CTX_new(TLS_client_method())) {
    if (!context_) throw terminal::CommandError{"TLS can't be set up"};
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context_.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    const int loaded =
        plan.authorities.empty()
            ? SSL_CTX_set_default_verify_paths(context_.get())
            : SSL_CTX_load_verify_locations(context_.get(), plan.authorities.c_str(), nullptr);
    if (loaded != 1)
        throw terminal::CommandError{plan.authorities + ": has no certificates in PEM"};
    const std::string_view protocols = plan.is_http2 ? "\x02h2" : "\x08http/1.1";
    SSL_CTX_set_alpn_protos(context_.get(),
                            reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
    host_ = plan.origin.host;
    if (host_.starts_with('[')) host_ = host_.substr(1, host_.size() - 2);
    unsigned char any[16];
    is_address_ = ::inet_pton(AF_INET, host_.c_str(), any) == 1 ||
                  ::inet_pton(AF_INET6, host_.c_str(), any) == 1;
}

Transport::Transport(const Origin& origin, const TlsSettings* tls)
    : descriptor_(
          ::socket(origin.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    if (descriptor_ < 0) return; // `connect` says so
    const int on = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&origin.address),
                  origin.address_size) != 0 &&
        errno != EINPROGRESS) {
        ::close(descriptor_);
        descriptor_ = -1;
        return;
    }
    if (tls == nullptr) return;
    session_.reset(SSL_new(tls->context()));
    if (!session_) return;
    SSL_set_fd(session_.get(), descriptor_);
    if (tls->is_address()) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session_.get()), tls->host().c_str());
    } else {
        SSL_set1_host(session_.get(), tls->host().c_str());
        SSL_set_tlsext_host_name(session_.get(), tls->host().c_str());
    }
}

Transport::~Transport() {
    session_.reset();
    if (descriptor_ >= 0) ::close(descriptor_);
}

Transport::Result Transport::connect() noexcept {
    int error = 0;
    socklen_t size = sizeof error;
    if (descriptor_ < 0 || ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size) != 0 ||
        error != 0)
        return Result::failed;
    return Result::done;
}

Transport::Result Transport::reason(int returned) noexcept {
    switch (SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
        return Result::wait_to_read;
    case SSL_ERROR_WANT_WRITE:
        return Result::wait_to_write;
    case SSL_ERROR_ZERO_RETURN:
        return Result::ended;
    default:
        return Result::failed;
    }
}

Transport::Result Transport::handshake(bool wants_http2) noexcept {
    if (!session_) return Result::done;
    ERR_clear_error();
    const int done = SSL_connect(session_.get());
    if (done != 1) return reason(done) == Result::ended ? Result::failed : reason(done);
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(session_.get(), &chosen, &size);
    const bool is_http2 = size == 2 && chosen[0] == 'h' && chosen[1] == '2';
    return is_http2 == wants_http2 ? Result::done : Result::failed;
}

Transport::Result Transport::read(char* to, std::size_t& size) noexcept {
    if (session_) {
        ERR_clear_error();
        const int done = SSL_read_ex(session_.get(), to, size, &size);
        return done == 1 ? Result::done : reason(done);
    }
    const ssize_t count = ::recv(descriptor_, to, size, 0);
    if (count > 0) {
        size = static_cast<std::size_t>(count);
        return Result::done;
    }
    if (count == 0) return Result::ended;
    return errno == EAGAIN || errno == EINTR ? Result::wait_to_read : Result::failed;
}

Transport::Result Transport::write(const char* from, std::size_t& size) noexcept {
    if (session_) {
        ERR_clear_error();
        const int done = SSL_write_ex(session_.get(), from, size, &size);
        return done == 1 ? Result::done : reason(done);
    }
    const ssize_t count = ::send(descriptor_, from, size, MSG_NOSIGNAL);
    if (count > 0) {
        size = static_cast<std::size_t>(count);
        return Result::done;
    }
    return errno == EAGAIN || errno == EINTR ? Result::wait_to_write : Result::failed;
}

} // namespace armature::cli::bench
