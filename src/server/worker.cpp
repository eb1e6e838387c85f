#include "server/worker.hpp"

#include "server/connection.hpp"
#include "server/listener.hpp"

#include <armature/core/http_date.hpp>
#include <armature/log/log.hpp>

#include <sys/epoll.h>

#include <algorithm>
#include <ctime>
#include <exception>
#include <string_view>

namespace armature::server {

Shared::Shared(const ServerOptions& server_options, const Dispatcher& secure_dispatcher,
               const Dispatcher& plain_dispatcher)
    : options(server_options), secure(secure_dispatcher), plain(plain_dispatcher) {
    const ServerLimits& from = options.limits;
    http1.head.head_bytes = http2.head.head_bytes = from.head_bytes;
    http1.head.target_bytes = http2.head.target_bytes = from.target_bytes;
    http1.head.field_count = http2.head.field_count = from.header_fields;
    http1.requests_per_connection = http2.requests_per_connection = from.requests_per_connection;
    http2.concurrent_streams = from.concurrent_streams;
}

Worker::Worker(Shared& shared)
    : shared_(shared), options_(shared.options), plain_(shared, shared.plain, loop_, false),
      secure_(shared, shared.secure, loop_, true) {
    loop_.set_ticker(*this);
    tick();
}

Worker::~Worker() {
    while (connections_ != nullptr)
        remove(*connections_);
}

void Worker::listen(int descriptor, bool shared, const Service& service) {
    listeners_.push_back(std::make_unique<Listener>(*this, loop_, descriptor, shared, service));
}

void Worker::listen(Http3Service& http3, unsigned worker) {
    http3_listeners_.push_back(http3.listen(worker, loop_, *this));
    date_until_ = 0;
    tick(); // its fields, and what they say of it elsewhere
}

void Worker::run() { loop_.run(); }

void Worker::stop() { loop_.post(stop_job_); }

void Worker::watch(int descriptor, EventLoop::Watcher& watcher) {
    loop_.watch(descriptor, EPOLLIN, watcher);
}

bool Worker::may_accept() const noexcept {
    return shared_.connections.load(std::memory_order_relaxed) < options_.limits.connections;
}

void Worker::accepted(int descriptor, const PeerAddress& peer, const Service& service) {
    PlainSocket socket{descriptor};
    try {
        if (service.proxied && options_.proxy_protocol.from.contains(peer))
            await_proxy_header(*this, std::move(socket), peer, service.secure);
        else
            serve(*this, std::move(socket), peer, service.secure);
    } catch (const std::exception& error) { // no memory, or no room in the kernel's tables
        log::warn("refused a connection", {{"reason", error.what()}});
    }
}

void Worker::remove(Connection& connection) noexcept {
    delete &connection;
    if (stopping_) check_shutdown();
}

// The fields of every response, rendered once a second.
void Worker::tick() {
    if (loop_.now() < date_until_) return;
    timespec time;
    ::clock_gettime(CLOCK_REALTIME, &time);
    date_until_ = loop_.now() + 1000 - time.tv_nsec / 1'000'000;
    char date[29];
    write_http_date(time.tv_sec, date);
    for (Protocols* protocols : {&plain_, &secure_}) {
        Headers& fields = protocols->http2.streams.common_fields;
        fields.clear();
        if (!options_.server_name.empty()) fields.append(Field::server, options_.server_name);
        fields.append(Field::date, {date, sizeof date});
        if (protocols == &secure_ && !shared_.alternative_service.empty())
            fields.append(Field::alt_svc, shared_.alternative_service);
        protocols->http1.set_common_fields(fields);
    }
    for (auto& listener : http3_listeners_)
        listener->common_fields() = secure_.http2.streams.common_fields;
}

void Worker::begin_shutdown() {
    if (stopping_) return;
    for (auto& listener : listeners_)
        listener->stop();
    stopping_ = true;
    plain_.http1.draining = secure_.http1.draining = true;
    for (Connection *connection = connections_, *next = nullptr; connection != nullptr;
         connection = next) {
        next = connection->next_;
        connection->drain();
    }
    for (auto& listener : http3_listeners_)
        listener->drain();
    loop_.begin_drain();
    loop_.timers().arm(grace_timer_, loop_.now() + options_.limits.shutdown_grace.count());
    check_shutdown();
}

void Worker::check_shutdown() {
    const auto at_rest = [](const auto& listener) { return listener->at_rest(); };
    if (connections_ == nullptr &&
        std::all_of(http3_listeners_.begin(), http3_listeners_.end(), at_rest))
        loop_.stop();
}

void Worker::grace_is_over() {
    for (Connection *connection = connections_, *next = nullptr; connection != nullptr;
         connection = next) {
        next = connection->next_;
        connection->abort();
    }
    for (auto& listener : http3_listeners_)
        listener->abort();
}

} // namespace armature::server
