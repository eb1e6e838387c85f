#include "http3/datagram_socket.hpp"
#include "server/event_loop.hpp"
#include "server/http3_listener.hpp"
#include "http3/http3_app.hpp"

#include <armature/core/http_date.hpp>

#include <arpa/inet.h>
#include <sys/signalfd.h>
#include <csignal>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>
#include <vector>

// An HTTP/3 server as a process of its own, without the TCP listeners beside it.

namespace {

using namespace armature;

std::string read_file(const char* path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

class Program;

struct Loop final : server::EventLoop::Ticker, server::Http3Listener::Owner, Job {
    Loop() { loop.set_ticker(*this); }
    void tick() override {
        if (loop.now() < date_until) return;
        date_until = loop.now() + 1000;
        char date[29];
        write_http_date(std::time(nullptr), date);
        listener->common_fields().set("server", "armature");
        listener->common_fields().set("date", std::string_view{date, sizeof date});
    }
    void http3_at_rest() override {
        if (stopping) loop.stop();
    }
    void run() override { // on SIGTERM
        if (std::exchange(stopping, true)) return listener->abort();
        listener->drain();
    }

    server::EventLoop loop;
    std::unique_ptr<server::Http3Listener> listener;
    std::int64_t date_until = 0;
    bool stopping = false;
};

} // namespace

int main(int argc, char** argv) {
    const char* address = "127.0.0.1";
    int port = 0;
    unsigned threads = 1;
    bool early_data = false;
    std::string secret;
    http3::EndpointOptions options;
    std::vector<http3::Identity> identities;
    const auto number = [&](int& i) { return std::atoll(argv[++i]); };
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--address")
            address = argv[++i];
        else if (name == "--port")
            port = static_cast<int>(number(i));
        else if (name == "--threads")
            threads = static_cast<unsigned>(number(i));
        else if (name == "--identity") {
            http3::Identity identity;
            identity.certificate_chain = read_file(argv[++i]);
            identity.private_key = read_file(argv[++i]);
            identities.push_back(std::move(identity));
        } else if (name == "--secret")
            secret = argv[++i];
        else if (name == "--early-data")
            early_data = true;
        else if (name == "--retry")
            options.address_validation = http3::AddressValidation::always;
        else if (name == "--idle")
            options.limits.idle_timeout = Duration::milliseconds(number(i));
        else if (name == "--handshake")
            options.limits.handshake_timeout = Duration::milliseconds(number(i));
        else if (name == "--header")
            options.limits.header_timeout = Duration::milliseconds(number(i));
        else if (name == "--grace")
            options.limits.transfer_grace = Duration::milliseconds(number(i));
        else if (name == "--requests")
            options.limits.requests_per_connection = static_cast<std::uint32_t>(number(i));
        else if (name == "--streams")
            options.limits.concurrent_streams = static_cast<std::uint32_t>(number(i));
        else if (name == "--connections")
            options.most_connections = static_cast<std::uint32_t>(number(i));
        else {
            std::fprintf(stderr, "unknown option %s\n", argv[i]);
            return 2;
        }
    }

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    testing::Counters counters;
    const Application app = testing::make_http3_app(counters);
    std::atomic<std::uint32_t> connections{0};
    options.connections = &connections;
    options.workers = threads;
    const http3::Secrets secrets = http3::Secrets::derive(secret);
    http3::CredentialsSlot credentials{
        std::make_shared<const http3::Credentials>(identities, secrets, early_data)};

    http3::Address bind_to;
    if (inet_pton(AF_INET, address, &bind_to.ipv4.sin_addr) == 1) {
        bind_to.ipv4.sin_family = AF_INET;
        bind_to.ipv4.sin_port = htons(static_cast<std::uint16_t>(port));
        bind_to.size = sizeof bind_to.ipv4;
    } else {
        inet_pton(AF_INET6, address, &bind_to.ipv6.sin6_addr);
        bind_to.ipv6.sin6_family = AF_INET6;
        bind_to.ipv6.sin6_port = htons(static_cast<std::uint16_t>(port));
        bind_to.size = sizeof bind_to.ipv6;
    }
    auto sockets = http3::DatagramSocket::open(bind_to, threads, 4 * 1024 * 1024);
    std::printf("ready %u\n", sockets.front()->local().port());
    std::fflush(stdout);

    std::vector<std::unique_ptr<Loop>> loops;
    for (unsigned i = 0; i < threads; ++i) {
        options.worker = i;
        auto& loop = *loops.emplace_back(std::make_unique<Loop>());
        loop.listener = std::make_unique<server::Http3Listener>(
            loop.loop, loop, std::move(sockets[i]), options, secrets, credentials,
            app.dispatcher());
    }
    std::vector<std::thread> running;
    for (auto& loop : loops)
        running.emplace_back([&loop] { loop->loop.run(); });
    std::atomic<bool> done{false};
    std::thread stopper{[&] {
        while (!done) {
            int number_of = 0;
            sigwait(&signals, &number_of);
            if (done) break;
            for (auto& loop : loops)
                loop->loop.post(*loop);
        }
    }};
    for (std::thread& thread : running)
        thread.join();
    done = true;
    pthread_kill(stopper.native_handle(), SIGTERM);
    stopper.join();
    std::printf("stopped connections=%u cancelled=%d\n", connections.load(),
                counters.cancelled.load());
    return 0;
}
