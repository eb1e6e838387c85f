#include "http3/datagram_socket.hpp"
#include "http3/endpoint.hpp"
#include "server/http3.hpp"

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

namespace armature::server {

namespace {

// So many receive calls, of several datagrams each, then what they asked for is answered.
constexpr int calls_per_turn = 8;
constexpr http3::Nanoseconds clock_step = 500'000;
constexpr http3::Nanoseconds never = ~http3::Nanoseconds{0};
// What a burst needs while the worker is busy; the kernel grants less where its limits are lower.
constexpr int socket_buffer_bytes = 4 * 1024 * 1024;

// The I/O of `http3::Endpoint`: a UDP socket, and a timer, because the loop's own are too coarse
// for the pace of packets.
class UdpListener final : public Http3Listener,
                          EventLoop::Watcher,
                          EventLoop::Deferred,
                          http3::Endpoint::Host {
  public:
    UdpListener(EventLoop& loop, Owner& owner, std::unique_ptr<http3::DatagramSocket> socket,
                const http3::EndpointOptions& options, const http3::Secrets& secrets,
                const http3::CredentialsSlot& credentials, const Dispatcher& dispatcher);
    ~UdpListener() override { ::close(timer_); }

    Headers& common_fields() noexcept override { return endpoint_.common_fields(); }
    void drain() override { endpoint_.drain(); }
    void abort() override {
        endpoint_.abort();
        loop_.defer(*this);
    }
    bool at_rest() const noexcept override { return endpoint_.at_rest(); }

  private:
    struct Clock final : EventLoop::Watcher {
        explicit Clock(UdpListener& of) noexcept : listener(of) {}
        void on_events(std::uint32_t) override { listener.clock_rang(); }
        UdpListener& listener;
    };

    void on_events(std::uint32_t events) override;
    void run_deferred() override { turn(); }
    void endpoint_changed() override {
        if (!in_turn_) loop_.defer(*this);
    }
    void endpoint_at_rest() override { owner_.http3_at_rest(); }

    void turn();
    void clock_rang();
    void set_clock();

    EventLoop& loop_;
    Owner& owner_;
    std::unique_ptr<http3::DatagramSocket> socket_;
    http3::Endpoint endpoint_;
    Clock clock_{*this};
    int timer_ = -1;
    http3::Nanoseconds rings_at_ = never;
    bool readable_ = false;
    bool in_turn_ = false;
};

UdpListener::UdpListener(EventLoop& loop, Owner& owner,
                         std::unique_ptr<http3::DatagramSocket> socket,
                         const http3::EndpointOptions& options, const http3::Secrets& secrets,
                         const http3::CredentialsSlot& credentials, const Dispatcher& dispatcher)
    : loop_(loop), owner_(owner), socket_(std::move(socket)),
      endpoint_(options, secrets, credentials, dispatcher, loop, *socket_, *this) {
    timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (timer_ < 0) throw std::system_error{errno, std::generic_category(), "timerfd_create"};
    loop_.watch(timer_, EPOLLIN | EPOLLET, clock_);
    loop_.watch(socket_->descriptor(), EPOLLIN | EPOLLOUT | EPOLLET, *this);
}

void UdpListener::on_events(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0 && endpoint_.is_blocked()) endpoint_.writable();
    if ((events & (EPOLLIN | EPOLLERR)) != 0) readable_ = true;
    turn();
}

void UdpListener::turn() {
    in_turn_ = true;
    for (int calls = 0; readable_ && calls < calls_per_turn; ++calls)
        readable_ = socket_->receive([this](const http3::Path& path, std::string_view datagram) {
            endpoint_.receive(path, datagram);
        });
    const bool has_more = endpoint_.flush();
    in_turn_ = false;
    if (has_more || readable_) loop_.defer(*this);
    set_clock();
}

void UdpListener::clock_rang() {
    rings_at_ = never;
    in_turn_ = true;
    endpoint_.expire();
    in_turn_ = false;
    turn();
}

// Timers are put off all the time; one that rings too early costs less than setting it each time.
// Pacing asks for one after each burst, though what comes from the client wakes us sooner nearly
// always: in steps of `clock_step` a download takes an eighth less CPU time and is as fast.
void UdpListener::set_clock() {
    http3::Nanoseconds next = endpoint_.next_expiry();
    if (next < never - clock_step) next = (next / clock_step + 1) * clock_step;
    if (next >= rings_at_) return;
    rings_at_ = next;
    itimerspec at{};
    at.it_value.tv_sec = static_cast<time_t>(next / 1'000'000'000);
    at.it_value.tv_nsec = static_cast<long>(next % 1'000'000'000);
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &at, nullptr);
}

http3::EndpointOptions endpoint_options(const ServerOptions& from,
                                        std::atomic<std::uint32_t>& connections) {
    http3::EndpointOptions to;
    to.limits.head.head_bytes = from.limits.head_bytes;
    to.limits.head.target_bytes = from.limits.target_bytes;
    to.limits.head.field_count = from.limits.header_fields;
    to.limits.concurrent_streams = from.limits.concurrent_streams;
    to.limits.requests_per_connection = from.limits.requests_per_connection;
    to.limits.handshake_timeout = to.limits.header_timeout = from.limits.header_timeout;
    to.limits.idle_timeout = from.limits.idle_timeout;
    to.limits.min_transfer_rate = from.limits.min_transfer_rate;
    to.limits.transfer_grace = from.limits.transfer_grace;
    to.connections = &connections;
    to.most_connections = from.limits.connections;
    if (from.http3.always_validate_addresses)
        to.address_validation = http3::AddressValidation::always;
    return to;
}

class UdpService final : public Http3Service {
  public:
    UdpService(const ServerOptions& options, const Dispatcher& dispatcher,
               std::atomic<std::uint32_t>& connections)
        : options_(options), dispatcher_(dispatcher),
          secrets_(http3::Secrets::derive(options.http3.secret)), credentials_(load()),
          endpoints_(endpoint_options(options, connections)) {}

    std::string open(const std::string& host, const std::string& port, unsigned workers) override {
        const std::string address = host + ':' + port;
        addrinfo hints{};
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
        hints.ai_socktype = SOCK_DGRAM;
        addrinfo* found = nullptr;
        if (const int error =
                ::getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found))
            throw ServerError{"can't listen on " + address + " (UDP): " + ::gai_strerror(error)};
        const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner{found, ::freeaddrinfo};
        try {
            sockets_ = http3::DatagramSocket::open(
                http3::Address{found->ai_addr, found->ai_addrlen}, workers, socket_buffer_bytes);
        } catch (const std::system_error& error) {
            throw ServerError{"can't listen on " + address + " (UDP): " + error.code().message()};
        }
        endpoints_.workers = workers;
        return sockets_.front()->local().peer().to_string();
    }

    std::unique_ptr<Http3Listener> listen(unsigned worker, EventLoop& loop,
                                          Http3Listener::Owner& owner) override {
        endpoints_.worker = worker;
        return std::make_unique<UdpListener>(loop, owner, std::move(sockets_[worker]), endpoints_,
                                             secrets_, credentials_, dispatcher_);
    }

    void reload() override { credentials_.set(load()); }

  private:
    [[nodiscard]] std::shared_ptr<const http3::Credentials> load() const {
        return std::make_shared<const http3::Credentials>(options_.tls, secrets_,
                                                          options_.http3.early_data);
    }

    const ServerOptions& options_;
    const Dispatcher& dispatcher_;
    const http3::Secrets secrets_;
    http3::CredentialsSlot credentials_;
    http3::EndpointOptions endpoints_;
    std::vector<std::unique_ptr<http3::DatagramSocket>> sockets_;
};

} // namespace

std::unique_ptr<Http3Service> Http3Service::make(const ServerOptions& options,
                                                 const Dispatcher& dispatcher,
                                                 std::atomic<std::uint32_t>& connections) {
    return std::make_unique<UdpService>(options, dispatcher, connections);
}

} // namespace armature::server
