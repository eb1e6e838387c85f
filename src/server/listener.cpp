#include "server/listener.hpp"

#include "server/worker.hpp"

#include <armature/log/log.hpp>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace armature::server {

namespace {

constexpr int backlog = 4096;
// Without descriptors or memory a waiting connection can't be accepted, and asking again at once
// would only burn the processor.
constexpr Duration back_off_time = Duration::milliseconds(100);
constexpr Duration warning_interval = Duration::seconds(10);

[[noreturn]] void refuse(std::string_view address, std::string_view why) {
    throw ServerError{"can't listen on " + std::string{address} + ": " + std::string{why}};
}

[[noreturn]] void refuse_errno(std::string_view address) {
    switch (errno) {
    case EADDRINUSE:
        refuse(address, "the address is in use; stop the other program or choose another port");
    case EACCES:
        refuse(address, "permission denied; ports below 1024 need CAP_NET_BIND_SERVICE or a "
                        "socket from systemd");
    case EADDRNOTAVAIL:
        refuse(address, "this machine doesn't have that address");
    default:
        refuse(address, std::strerror(errno));
    }
}

std::string address_text(const sockaddr_storage& address) {
    if (address.ss_family == AF_INET) {
        const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
        return PeerAddress{PeerAddress::Family::ipv4,
                           reinterpret_cast<const unsigned char*>(&ipv4.sin_addr),
                           ntohs(ipv4.sin_port)}
            .to_string();
    }
    if (address.ss_family == AF_INET6) {
        const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address);
        return PeerAddress{PeerAddress::Family::ipv6, ipv6.sin6_addr.s6_addr, ntohs(ipv6.sin6_port)}
            .to_string();
    }
    return "unix:" + std::string{reinterpret_cast<const sockaddr_un&>(address).sun_path};
}

sockaddr_storage bound_address(int descriptor) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    return address;
}

// "[::]" serves IPv4 too, as people expect.
void set_dual_stack(int descriptor, int family) {
    const int off = 0;
    if (family == AF_INET6) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
}

int open_tcp(const sockaddr* address, socklen_t size, std::string_view text) {
    const int descriptor =
        ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) refuse_errno(text);
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    set_dual_stack(descriptor, address->sa_family);
    if (::bind(descriptor, address, size) != 0 || ::listen(descriptor, backlog) != 0) {
        const int error = errno;
        ::close(descriptor);
        errno = error;
        refuse_errno(text);
    }
    return descriptor;
}

bool has_ipv6() noexcept {
    const int descriptor = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0) ::close(descriptor);
    return descriptor >= 0;
}

// SO_REUSEPORT lets a second process of the same user take the port as well and split the traffic:
// a mistake that nobody would notice. So the port must be free before it is shared among workers.
void require_free_port(const sockaddr* address, socklen_t size, std::string_view text) {
    const int descriptor = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) refuse_errno(text);
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    set_dual_stack(descriptor, address->sa_family);
    const int result = ::bind(descriptor, address, size);
    const int error = errno;
    ::close(descriptor);
    errno = error;
    if (result != 0) refuse_errno(text);
}

std::vector<ListenSocket> open_tcp_listeners(const ListenAddress& address, unsigned copies) {
    const std::string text = address.host + ':' + address.port;
    addrinfo hints{};
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                    address.port.c_str(), &hints, &found);
    if (error != 0) refuse(text, ::gai_strerror(error));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner{found, ::freeaddrinfo};
    // Without a host prefer the IPv6 wildcard, which serves both families, unless the kernel has
    // no IPv6.
    const addrinfo* chosen = found;
    if (address.host.empty() && has_ipv6())
        for (const addrinfo* i = found; i != nullptr; i = i->ai_next)
            if (i->ai_family == AF_INET6) chosen = i;
    require_free_port(chosen->ai_addr, chosen->ai_addrlen, text);
    std::vector<ListenSocket> sockets;
    const int first = open_tcp(chosen->ai_addr, chosen->ai_addrlen, text);
    const sockaddr_storage bound = bound_address(first);
    sockets.push_back({first, false, true, address_text(bound)});
    for (unsigned i = 1; i < copies; ++i)
        sockets.push_back(
            {open_tcp(reinterpret_cast<const sockaddr*>(&bound), chosen->ai_addrlen, text),
             false,
             true,
             {}});
    return sockets;
}

ListenSocket open_unix_listener(const std::string& path) {
    const std::string text = "unix:" + path;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) refuse(text, "the path is too long");
    std::memcpy(address.sun_path, path.data(), path.size());
    const auto* general = reinterpret_cast<const sockaddr*>(&address);
    // A socket file that nobody listens on is left over from a process that died.
    struct stat info;
    if (::lstat(path.c_str(), &info) == 0) {
        if (!S_ISSOCK(info.st_mode)) refuse(text, "the path exists and is no socket");
        const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (probe < 0) refuse_errno(text);
        const int error = ::connect(probe, general, sizeof address) == 0 ? 0 : errno;
        ::close(probe);
        if (error == 0 || error == EAGAIN) refuse(text, "another process listens there");
        if (error != ECONNREFUSED) refuse(text, std::strerror(error));
        ::unlink(path.c_str());
    }
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) refuse_errno(text);
    if (::bind(descriptor, general, sizeof address) != 0 || ::listen(descriptor, backlog) != 0) {
        const int error = errno;
        ::close(descriptor);
        errno = error;
        refuse_errno(text);
    }
    return {descriptor, true, false, text};
}

// The protocol of sd_listen_fds(3): descriptors from 3 on, meant for the process in LISTEN_PID.
int passed_sockets() noexcept {
    const auto number = [](const char* name) {
        const char* text = std::getenv(name);
        int value = 0;
        if (text != nullptr) std::from_chars(text, text + std::strlen(text), value);
        return value;
    };
    return number("LISTEN_PID") == static_cast<int>(::getpid()) ? number("LISTEN_FDS") : 0;
}

std::vector<ListenSocket> systemd_listeners() {
    const int count = passed_sockets();
    if (count <= 0)
        refuse("systemd", "LISTEN_FDS and LISTEN_PID name no socket for this process; start it "
                          "from a .socket unit");
    std::vector<ListenSocket> sockets;
    for (int descriptor = 3; descriptor < 3 + count; ++descriptor) {
        int listening = 0;
        socklen_t size = sizeof listening;
        if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
            listening == 0)
            refuse("systemd",
                   "descriptor " + std::to_string(descriptor) + " is no listening stream socket");
        const sockaddr_storage address = bound_address(descriptor);
        ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
        ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
        sockets.push_back({descriptor, true, address.ss_family != AF_UNIX, address_text(address)});
    }
    return sockets;
}

} // namespace

ListenAddress ListenAddress::parse(std::string_view text) {
    ListenAddress address;
    if (text == "systemd") {
        address.kind = Kind::systemd;
        return address;
    }
    if (text.starts_with("unix:")) {
        address.kind = Kind::unix_socket;
        address.host = text.substr(5);
        if (address.host.empty()) refuse(text, "write unix:PATH");
        return address;
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        refuse(text, "write HOST:PORT, [IPv6]:PORT, :PORT, unix:PATH or systemd");
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        refuse(text, "an IPv6 address is written in brackets: [::1]:8080");
    const std::string_view port = text.substr(colon + 1);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
    if (error != std::errc{} || end != port.data() + port.size() || value > 65535)
        refuse(text, "the port is a number from 0 to 65535");
    address.host = host;
    address.port = port;
    return address;
}

bool take_development_socket() noexcept {
    static std::atomic<bool> taken{false};
    const char* const names = std::getenv("LISTEN_FDNAMES");
    return names != nullptr && std::string_view{names} == "armature-dev" && passed_sockets() > 0 &&
           !taken.exchange(true);
}

std::vector<ListenSocket> open_listeners(const ListenAddress& address, unsigned copies) {
    switch (address.kind) {
    case ListenAddress::Kind::tcp:
        return open_tcp_listeners(address, copies);
    case ListenAddress::Kind::unix_socket:
        return {open_unix_listener(address.host)};
    case ListenAddress::Kind::systemd:
        return systemd_listeners();
    }
    return {};
}

Listener::Listener(Worker& worker, EventLoop& loop, int descriptor, bool shared, Service service)
    : worker_(worker), loop_(loop), descriptor_(descriptor), shared_(shared), service_(service) {
    watch();
}

Listener::~Listener() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void Listener::watch() {
    // A shared socket wakes one of the workers only, not all of them.
    loop_.watch(descriptor_, shared_ ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN, *this);
}

// A bounded number, because the loop has connections to serve as well.
void Listener::on_events(std::uint32_t) { accept(256); }

void Listener::accept(int at_most) {
    for (int i = 0; i < at_most; ++i) {
        if (!worker_.may_accept()) return back_off("the limit of open connections is reached");
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        const int descriptor = ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&address), &size,
                                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                return back_off(std::strerror(errno));
            if (errno == EAGAIN || errno == EWOULDBLOCK) return;
            continue; // that one connection failed before it was accepted
        }
        PeerAddress peer{PeerAddress::Family::unix_socket, nullptr, 0};
        if (address.ss_family == AF_INET) {
            const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
            peer = {PeerAddress::Family::ipv4,
                    reinterpret_cast<const unsigned char*>(&ipv4.sin_addr), ntohs(ipv4.sin_port)};
        } else if (address.ss_family == AF_INET6) {
            const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address);
            peer = {PeerAddress::Family::ipv6, ipv6.sin6_addr.s6_addr, ntohs(ipv6.sin6_port)};
        }
        if (service_.tcp) {
            const int on = 1;
            ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        worker_.accepted(descriptor, peer, service_);
    }
}

void Listener::back_off(const char* why) {
    if (loop_.now() >= warn_again_) {
        log::warn("not accepting connections for a moment", {{"reason", why}});
        warn_again_ = loop_.now() + warning_interval.count();
    }
    loop_.unwatch(descriptor_);
    backing_off_ = true;
    loop_.timers().arm(*this, loop_.now() + back_off_time.count());
}

void Listener::expired() {
    backing_off_ = false;
    watch();
}

void Listener::stop() {
    if (descriptor_ < 0) return;
    if (!backing_off_) {
        accept(2 * backlog);
        loop_.unwatch(descriptor_);
    }
    TimerQueue::disarm(*this);
    ::close(descriptor_);
    descriptor_ = -1;
}

} // namespace armature::server
