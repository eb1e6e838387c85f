#include "server/http3_listener.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace armature::server {

namespace {

// So many receive calls, of several datagrams each, then what they asked for is answered.
constexpr int calls_per_turn = 8;

constexpr http3::Nanoseconds never = ~http3::Nanoseconds{0};

} // namespace

Http3Listener::Http3Listener(EventLoop& loop, Owner& owner,
                             std::unique_ptr<http3::DatagramSocket> socket,
                             const http3::EndpointOptions& options, const http3::Secrets& secrets,
                             const http3::CredentialsSlot& credentials,
                             const Dispatcher& dispatcher)
    : loop_(loop), owner_(owner), socket_(std::move(socket)),
      endpoint_(options, secrets, credentials, dispatcher, loop, *socket_, *this) {
    // The loop's own timers are too coarse for the pace of packets.
    timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (timer_ < 0) throw std::system_error{errno, std::generic_category(), "timerfd_create"};
    loop_.watch(timer_, EPOLLIN | EPOLLET, clock_);
    loop_.watch(socket_->descriptor(), EPOLLIN | EPOLLOUT | EPOLLET, *this);
}

Http3Listener::~Http3Listener() { ::close(timer_); }

void Http3Listener::on_events(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0 && endpoint_.is_blocked()) endpoint_.writable();
    if ((events & (EPOLLIN | EPOLLERR)) != 0) readable_ = true;
    turn();
}

void Http3Listener::endpoint_changed() {
    if (!in_turn_) loop_.defer(*this);
}

void Http3Listener::turn() {
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

void Http3Listener::clock_rang() {
    rings_at_ = never;
    in_turn_ = true;
    endpoint_.expire();
    in_turn_ = false;
    turn();
}

// Timers are put off all the time; one that rings too early costs less than setting it each time.
void Http3Listener::set_clock() {
    const http3::Nanoseconds next = endpoint_.next_expiry();
    if (next >= rings_at_) return;
    rings_at_ = next;
    itimerspec at{};
    at.it_value.tv_sec = static_cast<time_t>(next / 1'000'000'000);
    at.it_value.tv_nsec = static_cast<long>(next % 1'000'000'000);
    if (next == 0) at.it_value.tv_nsec = 1; // 0 would disarm it
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &at, nullptr);
}

void Http3Listener::abort() {
    endpoint_.abort();
    loop_.defer(*this);
}

} // namespace armature::server
