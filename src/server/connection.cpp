#include "server/connection.hpp"

#include "http1/session.hpp"
#include "http2/session.hpp"
#include "server/proxy_protocol.hpp"
#include "server/worker.hpp"

#include <armature/log/log.hpp>

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <type_traits>

namespace armature::server {

namespace {

// A connection that could go on for ever (a fast reader of an endless response) lets the others
// have their turn after that many calls to the kernel.
constexpr int calls_per_turn = 64;

constexpr Duration linger_time = Duration::seconds(2);
constexpr Duration drain_quiet_time = Duration::milliseconds(500);

static_assert(EventLoop::most_again <= http1::SessionContext::outputs_at_once,
              "whoever is called again to send has a buffer meanwhile");

constexpr std::uint32_t all_events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

} // namespace

Connection::Connection(Worker& worker) noexcept
    : worker_(worker), next_(worker.connections_), link_(&worker.connections_) {
    if (next_ != nullptr) next_->link_ = &next_;
    worker.connections_ = this;
    worker.shared_.connections.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() {
    *link_ = next_;
    if (next_ != nullptr) next_->link_ = link_;
    worker_.shared_.connections.fetch_sub(1, std::memory_order_relaxed);
}

// --- a session's connection ---------------------------------------------------------------------

template <class Session, class Socket>
SessionConnection<Session, Socket>::SessionConnection(Worker& worker, Socket&& socket,
                                                      const PeerAddress& peer)
    : Connection(worker), socket_(std::move(socket)),
      session_(worker.context_for<Session>(Socket::is_secure), *this, peer) {
    worker_.loop_.watch(socket_.descriptor(), all_events, *this);
    update_deadline();
}

template <class Session, class Socket>
SessionConnection<Session, Socket>::~SessionConnection() = default;

template <class Session, class Socket>
void SessionConnection<Session, Socket>::session_changed() {
    worker_.loop_.defer(*this);
}

template <class Session, class Socket>
void SessionConnection<Session, Socket>::on_events(std::uint32_t events) {
    if (closed_) return;
    if (events == EventLoop::no_event) return turn();
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hung_up_ = true;
    if ((events & EPOLLOUT) != 0) blocked_ = false;
    // What came is read first; `turn` sends the answer once other connections had theirs read.
    if constexpr (std::is_same_v<Session, http1::Session>)
        if (readable_ && !lingering_ && !session_.has_output() && session_.wants_input()) {
            if (!receive()) return broken();
            if (session_.has_output()) return worker_.loop_.call_again(*this);
        }
    turn();
}

template <class Session, class Socket>
void SessionConnection<Session, Socket>::run_deferred() {
    if (!closed_) return turn();
    session_.keep_output(); // nobody will write it, and the buffer is the others' too
    if (session_.at_rest()) worker_.remove(*this);
}

template <class Session, class Socket>
void SessionConnection<Session, Socket>::turn() {
    if (lingering_) return linger();
    for (int calls = 0;; ++calls) {
        if (calls == calls_per_turn) {
            worker_.loop_.defer(*this);
            break;
        }
        if (!flush()) return broken();
        if (session_.has_output()) {
            if (!blocked_) break; // `flush` wants another turn
        } else {
            session_.resume();
            if (session_.has_output()) continue;
        }
        if (!readable_ || !session_.wants_input()) break;
        if (!receive()) return broken();
    }
    session_.keep_output();
    // The peer left while its handler runs; what it may have sent before is of no use any more.
    if (hung_up_ && session_.phase() == Phase::handling && !session_.at_rest()) {
        hung_up_ = false;
        session_.peer_closed();
        worker_.loop_.defer(*this);
    }
    if constexpr (std::is_same_v<Session, http1::Session>)
        if (session_.phase() == Phase::switching && !session_.has_output()) [[unlikely]]
            return go_on_with_http2();
    if (session_.finished()) {
        if (!session_.must_linger()) return close();
        socket_.shut_down_writing();
        lingering_ = true;
        deadline_ = worker_.loop_.now() + linger_time.count();
        worker_.loop_.timers().arm(*this, deadline_);
        return linger();
    }
    update_deadline();
}

template <class Session, class Socket>
bool SessionConnection<Session, Socket>::flush() {
    if (const std::string_view text = session_.simple_output(); !text.empty() && !blocked_) {
        const ssize_t sent = socket_.send(text);
        if (sent > 0) transferred_ += static_cast<std::uint64_t>(sent);
        if (sent == static_cast<ssize_t>(text.size())) [[likely]] {
            session_.wrote_simple();
            return true;
        }
        if (sent > 0) session_.wrote(static_cast<std::uint64_t>(sent));
    }
    return !session_.has_output() || flush_slow();
}

template <class Session, class Socket>
bool SessionConnection<Session, Socket>::flush_slow() {
    for (int calls = 0; !blocked_; ++calls) {
        const session::Output output = session_.output();
        if (output.empty()) return true;
        if (calls == calls_per_turn) {
            worker_.loop_.defer(*this);
            return true;
        }
        ssize_t sent = 0;
        if (output.second.empty() && !output.first.empty())
            sent = socket_.send(output.first);
        else if (!output.second.empty())
            sent = socket_.send(output.first, output.second);
        else
            sent = socket_.send(*output.file, output.file_done);
        if (sent == broken_socket) return false;
        if (sent == would_block) {
            blocked_ = true;
            break;
        }
        transferred_ += static_cast<std::uint64_t>(sent);
        session_.wrote(static_cast<std::uint64_t>(sent));
    }
    session_.keep_output();
    return true;
}

template <class Session, class Socket>
bool SessionConnection<Session, Socket>::receive() {
    const session::Space space = session_.prepare();
    const ssize_t received = socket_.receive(space.data, space.size);
    if (received > 0) {
        // A short read empties the socket; the next bytes are a new edge. Not so at a hang-up,
        // whose end of stream is still to be read.
        if (Socket::short_read_empties && static_cast<std::size_t>(received) < space.size &&
            !hung_up_)
            readable_ = false;
        transferred_ += static_cast<std::uint64_t>(received);
        session_.commit(static_cast<std::size_t>(received));
        return true;
    }
    readable_ = false;
    if (received == 0) {
        hung_up_ = false;
        session_.peer_closed();
        return true;
    }
    return received == would_block;
}

// The response is out and no more will be: read until the peer has seen it and closes, because
// closing over unread bytes would reset the connection and could destroy the response on its way.
template <class Session, class Socket>
void SessionConnection<Session, Socket>::linger() {
    char ignored[16 * 1024];
    for (int calls = 0; calls < calls_per_turn; ++calls) {
        const ssize_t received = ::recv(socket_.descriptor(), ignored, sizeof ignored, 0);
        if (received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR)) return close();
        if (received < 0) return;
    }
    worker_.loop_.defer(*this); // it doesn't stop; `linger_time` ends it
}

template <class Session, class Socket>
void SessionConnection<Session, Socket>::broken() {
    session_.peer_closed();
    session_.cancel(CancelReason::client_gone);
    close();
}

template <class Session, class Socket>
void SessionConnection<Session, Socket>::close() {
    if (closed_) return;
    closed_ = true;
    worker_.loop_.unwatch(socket_.descriptor());
    socket_.shut_down_writing();
    ::shutdown(socket_.descriptor(), SHUT_RDWR);
    TimerQueue::disarm(*this);
    // Not here: the loop may hold an event for us, and a handler may still be running.
    worker_.loop_.defer(*this);
}

template <class Session, class Socket>
void SessionConnection<Session, Socket>::update_deadline() {
    // Nearly always: waiting for the next request, with a timer that is set already. One that goes
    // off too early is cheaper than one that is moved with every request.
    if (session_.phase() == Phase::idle && !worker_.stopping_ && !session_.has_output())
        [[likely]] {
        waiting_ = false;
        phase_ = Phase::idle;
        deadline_ = worker_.loop_.now() + worker_.options_.limits.idle_timeout.count();
        if (!armed() || deadline_ < Timer::deadline()) worker_.loop_.timers().arm(*this, deadline_);
        return;
    }
    const Phase phase = session_.phase();
    const bool blocked = session_.has_output();
    if (phase == Phase::upgraded && !blocked) { // its handler minds the time
        waiting_ = false;
        phase_ = phase;
        deadline_ = 0;
        return;
    }
    const ServerLimits& limits = worker_.options_.limits;
    const std::int64_t now = worker_.loop_.now();
    std::int64_t deadline = 0;
    if (blocked || phase == Phase::reading_body || phase == Phase::sending) {
        if (!waiting_) begin_watching();
        deadline = watched_until_;
    } else {
        waiting_ = false;
        if (phase == Phase::idle) {
            deadline = now + (worker_.stopping_ ? drain_quiet_time : limits.idle_timeout).count();
        } else if (phase == Phase::reading_head) {
            // Counted from its first byte, so that a trickle doesn't extend it.
            deadline = phase_ == phase && served_ == session_.served()
                           ? deadline_
                           : now + limits.header_timeout.count();
        }
    }
    phase_ = phase;
    served_ = session_.served();
    deadline_ = deadline;
    if (deadline != 0 && (!armed() || deadline < Timer::deadline()))
        worker_.loop_.timers().arm(*this, deadline);
}

template <class Session, class Socket>
void SessionConnection<Session, Socket>::expired() {
    if (closed_ || deadline_ == 0) return;
    if (deadline_ > worker_.loop_.now()) {
        worker_.loop_.timers().arm(*this, deadline_);
        return;
    }
    if (lingering_) return close();
    if (waiting_ && is_moving()) {
        begin_watching();
        deadline_ = watched_until_;
        worker_.loop_.timers().arm(*this, deadline_);
        return;
    }
    if (!session_.output().empty()) {
        // The peer doesn't read: what the kernel holds for it goes as well.
        const ::linger at_once{1, 0};
        ::setsockopt(socket_.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        return broken();
    }
    // A loop that comes late doesn't blame the peer: what was sent in time is there already.
    const Phase phase = session_.phase();
    if ((phase == Phase::idle || phase == Phase::reading_head) && has_unread_bytes()) {
        readable_ = true;
        return turn();
    }
    session_.time_out();
    turn();
}

template <class Session, class Socket>
bool SessionConnection<Session, Socket>::has_unread_bytes() const noexcept {
    int waiting = 0;
    return ::ioctl(socket_.descriptor(), FIONREAD, &waiting) == 0 && waiting > 0;
}

// Bytes that moved between the peer and us. Those in the kernel's buffer did not: it may be larger
// than what a slow peer reads in an hour.
template <class Session, class Socket>
std::int64_t SessionConnection<Session, Socket>::moved() const noexcept {
    int waiting = 0;
    ::ioctl(socket_.descriptor(), SIOCOUTQ, &waiting);
    return static_cast<std::int64_t>(transferred_) - waiting;
}

template <class Session, class Socket>
void SessionConnection<Session, Socket>::begin_watching() noexcept {
    waiting_ = true;
    watched_until_ = worker_.loop_.now() + worker_.options_.limits.transfer_grace.count();
    moved_before_ = moved();
}

template <class Session, class Socket>
bool SessionConnection<Session, Socket>::is_moving() const noexcept {
    const ServerLimits& limits = worker_.options_.limits;
    return moved() - moved_before_ >=
           limits.transfer_grace.count() * std::int64_t{limits.min_transfer_rate} / 1000;
}

template <class Session, class Socket>
void SessionConnection<Session, Socket>::drain() {
    if (closed_ || lingering_) return;
    if constexpr (requires { session_.drain(); }) session_.drain();
    update_deadline();
}

template <class Session, class Socket>
void SessionConnection<Session, Socket>::abort() {
    if (closed_) return;
    session_.cancel(CancelReason::shutdown);
    flush(); // the handler may have had a last word
    close();
}

// The bytes said that they are HTTP/2: another session takes the socket over.
template <class Session, class Socket>
void SessionConnection<Session, Socket>::go_on_with_http2() {
    if constexpr (std::is_same_v<Session, http1::Session>) {
        worker_.loop_.unwatch(socket_.descriptor());
        closed_ = true;
        TimerQueue::disarm(*this);
        worker_.loop_.defer(*this);
        auto* next = new SessionConnection<http2::Session, Socket>(worker_, std::move(socket_),
                                                                   session_.peer());
        http1::Session::Switching how = session_.take_switching();
        if (how.request && !next->session().upgrade(std::move(*how.request), how.settings))
            return next->abort();
        next->session().commit(how.input);
        next->turn();
    }
}

template class SessionConnection<http1::Session, PlainSocket>;
template class SessionConnection<http2::Session, PlainSocket>;
template class SessionConnection<http1::Session, TlsSocket>;
template class SessionConnection<http2::Session, TlsSocket>;

// --- the beginning ------------------------------------------------------------------------------

void serve(Worker& worker, PlainSocket socket, const PeerAddress& peer, bool secure) {
    if (secure)
        new TlsHandshake(worker, std::move(socket), worker.shared().tls(), peer);
    else
        new SessionConnection<http1::Session, PlainSocket>(worker, std::move(socket), peer);
}

void await_proxy_header(Worker& worker, PlainSocket socket, const PeerAddress& proxy, bool secure) {
    new ProxyHandshake(worker, std::move(socket), proxy, secure);
}

void Handshake::begin(int descriptor) {
    worker_.loop_.watch(descriptor, all_events, *this);
    descriptor_ = descriptor;
    worker_.loop_.timers().arm(*this, worker_.loop_.now() +
                                          worker_.options_.limits.header_timeout.count());
}

void Handshake::run_deferred() { worker_.remove(*this); }

void Handshake::close() {
    if (std::exchange(closed_, true)) return;
    worker_.loop_.unwatch(descriptor_);
    TimerQueue::disarm(*this);
    worker_.loop_.defer(*this);
}

template <class Serve>
void Handshake::hand_over(Serve serve) {
    close();
    if (worker_.stopping_) return;
    try {
        serve();
    } catch (const std::exception&) { // no memory: the socket goes with us
    }
}

ProxyHandshake::ProxyHandshake(Worker& worker, PlainSocket socket, const PeerAddress& proxy,
                               bool secure)
    : Handshake(worker, proxy), socket_(std::move(socket)), secure_(secure) {
    begin(socket_.descriptor());
}

void ProxyHandshake::on_events(std::uint32_t events) {
    if (closed()) return;
    // Only looked at, because what comes behind the header is the client's, and TLS reads it from
    // the socket.
    char bytes[proxy_header_max];
    const ssize_t seen = ::recv(socket_.descriptor(), bytes, sizeof bytes, MSG_PEEK);
    if (seen < 0 && (errno == EAGAIN || errno == EINTR) && (events & (EPOLLHUP | EPOLLERR)) == 0)
        return;
    if (seen <= 0) return close();
    const ProxyHeader header = parse_proxy_header({bytes, static_cast<std::size_t>(seen)});
    if (header.state == ProxyHeader::State::incomplete) {
        // More is a new edge, but for what was there before its sender hung up.
        if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) close();
        return;
    }
    if (header.state == ProxyHeader::State::malformed) {
        log::warn("closed a connection that has to begin with the PROXY protocol",
                  {{"peer", peer().to_string()}});
        return close();
    }
    if (socket_.receive(bytes, header.size) != static_cast<ssize_t>(header.size)) return close();
    hand_over([&] { serve(worker_, std::move(socket_), header.client.value_or(peer()), secure_); });
}

TlsHandshake::TlsHandshake(Worker& worker, PlainSocket socket,
                           std::shared_ptr<const tls::ServerContext> tls, const PeerAddress& peer)
    : Handshake(worker, peer), tls_(std::move(tls)), socket_(std::move(socket), tls_->connect()) {
    begin(socket_.descriptor());
}

void TlsHandshake::on_events(std::uint32_t events) {
    if (closed()) return;
    const ssize_t done = socket_.accept();
    if (done == would_block && (events & (EPOLLHUP | EPOLLERR)) == 0) return;
    if (done <= 0) return close();
    hand_over([&] {
        if (socket_.protocol() == "h2")
            new SessionConnection<http2::Session, TlsSocket>(worker_, std::move(socket_), peer());
        else
            new SessionConnection<http1::Session, TlsSocket>(worker_, std::move(socket_), peer());
    });
}

} // namespace armature::server
