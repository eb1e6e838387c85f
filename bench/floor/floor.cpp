// The physical limit: an epoll loop that receives, finds the blank lines that end request heads,
// and sends a constant response for each. It parses nothing, routes nothing and knows one answer,
// so no HTTP server on this kernel can spend less; every figure of the load bench is a share of it.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view blank_line = "\r\n\r\n";
constexpr std::size_t input_bytes = 16 * 1024;
constexpr std::size_t copies_per_send = 512;

volatile std::sig_atomic_t stopped = 0;

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(2);
}

// A response of exactly `bytes`, so that the floor moves as many bytes as the server beside it: the
// fields that a real server would send (Date, Server, Content-Type …) are one padded field here.
std::string make_response(std::size_t bytes) {
    const std::string start = "HTTP/1.1 200 OK\r\nPadding: ";
    const std::string rest = "\r\nContent-Length: 13\r\n\r\nHello, World!";
    if (bytes <= start.size() + rest.size()) {
        std::fprintf(stderr, "floor: --bytes must be over %zu\n", start.size() + rest.size());
        std::exit(2);
    }
    return start + std::string(bytes - start.size() - rest.size(), 'x') + rest;
}

int listen_on(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd, 4096) != 0)
        fail("floor: listen");
    return fd;
}

std::uint16_t port_of(int fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

class Floor {
  public:
    Floor(int listener, std::string_view response)
        : epoll_(::epoll_create1(EPOLL_CLOEXEC)), listener_(listener),
          response_bytes_(response.size()) {
        for (std::size_t i = 0; i < copies_per_send; ++i)
            responses_ += response;
        watch(listener_);
    }

    void run() {
        std::array<epoll_event, 256> events;
        while (stopped == 0) {
            const int ready = ::epoll_wait(epoll_, events.data(), events.size(), -1);
            for (int i = 0; i < ready; ++i) {
                if (events[i].data.fd == listener_)
                    accept_all();
                else
                    serve(events[i].data.fd);
            }
        }
    }

  private:
    void watch(int fd) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("floor: epoll_ctl");
    }

    void accept_all() {
        for (;;) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) return;
            const int on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            if (matched_.size() <= static_cast<std::size_t>(fd)) matched_.resize(fd + 1);
            matched_[fd] = 0;
            watch(fd);
        }
    }

    // All that is remembered of a connection is how much of a blank line its last read ended with;
    // that prefix is laid in front of the next read, so a split terminator is found like any other.
    void serve(int fd) {
        const std::size_t carried = matched_[fd];
        char* begin = input_.data() + blank_line.size() - carried;
        char* fresh = input_.data() + blank_line.size();
        const ssize_t received = ::recv(fd, fresh, input_bytes, 0);
        if (received <= 0) {
            if (received == 0 || (errno != EAGAIN && errno != EINTR)) ::close(fd);
            return;
        }
        std::memcpy(begin, blank_line.data(), carried);
        const char* const end = fresh + received;
        const char* at = begin;
        std::size_t requests = 0;
        while (const void* found = ::memmem(at, end - at, blank_line.data(), blank_line.size())) {
            ++requests;
            at = static_cast<const char*>(found) + blank_line.size();
        }
        matched_[fd] = unfinished_blank_line({at, static_cast<std::size_t>(end - at)});
        for (; requests > 0; requests -= std::min(requests, copies_per_send))
            send_all(fd, std::min(requests, copies_per_send) * response_bytes_);
    }

    static std::uint8_t unfinished_blank_line(std::string_view rest) {
        for (std::uint8_t size = blank_line.size() - 1; size > 0; --size)
            if (rest.ends_with(blank_line.substr(0, size))) return size;
        return 0;
    }

    // A load generator always reads what it asked for, so waiting for one slow peer is good enough
    // here.
    void send_all(int fd, std::size_t size) {
        for (std::size_t sent = 0; sent < size;) {
            const ssize_t n = ::send(fd, responses_.data() + sent, size - sent, MSG_NOSIGNAL);
            if (n > 0)
                sent += n;
            else if (errno == EAGAIN) {
                pollfd writable{fd, POLLOUT, 0};
                ::poll(&writable, 1, 1000);
            } else
                return;
        }
    }

    int epoll_;
    int listener_;
    std::size_t response_bytes_;
    std::string responses_;
    std::vector<std::uint8_t> matched_;
    std::array<char, blank_line.size() + input_bytes> input_;
};

} // namespace

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    std::size_t bytes = 145;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view flag = argv[i];
        if (i + 1 < argc && flag == "-p")
            port = static_cast<std::uint16_t>(std::atoi(argv[i + 1]));
        else if (i + 1 < argc && flag == "--bytes")
            bytes = std::strtoul(argv[i + 1], nullptr, 10);
        else {
            std::fputs("usage: floor [-p PORT] [--bytes RESPONSE_BYTES]\n", stderr);
            return 2;
        }
    }
    struct sigaction stop{};
    stop.sa_handler = [](int) { stopped = 1; };
    ::sigaction(SIGTERM, &stop, nullptr);
    ::sigaction(SIGINT, &stop, nullptr);

    const int listener = listen_on(port);
    static Floor floor(listener, make_response(bytes));
    std::printf("{\"ready\":true,\"pid\":%d,\"http\":\"127.0.0.1:%u\"}\n", ::getpid(),
                port_of(listener));
    std::fflush(stdout);
    floor.run();
}
