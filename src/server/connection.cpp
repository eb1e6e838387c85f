#include "server/connection.hpp"

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace armature::server {

namespace {

// A connection that could go on for ever (a fast reader of an endless response) lets the others
// have their turn after that many calls to the kernel.
constexpr int calls_per_turn = 64;

constexpr Duration linger_time = Duration::seconds(2);
constexpr Duration drain_quiet_time = Duration::milliseconds(500);

// Not `send` and `recv`: the C library's make each call a point where the thread may be cancelled,
// which costs as much again as the call into the kernel prepares for.
ssize_t send_text(int descriptor, std::string_view text, int flags) noexcept {
    return ::syscall(SYS_sendto, descriptor, text.data(), text.size(), flags | MSG_NOSIGNAL,
                     nullptr, 0);
}

} // namespace

Connection::Connection(Worker& worker, int descriptor, const PeerAddress& peer)
    : worker_(worker), session_(worker.sessions_, *this), descriptor_(descriptor) {
    session_.set_peer(peer);
    worker_.loop_.watch(descriptor_, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this);
    next_ = worker_.connections_;
    link_ = &worker_.connections_;
    if (next_ != nullptr) next_->link_ = &next_;
    worker_.connections_ = this;
    update_deadline();
}

Connection::~Connection() {
    *link_ = next_;
    if (next_ != nullptr) next_->link_ = link_;
    ::close(descriptor_); // epoll forgets a closed descriptor by itself
}

void Connection::on_events(std::uint32_t events) {
    if (closed_) return;
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hung_up_ = true;
    if ((events & EPOLLOUT) != 0) blocked_ = false;
    turn();
}

void Connection::run_deferred() {
    if (!closed_) return turn();
    session_.keep_output(); // nobody will write it, and the buffer is the others' too
    if (session_.at_rest()) worker_.remove(*this);
}

void Connection::turn() {
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
    if (session_.finished()) {
        if (!session_.must_linger()) return close();
        ::shutdown(descriptor_, SHUT_WR);
        lingering_ = true;
        deadline_ = worker_.loop_.now() + linger_time.count();
        worker_.loop_.timers().arm(*this, deadline_);
        return linger();
    }
    update_deadline();
}

bool Connection::flush() {
    if (const std::string_view text = session_.simple_output(); !text.empty() && !blocked_) {
        const ssize_t sent = send_text(descriptor_, text, 0);
        if (sent > 0) transferred_ += static_cast<std::uint64_t>(sent);
        if (sent == static_cast<ssize_t>(text.size())) [[likely]] {
            session_.wrote_simple();
            return true;
        }
        if (sent > 0) session_.wrote(static_cast<std::uint64_t>(sent));
    }
    return !session_.has_output() || flush_slow();
}

bool Connection::flush_slow() {
    for (int calls = 0; !blocked_; ++calls) {
        const session::Output output = session_.output();
        if (output.empty()) return true;
        if (calls == calls_per_turn) {
            worker_.loop_.defer(*this);
            return true;
        }
        ssize_t sent = 0;
        if (output.second.empty() && !output.first.empty()) {
            const int more = output.file != nullptr ? MSG_MORE : 0;
            sent = send_text(descriptor_, output.first, more);
        } else if (!output.second.empty()) {
            iovec parts[2] = {{const_cast<char*>(output.first.data()), output.first.size()},
                              {const_cast<char*>(output.second.data()), output.second.size()}};
            msghdr message{};
            message.msg_iov = output.first.empty() ? parts + 1 : parts;
            message.msg_iovlen = output.first.empty() ? 1 : 2;
            sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
        } else {
            off_t offset = static_cast<off_t>(output.file->offset + output.file_done);
            sent = ::sendfile(descriptor_, output.file->file->descriptor(), &offset,
                              output.file->size - output.file_done);
            if (sent == 0) return false; // the file became shorter than was promised
        }
        if (sent < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
            blocked_ = true;
            break;
        }
        transferred_ += static_cast<std::uint64_t>(sent);
        session_.wrote(static_cast<std::uint64_t>(sent));
    }
    session_.keep_output();
    return true;
}

bool Connection::receive() {
    const session::Space space = session_.prepare();
    const ssize_t received =
        ::syscall(SYS_recvfrom, descriptor_, space.data, space.size, 0, nullptr, nullptr);
    if (received > 0) {
        // A short read empties the socket; the next bytes are a new edge. Not so at a hang-up,
        // whose end of stream is still to be read.
        if (static_cast<std::size_t>(received) < space.size && !hung_up_) readable_ = false;
        transferred_ += static_cast<std::uint64_t>(received);
        session_.commit(static_cast<std::size_t>(received));
        return true;
    }
    if (received == 0) {
        readable_ = false;
        hung_up_ = false;
        session_.peer_closed();
        return true;
    }
    if (errno == EINTR) return true;
    readable_ = false;
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

// The response is out and no more will be: read until the peer has seen it and closes, because
// closing over unread bytes would reset the connection and could destroy the response on its way.
void Connection::linger() {
    char ignored[16 * 1024];
    for (int calls = 0; calls < calls_per_turn; ++calls) {
        const ssize_t received = ::recv(descriptor_, ignored, sizeof ignored, 0);
        if (received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR)) return close();
        if (received < 0) return;
    }
    worker_.loop_.defer(*this); // it doesn't stop; `linger_time` ends it
}

void Connection::broken() {
    session_.peer_closed();
    session_.cancel(CancelReason::client_gone);
    close();
}

void Connection::close() {
    if (closed_) return;
    closed_ = true;
    worker_.loop_.unwatch(descriptor_);
    ::shutdown(descriptor_, SHUT_RDWR);
    TimerQueue::disarm(*this);
    // Not here: the loop may hold an event for us, and a handler may still be running.
    worker_.loop_.defer(*this);
}

void Connection::update_deadline() {
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
    const ServerLimits& limits = worker_.options_.limits;
    const std::int64_t now = worker_.loop_.now();
    const Phase phase = session_.phase();
    const bool blocked = session_.has_output();
    std::int64_t deadline = 0;
    if (blocked || phase == Phase::reading_body) {
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

void Connection::expired() {
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
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        return broken();
    }
    if (phase_ == Phase::idle) return broken();
    session_.time_out();
    turn();
}

// Bytes that moved between the peer and us. Those in the kernel's buffer did not: it may be larger
// than what a slow peer reads in an hour.
std::int64_t Connection::moved() const noexcept {
    int waiting = 0;
    ::ioctl(descriptor_, SIOCOUTQ, &waiting);
    return static_cast<std::int64_t>(transferred_) - waiting;
}

void Connection::begin_watching() noexcept {
    waiting_ = true;
    watched_until_ = worker_.loop_.now() + worker_.options_.limits.transfer_grace.count();
    moved_before_ = moved();
}

bool Connection::is_moving() const noexcept {
    const ServerLimits& limits = worker_.options_.limits;
    return moved() - moved_before_ >=
           limits.transfer_grace.count() * std::int64_t{limits.min_transfer_rate} / 1000;
}

void Connection::drain() {
    if (!closed_ && !lingering_) update_deadline();
}

void Connection::abort() {
    if (closed_) return;
    session_.cancel(CancelReason::shutdown);
    flush(); // the handler may have had a last word
    close();
}

} // namespace armature::server
