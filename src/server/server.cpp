#include "server/listener.hpp"
#include "server/redirect.hpp"
#include "server/worker.hpp"

#include <armature/log/log.hpp>
#include <armature/server/server.hpp>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

namespace armature {

Addresses::Addresses() noexcept = default;
Addresses::Addresses(const char* address) : list_{address} {}
Addresses::Addresses(std::string address) : list_{std::move(address)} {}
Addresses::Addresses(std::initializer_list<std::string> addresses) : list_(addresses) {}
Addresses::Addresses(std::vector<std::string> addresses) : list_(std::move(addresses)) {}
Addresses::Addresses(const Addresses& other) = default;
Addresses::Addresses(Addresses&& other) noexcept = default;
Addresses& Addresses::operator=(const Addresses& other) = default;
Addresses& Addresses::operator=(Addresses&& other) noexcept = default;
Addresses::~Addresses() = default;
bool Addresses::empty() const noexcept { return list_.empty(); }
void Addresses::add(std::string address) { list_.push_back(std::move(address)); }

Http3Options::Http3Options() noexcept = default;
Http3Options::Http3Options(bool on) noexcept : enabled(on) {}

// --- the server ---------------------------------------------------------------------------------

class Server::Impl final {
  public:
    Impl(const Application& served, ServerOptions given)
        : options(completed(std::move(given))), application(served),
          redirect(application.dispatcher()),
          shared(options, application.dispatcher(),
                 options.redirect_to_https ? redirect : application.dispatcher()) {
        check(options);
        if (!options.https.empty()) {
            ticket_keys.emplace();
            reload_certificates();
        }
        log::start();
        serving.emplace(application);
        if (options.threads == 0)
            options.threads = std::max(1u, std::thread::hardware_concurrency());
        for (unsigned i = 0; i < options.threads; ++i)
            workers.push_back(std::make_unique<server::Worker>(shared));
        for (const std::string& text : options.http)
            open(text, false, addresses);
        for (const std::string& text : options.https)
            open(text, true, https_addresses);
        if (options.http3.enabled) open_http3();
        if (!https_addresses.empty()) redirect.set_target(https_addresses.front());
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
        serving.reset();
        log::info("stopped");
    }

    void stop(std::string_view signal) noexcept {
        if (stopping.exchange(true)) return;
        if (!application.has_hooks()) return stop_workers();
        farewell.signal = signal;
        workers.front()->post(farewell);
    }

    void stop_workers() noexcept {
        for (auto& worker : workers)
            worker->stop();
    }

    void reload_certificates() {
        static const std::vector<std::string> protocols{"h2", "http/1.1"};
        if (ticket_keys)
            shared.set_tls(
                std::make_shared<const tls::ServerContext>(options.tls, protocols, *ticket_keys));
        if (http3) http3->reload();
    }

    [[nodiscard]] bool has_certificates() const noexcept {
        return !options.https.empty() || options.http3.enabled;
    }

    ServerOptions options;
    std::vector<std::string> addresses;
    std::vector<std::string> https_addresses;
    std::vector<std::string> http3_addresses;

  private:
    static ServerOptions completed(ServerOptions given) {
        if (server::take_development_socket()) serve_development_command(given);
        if (given.http.empty() && given.https.empty() && given.http3.addresses.empty())
            given.http = "127.0.0.1:8080";
        return given;
    }

    // It listens in our place, without TLS, and says by the PROXY protocol who its clients are.
    static void serve_development_command(ServerOptions& options) {
        ProxyProtocolOptions& proxies = options.proxy_protocol;
        if (proxies.from.empty() || !proxies.addresses.empty()) {
            Addresses kept{"systemd"};
            for (const std::string& address : proxies.addresses)
                if (std::count(options.https.begin(), options.https.end(), address) > 0)
                    kept.add(address);
            proxies.addresses = std::move(kept);
        }
        proxies.from.add("unix");
        options.http = "systemd";
        options.redirect_to_https = false;
    }

    static void check(const ServerOptions& options) {
        const ServerLimits& limits = options.limits;
        const auto require = [](bool holds, const char* what) {
            if (!holds) throw ServerError{std::string{"wrong server options: "} + what};
        };
        require(!options.redirect_to_https || (!options.http.empty() && !options.https.empty()),
                "redirect_to_https needs addresses for http and for https");
        require(!options.http3.enabled || !options.https.empty() ||
                    !options.http3.addresses.empty(),
                "http3 needs addresses, its own or those of https");
        require(options.http3.secret.empty() || options.http3.secret.size() >= 32,
                "http3.secret has at least 32 bytes");
        const ProxyProtocolOptions& proxies = options.proxy_protocol;
        require(proxies.addresses.empty() || !proxies.from.empty(),
                "proxy_protocol.addresses needs proxy_protocol.from: the addresses of the proxies");
        for (const std::string& address : proxies.addresses)
            require(std::count(options.http.begin(), options.http.end(), address) +
                            std::count(options.https.begin(), options.https.end(), address) >
                        0,
                    "proxy_protocol.addresses are addresses of http or https, as written there");
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
        require(limits.concurrent_streams >= 1, "limits.concurrent_streams is at least 1");
        require(limits.shutdown_grace.count() >= 0, "limits.shutdown_grace is not negative");
        Headers probe;
        require(options.server_name.empty() || probe.try_append("server", options.server_name),
                "server_name holds a character that a header field can't");
    }

    void open(const std::string& text, bool secure, std::vector<std::string>& into) {
        const auto address = server::ListenAddress::parse(text);
        const auto copies = static_cast<unsigned>(workers.size());
        const auto sockets = server::open_listeners(address, copies);
        if (address.kind == server::ListenAddress::Kind::unix_socket)
            unix_paths.push_back(address.host);
        std::size_t next = 0;
        for (const server::ListenSocket& socket : sockets) {
            const server::Service service{socket.tcp, secure, speaks_proxy_protocol(text)};
            if (!socket.address.empty()) into.push_back(socket.address);
            if (!socket.shared) {
                workers[next++]->listen(socket.descriptor, false, service);
                continue;
            }
            for (std::size_t i = 0; i < workers.size(); ++i) {
                // Each worker closes its own; the last one takes the original.
                const int descriptor = i + 1 < workers.size()
                                           ? ::fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 3)
                                           : socket.descriptor;
                workers[i]->listen(descriptor, true, service);
            }
        }
    }

    [[nodiscard]] bool speaks_proxy_protocol(std::string_view address) const {
        const ProxyProtocolOptions& proxies = options.proxy_protocol;
        return !proxies.from.empty() &&
               (proxies.addresses.empty() ||
                std::count(proxies.addresses.begin(), proxies.addresses.end(), address) > 0);
    }

    // Beside each TCP address, on the same port, unless it has addresses of its own.
    void open_http3() {
        const auto copies = static_cast<unsigned>(workers.size());
        http3 = server::Http3Service::make(options, shared.secure, shared.connections);
        const Addresses& own = options.http3.addresses;
        for (const std::string& address : own.empty() ? Addresses{https_addresses} : own) {
            const auto parsed = server::ListenAddress::parse(address);
            if (parsed.kind != server::ListenAddress::Kind::tcp) {
                if (own.empty()) continue;
                throw ServerError{"can't listen on " + address + ": HTTP/3 takes UDP addresses"};
            }
            http3_addresses.push_back(http3->open(parsed.host, parsed.port, copies));
            const std::string& opened = http3_addresses.back();
            if (shared.alternative_service.empty())
                shared.alternative_service =
                    "h3=\"" + opened.substr(opened.rfind(':')) + "\"; ma=86400";
            for (unsigned i = 0; i < copies; ++i)
                workers[i]->listen(*http3, i);
        }
    }

    // SIGTERM, SIGINT and SIGHUP while the server runs. Handlers, not a signal descriptor: that
    // would only see signals which every thread of the program blocks, also those we know nothing
    // of.
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
            if (server_.has_certificates()) ::sigaction(SIGHUP, &action, &previous_hup_);
            server_.workers.front()->watch(pipe_[0], *this);
        }
        ~Signals() {
            ::sigaction(SIGTERM, &previous_term_, nullptr);
            ::sigaction(SIGINT, &previous_int_, nullptr);
            if (server_.has_certificates()) ::sigaction(SIGHUP, &previous_hup_, nullptr);
            signal_pipe = -1;
            close_pipe();
        }

      private:
        static void received(int number) {
            if (number != SIGHUP && signalled.exchange(true)) ::_exit(128 + number); // asked twice
            const int error = errno;
            const char byte = static_cast<char>(number);
            [[maybe_unused]] const auto ignored = ::write(signal_pipe, &byte, 1);
            errno = error;
        }
        void on_events(std::uint32_t) override {
            char number = 0;
            while (::read(pipe_[0], &number, 1) == 1) {
                if (number == SIGHUP) {
                    reload();
                    continue;
                }
                const std::string_view signal = number == SIGTERM ? "SIGTERM" : "SIGINT";
                log::info("shutting down", {{"signal", signal}});
                server_.stop(signal);
            }
        }
        void reload() {
            try {
                server_.reload_certificates();
                log::info("read the certificates again");
            } catch (const std::exception& error) {
                log::error("kept the old certificates", {{"reason", error.what()}});
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
        struct sigaction previous_hup_{};
    };

    // The application's hooks around the time in which it is served.
    class Serving {
      public:
        explicit Serving(const Application& served) : application(served) { application.start(); }
        Serving(const Serving&) = delete;
        ~Serving() { application.shutdown(std::string{signal}); }
        const Application& application;
        std::string_view signal;
    };

    // What services have to do before the server stops to accept.
    class Farewell final : public Job {
      public:
        explicit Farewell(Impl& server) noexcept : server_(server) {}
        std::string_view signal;

      private:
        void run() override {
            server_.serving->signal = signal;
            task_ = server_.application.before_shutdown(std::string{signal});
            if (task_.start(&said, this, nullptr)) said(this);
        }
        static void said(void* self) { static_cast<Farewell*>(self)->server_.stop_workers(); }

        Impl& server_;
        Task<> task_;
    };

    const Application& application;
    std::optional<Serving> serving; ///< before all that serves
    Farewell farewell{*this};
    server::Redirect redirect;
    std::optional<tls::TicketKeys> ticket_keys;
    server::Shared shared;
    std::unique_ptr<server::Http3Service> http3;
    std::atomic<bool> stopping{false};
    std::vector<std::unique_ptr<server::Worker>> workers;
    std::vector<std::string> unix_paths;
    std::unique_ptr<Signals> signals;
};

Server::Server(const Application& application, ServerOptions options)
    : impl_(new Impl(application, std::move(options))) {}
Server::~Server() = default;

const std::vector<std::string>& Server::addresses() const noexcept { return impl_->addresses; }
const std::vector<std::string>& Server::http3_addresses() const noexcept {
    return impl_->http3_addresses;
}
const std::vector<std::string>& Server::https_addresses() const noexcept {
    return impl_->https_addresses;
}
void Server::run() { impl_->run(); }
void Server::stop() noexcept { impl_->stop({}); }
void Server::reload_certificates() { impl_->reload_certificates(); }

int App::run(const ServerOptions& options) {
    try {
        const Application application = build();
        Server server{application, options};
        for (const std::string& address : server.addresses())
            log::info("listening", {{"address", address}});
        for (const std::string& address : server.https_addresses())
            log::info("listening", {{"address", address}, {"tls", true}});
        for (const std::string& address : server.http3_addresses())
            log::info("listening", {{"address", address}, {"http3", true}});
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
    options.http = std::string{address};
    return run(options);
}

} // namespace armature
