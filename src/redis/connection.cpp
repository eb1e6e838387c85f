#include "redis/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace armature::redis {

namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr unsigned reads_a_turn = 16; // then others have their turn

std::string because(int error) { return std::strerror(error); }

} // namespace

void Connection::open() {
    state_ = State::resolving;
    decoder_ = std::make_unique<RespDecoder>(options_.max_reply);
    loop_.timers().arm(patience_, loop_.now() + options_.connect_timeout.count());
    next_address_ = 0;
    addresses_ = endpoint_.known_addresses();
    // Not at once: nothing may fail while the owner is still opening.
    if (!addresses_.empty())
        loop_.timers().arm(connecting_, loop_.now());
    else
        resolve();
}

Task<> Connection::look_up() {
    auto work = [this] { return endpoint_.look_up(); };
    addresses_ = co_await blocking(std::move(work));
}

void Connection::resolve() {
    resolving_ = look_up();
    const auto done = [](void* self) {
        auto& connection = *static_cast<Connection*>(self);
        connection.loop_.timers().arm(connection.connecting_, connection.loop_.now());
    };
    if (resolving_.start(done, this, nullptr)) done(this);
}

void Connection::connect_next() {
    if (resolving_) {
        try {
            resolving_.take_result();
        } catch (const Error&) {
            addresses_.clear(); // the pool of blocking work is full
        }
        resolving_ = {};
    }
    int error = ENOENT;
    while (next_address_ < addresses_.size()) {
        const SocketAddress& address = addresses_[next_address_++];
        descriptor_ =
            ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (descriptor_ < 0) {
            error = errno;
            continue;
        }
        const int on = 1;
        if (address.storage.ss_family != AF_UNIX)
            ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        state_ = State::connecting;
        if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address.storage),
                      address.size) == 0)
            return connected();
        // A Unix-domain socket whose backlog is full says EAGAIN and can't be waited for.
        if (errno == EINPROGRESS) return watch(EPOLLOUT);
        error = errno;
        ::close(std::exchange(descriptor_, -1));
    }
    fail(RedisError::Kind::unavailable,
         "Can't connect to Redis at " + endpoint_.name() + ": " +
             (addresses_.empty() ? std::string{"no such host"} : because(error)));
}

void Connection::connected() {
    state_ = State::greeting;
    greetings_ = endpoint_.greeting_replies();
    out_.insert(0, endpoint_.greeting());
    watch(EPOLLIN);
    flush();
}

void Connection::connecting_took_too_long() {
    fail(RedisError::Kind::unavailable, "Redis at " + endpoint_.name() + " doesn't answer");
}

void Connection::watch(std::uint32_t events) {
    if (events == watched_) return;
    loop_.watch(descriptor_, events, *this);
    watched_ = events;
}

void Connection::send(std::string_view bytes) {
    out_.append(bytes);
    if (state_ >= State::greeting && !flushing_.armed() && (watched_ & EPOLLOUT) == 0)
        loop_.timers().arm(flushing_, loop_.now());
}

void Connection::flush() {
    while (sent_ < out_.size()) {
        const ssize_t count =
            ::send(descriptor_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
        if (count < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN) return watch(EPOLLIN | EPOLLOUT);
            return fail(RedisError::Kind::unavailable, "Redis is gone: " + because(errno));
        }
        sent_ += static_cast<std::size_t>(count);
    }
    out_.clear();
    sent_ = 0;
    watch(EPOLLIN);
}

void Connection::on_events(std::uint32_t events) {
    if (state_ == State::connecting) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error == 0) return connected();
        loop_.unwatch(descriptor_);
        ::close(std::exchange(descriptor_, -1));
        watched_ = 0;
        if (next_address_ == addresses_.size())
            return fail(RedisError::Kind::unavailable,
                        "Can't connect to Redis at " + endpoint_.name() + ": " + because(error));
        return connect_next();
    }
    if (state_ < State::greeting) return;
    if ((events & EPOLLOUT) != 0) flush();
    if (state_ >= State::greeting && (events & ~std::uint32_t{EPOLLOUT}) != 0) read();
}

void Connection::read() {
    char piece[read_size];
    for (unsigned round = 0; round < reads_a_turn; ++round) {
        const ssize_t count = ::recv(descriptor_, piece, sizeof piece, 0);
        if (count < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN) return;
            return fail(RedisError::Kind::unavailable, "Redis is gone: " + because(errno));
        }
        if (count == 0) return fail(RedisError::Kind::unavailable, "Redis closed the connection");
        const RespDecoder* const current = decoder_.get();
        try {
            decoder_->feed({piece, static_cast<std::size_t>(count)});
            while (std::optional<RedisValue> value = decoder_->next()) {
                take(*std::move(value));
                // Closed meanwhile, and perhaps opened again.
                if (decoder_.get() != current || state_ < State::greeting) return;
            }
        } catch (const RedisError& error) {
            return fail(error.kind(), std::string{error.detail()});
        }
        if (static_cast<std::size_t>(count) < sizeof piece) return;
    }
}

void Connection::take(RedisValue value) {
    if (state_ == State::open) return owner_.received(std::move(value));
    const bool is_last = --greetings_ == 0;
    if (value.is_error() && !is_last) // the last one is HELLO, which old servers don't know
        return fail(RedisError::Kind::unavailable,
                    "Redis at " + endpoint_.name() + " refuses the log-in: " + value.text());
    if (!is_last) return;
    TimerQueue::disarm(patience_);
    state_ = State::open;
    owner_.opened();
}

void Connection::close() noexcept {
    if (state_ == State::closed) return;
    state_ = State::closed;
    if (descriptor_ >= 0) {
        if (watched_ != 0 && loop_lives()) loop_.unwatch(descriptor_);
        ::close(std::exchange(descriptor_, -1));
    }
    watched_ = 0;
    resolving_ = {};
    out_.clear();
    sent_ = 0;
    if (!loop_lives()) return;
    TimerQueue::disarm(patience_);
    TimerQueue::disarm(flushing_);
    TimerQueue::disarm(connecting_);
}

void Connection::fail(RedisError::Kind kind, std::string detail) {
    if (state_ == State::closed) return;
    close();
    owner_.lost(RedisError{kind, std::move(detail)});
}

} // namespace armature::redis
