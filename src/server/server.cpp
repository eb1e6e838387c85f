#include "server/connection.hpp"
#include "server/listener.hpp"

#include <armature/core/http_date.hpp>
#include <armature/log/log.hpp>
#include <armature/server/server.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <thread>

namespace armature {

namespace server {

// --- one loop -----------------------------------------------------------------------------------

Worker::Worker(const Dispatcher& dispatcher, const ServerOptions& options,
               const http1::SessionLimits& session_limits, std::atomic<std::uint32_t>& connections)
    : options_(options), sessions_(dispatcher, session_limits, loop_),
      connection_count_(connections) {
    loop_.set_ticker(*this);
    tick();
}

Worker::~Worker() {
    while (connections_ != nullptr)
        remove(*connections_);
}

void Worker::listen(int descriptor, bool shared, bool tcp) {
    listeners_.push_back(std::make_unique<Listener>(*this, loop_, descriptor, shared, tcp));
}

void Worker::run() { loop_.run(); }

void Worker::stop() { loop_.post(stop_job_); }

void Worker::watch(int descriptor, EventLoop::Watcher& watcher) {
    loop_.watch(descriptor, EPOLLIN, watcher);
}

bool Worker::may_accept() const noexcept {
    return connection_count_.load(std::memory_order_relaxed) < options_.limits.connections;
}

void Worker::accepted(int descriptor, const PeerAddress& peer) {
    try {
        new Connection(*this, descriptor, peer); // owned by the list that it joins
        connection_count_.fetch_add(1, std::memory_order_relaxed);
    } catch (const std::exception& error) { // no memory, or no room in the kernel's tables
        log::warn("refused a connection", {{"reason", error.what()}});
        ::close(descriptor);
    }
}

void Worker::remove(Connection& connection) noexcept {
    delete &connection;
    connection_count_.fetch_sub(1, std::memory_order_relaxed);
    if (stopping_) check_shutdown();
}

// The fields of every response, rendered once a second.
void Worker::tick() {
    if (loop_.now() < date_until_) return;
    timespec time;
    ::clock_gettime(CLOCK_REALTIME, &time);
    date_until_ = loop_.now() + 1000 - time.tv_nsec / 1'000'000;
    std::string fields;
    if (!options_.server_name.empty())
        fields.append("server: ").append(options_.server_name).append("\r\n");
    char date[29];
    write_http_date(time.tv_sec, date);
    fields.append("date: ").append(date, sizeof date).append("\r\n");
    sessions_.set_common_fields(fields);
}

void Worker::begin_shutdown() {
    if (stopping_) return;
    for (auto& listener : listeners_)
        listener->stop();
    stopping_ = true;
    sessions_.draining = true;
    for (Connection *connection = connections_, *next = nullptr; connection != nullptr;
         connection = next) {
        next = connection->next_;
        connection->drain();
    }
    loop_.timers().arm(grace_timer_, loop_.now() + options_.limits.shutdown_grace.count());
    check_shutdown();
}

void Worker::check_shutdown() {
    if (connections_ == nullptr) loop_.stop();
}

void Worker::grace_is_over() {
    for (Connection *connection = connections_, *next = nullptr; connection != nullptr;
         connection = next) {
        next = connection->next_;
        connection->abort();
    }
}

} // namespace server

// --- the server ---------------------------------------------------------------------------------

class Server::Impl final {
  public:
    Impl(const Application& application, ServerOptions given)
        : options(std::move(given)), limits(session_limits(options.limits)) {
        check(options);
        log::start();
        if (options.threads == 0)
            options.threads = std::max(1u, std::thread::hardware_concurrency());
        for (unsigned i = 0; i < options.threads; ++i)
            workers.push_back(std::make_unique<server::Worker>(application.dispatcher(), options,
                                                               limits, connections));
        for (const std::string& text : options.listen)
            open(text);
        // Before anybody learns that we listen, and may tell us to stop.
        if (options.handle_signals) signals = std::make_unique<Signals>(*this);
    }

    ~Impl() {
        for (const std::string& path : unix_paths)
            ::unlink(path.c_str());
    }

    void run() {
        // SIGPIPE, which sendfile can raise, stays pending and does no harm; threads inherit this.
        sigset_t mask;
        sigset_t previous;
        ::sigemptyset(&mask);
        ::sigaddset(&mask, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &mask, &previous);
        std::vector<std::thread> threads;
        for (std::size_t i = 1; i < workers.size(); ++i)
            threads.emplace_back([worker = workers[i].get()] { worker->run(); });
        workers.front()->run();
        for (std::thread& thread : threads)
            thread.join();
        const timespec at_once{};
        while (::sigtimedwait(&mask, nullptr, &at_once) > 0)
            continue;
        ::pthread_sigmask(SIG_SETMASK, &previous, nullptr);
        log::info("stopped");
    }

    void stop() noexcept {
        if (stopping.exchange(true)) return;
        for (auto& worker : workers)
            worker->stop();
    }

    ServerOptions options;
    http1::SessionLimits limits;
    std::vector<std::string> addresses;

  private:
    static http1::SessionLimits session_limits(const ServerLimits& from) {
        http1::SessionLimits to;
        to.head.head_bytes = from.head_bytes;
        to.head.target_bytes = from.target_bytes;
        to.head.field_count = from.header_fields;
        to.requests_per_connection = from.requests_per_connection;
        return to;
    }

    static void check(const ServerOptions& options) {
        const ServerLimits& limits = options.limits;
        const auto require = [](bool holds, const char* what) {
            if (!holds) throw ServerError{std::string{"wrong server options: "} + what};
        };
        require(!options.listen.empty(), "listen names no address");
        require(options.threads <= 1024, "threads is at most 1024");
        require(limits.head_bytes >= 256 && limits.head_bytes <= 1024 * 1024,
                "limits.head_bytes is from 256 to 1,048,576");
        require(limits.target_bytes >= 1 && limits.target_bytes <= limits.head_bytes,
                "limits.target_bytes is from 1 to limits.head_bytes");
        require(limits.header_fields >= 1, "limits.header_fields is at least 1");
        require(limits.header_timeout.count() > 0, "limits.header_timeout is positive");
        require(limits.idle_timeout.count() > 0, "limits.idle_timeout is positive");
        require(limits.min_transfer_rate > 0, "limits.min_transfer_rate is positive");
        require(limits.transfer_grace.count() > 0, "limits.transfer_grace is positive");
        require(limits.connections >= 1, "limits.connections is at least 1");
        require(limits.requests_per_connection >= 1,
                "limits.requests_per_connection is at least 1");
        require(limits.shutdown_grace.count() >= 0, "limits.shutdown_grace is not negative");
        Headers probe;
        require(options.server_name.empty() || probe.try_append("server", options.server_name),
                "server_name holds a character that a header field can't");
    }

    void open(const std::string& text) {
        const auto address = server::ListenAddress::parse(text);
        const auto copies = static_cast<unsigned>(workers.size());
        const auto sockets = server::open_listeners(address, copies);
        if (address.kind == server::ListenAddress::Kind::unix_socket)
            unix_paths.push_back(address.host);
        std::size_t next = 0;
        for (const server::ListenSocket& socket : sockets) {
            if (!socket.address.empty()) addresses.push_back(socket.address);
            if (!socket.shared) {
                workers[next++]->listen(socket.descriptor, false, socket.tcp);
                continue;
            }
            for (std::size_t i = 0; i < workers.size(); ++i) {
                // Each worker closes its own; the last one takes the original.
                const int descriptor = i + 1 < workers.size()
                                           ? ::fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 3)
                                           : socket.descriptor;
                workers[i]->listen(descriptor, true, socket.tcp);
            }
        }
    }

    // SIGTERM and SIGINT while the server runs. Handlers, not a signal descriptor: that would only
    // see signals which every thread of the program blocks, also those we know nothing of.
    class Signals final : server::EventLoop::Watcher {
      public:
        explicit Signals(Impl& server) : server_(server) {
            int none = -1;
            if (::pipe2(pipe_, O_CLOEXEC | O_NONBLOCK) != 0)
                throw ServerError{std::string{"can't watch signals: "} + std::strerror(errno)};
            if (!signal_pipe.compare_exchange_strong(none, pipe_[1])) {
                close_pipe();
                throw ServerError{"two servers of one process can't both handle signals; set "
                                  "ServerOptions::handle_signals for one of them only"};
            }
            signalled = false;
            struct sigaction action{};
            action.sa_handler = &received;
            action.sa_flags = SA_RESTART;
            ::sigaction(SIGTERM, &action, &previous_term_);
            ::sigaction(SIGINT, &action, &previous_int_);
            server_.workers.front()->watch(pipe_[0], *this);
        }
        ~Signals() {
            ::sigaction(SIGTERM, &previous_term_, nullptr);
            ::sigaction(SIGINT, &previous_int_, nullptr);
            signal_pipe = -1;
            close_pipe();
        }

      private:
        static void received(int number) {
            if (signalled.exchange(true)) ::_exit(128 + number); // asked twice: now
            const int error = errno;
            const char byte = static_cast<char>(number);
            [[maybe_unused]] const auto ignored = ::write(signal_pipe, &byte, 1);
            errno = error;
        }
        void on_events(std::uint32_t) override {
            char number = 0;
            while (::read(pipe_[0], &number, 1) == 1) {
                log::info("shutting down", {{"signal", number == SIGTERM ? "SIGTERM" : "SIGINT"}});
                server_.stop();
            }
        }
        void close_pipe() noexcept {
            ::close(pipe_[0]);
            ::close(pipe_[1]);
        }

        static inline std::atomic<int> signal_pipe{-1};
        static inline std::atomic<bool> signalled{false};
        Impl& server_;
        int pipe_[2];
        struct sigaction previous_term_{};
        struct sigaction previous_int_{};
    };

    std::atomic<std::uint32_t> connections{0};
    std::atomic<bool> stopping{false};
    std::vector<std::unique_ptr<server::Worker>> workers;
    std::vector<std::string> unix_paths;
    std::unique_ptr<Signals> signals;
};

Server::Server(const Application& application, ServerOptions options)
    : impl_(std::make_unique<Impl>(application, std::move(options))) {}
Server::~Server() = default;

const std::vector<std::string>& Server::addresses() const noexcept { return impl_->addresses; }
void Server::run() { impl_->run(); }
void Server::stop() noexcept { impl_->stop(); }

int App::run(const ServerOptions& options) {
    try {
        const Application application = build();
        Server server{application, options};
        for (const std::string& address : server.addresses())
            log::info("listening", {{"address", address}});
        server.run();
        return 0;
    } catch (const std::exception& error) {
        log::flush();
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}

int App::run(std::string_view address) {
    ServerOptions options;
    options.listen = {std::string{address}};
    return run(options);
}

} // namespace armature
