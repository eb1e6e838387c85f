// A load generator for short paired slices: fixed request bytes, N connections, a pipeline depth,
// one thread. It exists beside wrk because a slice must start and end on exact readings of the
// server's CPU clock, because a count of requests must be exact for callgrind, and because a wrong
// answer must stop the run: every response is compared byte for byte with one that was parsed
// strictly. With --rate requests are due at fixed times whatever the server does, and their latency
// is counted from then, so that a server that stalls doesn't hide what would have been asked
// meanwhile. It polls, unless it is to end with a number of requests: to be woken would cost the
// server, who does it, more than an answer, and by chance more or less often; and ends late.

#include "histogram.hpp"
#include "response_check.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t connections_of_an_address = 5'000;
constexpr int patience_milliseconds = 60'000; // 100 MB under callgrind take their time

constexpr char usage[] =
    R"(usage: load --to HOST:PORT [options]

  --request FILE      the request's exact bytes (default: GET / with a Host)
  --expect TEXT       the body that every response must have (default: that of the first response)
  --expect-file FILE  the same, from a file
  --status N          the status that every response must have (200)
  --variants N        "{n}" in the request becomes 0 to N-1, another for each write (1)
  --content BYTES     what follows the request's head, which must announce it (0)
  --upgrade FILE      sent first on each connection, and answered with 101. From then on --request and
                      --expect-file are what is sent and what comes back, without HTTP: frames
  --connections N     keep-alive connections (64)
  --idle N            that many more, which never ask (0)
  --depth N           requests sent in one write, answered before the next (1)
  --seconds S         length of the measured slice (0.3)
  --warm-up S         time before it that does not count (0.05)
  --rate N            requests due per second, evenly, whether or not the last ones are answered;
                      latencies count from when a request was due (default: as fast as answered)
  --requests N        instead of a slice: exactly N requests in all, N divisible by --depth
  --waits poll|sleep  how it waits for answers (poll; with --requests and without --rate: sleep)
  --cpu-of PID[,PID]  read these processes' CPU clocks at the slice's two ends

Prints one line of JSON: requests, seconds, cpu_ns, p50_us, p99_us, p999_us, response_bytes.
A response that is late by 60 s, malformed or different ends the run with status 1.
)";

Nanoseconds read_clock(clockid_t clock) {
    timespec now{};
    if (::clock_gettime(clock, &now) != 0) fail("cannot read a clock; has the server ended?");
    return static_cast<Nanoseconds>(now.tv_sec) * 1'000'000'000 +
           static_cast<Nanoseconds>(now.tv_nsec);
}

// True once `seconds` have passed since the call.
auto after(double seconds) {
    const Nanoseconds end = read_clock(CLOCK_MONOTONIC) + static_cast<Nanoseconds>(seconds * 1e9);
    return [end] { return read_clock(CLOCK_MONOTONIC) >= end; };
}

struct Options {
    sockaddr_in to{};
    std::string request = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
    std::string expect;
    std::string upgrade;
    unsigned status = 200;
    std::size_t variants = 1;
    std::size_t content = 0;
    double rate = 0;
    std::size_t connections = 64;
    std::size_t idle = 0;
    std::size_t depth = 1;
    double seconds = 0.3;
    double warm_up = 0.05;
    std::uint64_t requests = 0;
    std::optional<bool> polls;
    std::vector<clockid_t> cpu_clocks;
};

sockaddr_in parse_address(const std::string& text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos ||
        ::inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1)
        fail("--to needs an IPv4 address and a port, not " + text);
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(text.c_str() + colon + 1)));
    return address;
}

std::vector<clockid_t> parse_pids(std::string_view list) {
    std::vector<clockid_t> clocks;
    for (const char* at = list.data(); at < list.data() + list.size(); ++at) {
        pid_t pid = 0;
        at = std::from_chars(at, list.data() + list.size(), pid).ptr;
        clockid_t clock{};
        if (::clock_getcpuclockid(pid, &clock) != 0)
            fail("--cpu-of: no process " + std::to_string(pid));
        clocks.push_back(clock);
    }
    return clocks;
}

bool parse_waiting(std::string_view how) {
    if (how != "poll" && how != "sleep") fail("--waits takes poll or sleep");
    return how == "poll";
}

std::string read_file(const char* path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail(std::string("cannot read ") + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

Options parse_options(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view flag = argv[i];
        if (i + 1 == argc || flag == "--help") {
            std::fputs(usage, stderr);
            std::exit(2);
        }
        const char* value = argv[i + 1];
        if (flag == "--to")
            options.to = parse_address(value);
        else if (flag == "--request")
            options.request = read_file(value);
        else if (flag == "--expect")
            options.expect = value;
        else if (flag == "--expect-file")
            options.expect = read_file(value);
        else if (flag == "--status")
            options.status = static_cast<unsigned>(std::atoi(value));
        else if (flag == "--variants")
            options.variants = std::strtoul(value, nullptr, 10);
        else if (flag == "--content")
            options.content = std::strtoul(value, nullptr, 10);
        else if (flag == "--upgrade")
            options.upgrade = read_file(value);
        else if (flag == "--rate")
            options.rate = std::atof(value);
        else if (flag == "--connections")
            options.connections = std::strtoul(value, nullptr, 10);
        else if (flag == "--idle")
            options.idle = std::strtoul(value, nullptr, 10);
        else if (flag == "--depth")
            options.depth = std::strtoul(value, nullptr, 10);
        else if (flag == "--seconds")
            options.seconds = std::atof(value);
        else if (flag == "--warm-up")
            options.warm_up = std::atof(value);
        else if (flag == "--requests")
            options.requests = std::strtoull(value, nullptr, 10);
        else if (flag == "--waits")
            options.polls = parse_waiting(value);
        else if (flag == "--cpu-of")
            options.cpu_clocks = parse_pids(value);
        else
            fail("unknown option " + std::string(flag) + ", see --help");
    }
    if (options.to.sin_port == 0) fail("--to HOST:PORT is required, see --help");
    if (options.connections == 0 || options.depth == 0 || options.variants == 0 ||
        options.requests % options.depth != 0)
        fail("--connections, --depth and --variants must be positive, --requests a multiple of "
             "--depth");
    if (options.rate > 0 && options.requests > 0) fail("--rate is for a slice, not for --requests");
    if (options.request.empty()) fail("--request is an empty file");
    if (!options.upgrade.empty() && options.expect.empty())
        fail("--upgrade needs what comes back, as --expect-file");
    return options;
}

// What is sent at a time: `depth` requests, for each variant.
std::vector<std::string> make_batches(const Options& options) {
    std::vector<std::string> batches(options.variants);
    for (std::size_t i = 0; i < options.variants; ++i) {
        std::string request = options.request;
        if (const std::size_t place = request.find("{n}"); place != request.npos)
            request.replace(place, 3, std::to_string(i));
        request.append(options.content, 'x');
        batches[i].reserve(request.size() * options.depth);
        for (std::size_t n = 0; n < options.depth; ++n)
            batches[i] += request;
    }
    return batches;
}

struct Connection {
    int fd = -1;
    std::size_t outstanding = 0;
    Nanoseconds due = 0;     // 0: nothing is owed
    std::size_t matched = 0; // bytes that came of a response which is the known one so far
    std::string partial;     // the bytes of one that isn't
};

class Load {
  public:
    explicit Load(const Options& options)
        : options_(options), response_(options.status, options.expect), frame_(options.expect),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)), batches_(make_batches(options)),
          polls_(options.polls.value_or(options.requests == 0 || options.rate > 0)) {
        connections_.resize(options_.connections + options_.idle);
        for (std::size_t i = 0; i < connections_.size(); ++i) {
            connect(connections_[i], i);
            if (i < options_.connections) free_.push_back(&connections_[i]);
        }
        if (options_.rate > 0)
            period_ =
                static_cast<Nanoseconds>(1e9 * static_cast<double>(options_.depth) / options_.rate);
    }

    void run() {
        due_ = read_clock(CLOCK_MONOTONIC);
        if (options_.requests > 0) {
            begin_slice();
            poll_until([&] { return answered_ == options_.requests; });
        } else {
            poll_until(after(options_.warm_up));
            begin_slice();
            poll_until(after(options_.seconds));
        }
        end_slice();
    }

  private:
    void connect(Connection& connection, std::size_t index) {
        connection.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (index >= connections_of_an_address) use_address(connection.fd, index);
        if (::connect(connection.fd, reinterpret_cast<const sockaddr*>(&options_.to),
                      sizeof options_.to) != 0)
            fail(std::string("connect: ") + std::strerror(errno));
        if (!options_.upgrade.empty()) upgrade(connection.fd);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = index;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
    }

    // The kernel looks long for a free port once most of an address's are taken.
    void use_address(int fd, std::size_t index) const {
        if ((ntohl(options_.to.sin_addr.s_addr) >> 24) != 127) return;
        sockaddr_in source{};
        source.sin_family = AF_INET;
        source.sin_addr.s_addr =
            htonl(static_cast<std::uint32_t>(INADDR_LOOPBACK + index / connections_of_an_address));
        const int on = 1;
        ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        if (::bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0)
            fail(std::string("bind: ") + std::strerror(errno));
    }

    // Waits for the answer: no frame is sent to us before we send one.
    void upgrade(int fd) {
        send_all(fd, options_.upgrade);
        std::string head;
        while (!head.ends_with("\r\n\r\n")) {
            char byte = 0;
            if (::recv(fd, &byte, 1, 0) != 1) fail("the connection ended in its upgrade");
            head += byte;
        }
        if (!head.starts_with("HTTP/1.1 101 ")) fail("no upgrade: " + head);
    }

    static void send_all(int fd, std::string_view data) {
        while (!data.empty()) {
            const ssize_t sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
            if (sent < 0) fail(std::string("send: ") + std::strerror(errno));
            data.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    // Sends what is due now and has a free connection.
    void send_due() {
        const Nanoseconds now = read_clock(CLOCK_MONOTONIC);
        while (!free_.empty() && due_ <= now) {
            if (options_.requests > 0 && asked_ == options_.requests) return;
            Connection& connection = *free_.front();
            free_.pop_front();
            asked_ += options_.depth;
            connection.outstanding = options_.depth;
            connection.due = period_ > 0 ? due_ : read_clock(CLOCK_MONOTONIC);
            due_ += period_;
            send_all(connection.fd, batches_[next_batch_]);
            if (++next_batch_ == batches_.size()) next_batch_ = 0;
        }
    }

    template <typename Done>
    void poll_until(Done done) {
        std::array<epoll_event, 256> events;
        while (!done()) {
            send_due();
            const int ready = ::epoll_wait(epoll_, events.data(), events.size(),
                                           polls_ ? 0 : patience_milliseconds);
            if (ready < 0 || (ready == 0 && !polls_)) fail("no answer within 60 s");
            for (int i = 0; i < ready; ++i)
                receive(connections_[events[i].data.u64]);
        }
    }

    void receive(Connection& connection) {
        const ssize_t received = ::recv(connection.fd, input_.data(), input_.size(), MSG_DONTWAIT);
        if (received <= 0) {
            if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
            fail(received == 0 ? "the server closed a connection"
                               : std::string("recv: ") + std::strerror(errno));
        }
        std::string_view data(input_.data(), received);
        compare(connection, data);
        if (!data.empty()) {
            connection.partial += known().substr(0, connection.matched);
            connection.matched = 0;
            connection.partial += data;
            data = connection.partial;
            while (const std::size_t size = check(data)) {
                answered(connection);
                data.remove_prefix(size);
            }
            connection.partial.erase(0, connection.partial.size() - data.size());
        }
        if (connection.outstanding == 0 && connection.due > 0) {
            latency_.add(read_clock(CLOCK_MONOTONIC) - connection.due, options_.depth);
            connection.due = 0;
            free_.push_back(&connection);
            if (period_ == 0) send_due();
        }
    }

    // The size of the answer at the front of `data`, or 0 if it is not complete yet.
    std::size_t check(std::string_view data) {
        return options_.upgrade.empty() ? response_.check(data) : frame_.check(data);
    }

    std::string_view known() const {
        return options_.upgrade.empty() ? response_.known() : frame_.known();
    }

    // Removes from `data` what goes on as the known response does: nothing of it is kept.
    void compare(Connection& connection, std::string_view& data) {
        while (connection.partial.empty() && !data.empty()) {
            const std::string_view rest = known().substr(connection.matched);
            const std::size_t size = std::min(rest.size(), data.size());
            if (size == 0 || std::memcmp(rest.data(), data.data(), size) != 0) return;
            data.remove_prefix(size);
            connection.matched += size;
            if (size != rest.size()) return;
            connection.matched = 0;
            answered(connection);
        }
    }

    void answered(Connection& connection) {
        if (connection.outstanding == 0) fail("a response that nobody asked for");
        --connection.outstanding;
        ++answered_;
    }

    Nanoseconds server_cpu() const {
        Nanoseconds sum = 0;
        for (const clockid_t clock : options_.cpu_clocks)
            sum += read_clock(clock);
        return sum;
    }

    void begin_slice() {
        latency_.clear();
        answered_before_ = answered_;
        began_ = read_clock(CLOCK_MONOTONIC);
        cpu_before_ = server_cpu();
    }

    // What is still owed counts with the time that it has waited so far.
    void count_the_unanswered(Nanoseconds now) {
        for (const Connection& connection : connections_)
            if (connection.due > 0) latency_.add(now - connection.due, connection.outstanding);
        for (; due_ < now; due_ += period_)
            latency_.add(now - due_, options_.depth);
    }

    void end_slice() {
        const Nanoseconds cpu = server_cpu() - cpu_before_;
        const Nanoseconds now = read_clock(CLOCK_MONOTONIC);
        if (period_ > 0) count_the_unanswered(now);
        std::printf("{\"requests\":%llu,\"seconds\":%.6f,\"cpu_ns\":%llu,\"p50_us\":%.1f,"
                    "\"p99_us\":%.1f,\"p999_us\":%.1f,\"response_bytes\":%zu}\n",
                    static_cast<unsigned long long>(answered_ - answered_before_),
                    static_cast<double>(now - began_) / 1e9, static_cast<unsigned long long>(cpu),
                    latency_.microseconds_at(0.50), latency_.microseconds_at(0.99),
                    latency_.microseconds_at(0.999), known().size());
    }

    const Options& options_;
    ResponseCheck response_;
    ExactCheck frame_;
    int epoll_;
    std::vector<std::string> batches_;
    bool polls_;
    std::size_t next_batch_ = 0;
    std::vector<Connection> connections_;
    std::deque<Connection*> free_;
    std::array<char, 256 * 1024> input_;
    Histogram latency_;
    Nanoseconds period_ = 0; // between two batches; 0: as fast as they are answered
    Nanoseconds due_ = 0;
    std::uint64_t asked_ = 0;
    std::uint64_t answered_ = 0;
    std::uint64_t answered_before_ = 0;
    Nanoseconds began_ = 0;
    Nanoseconds cpu_before_ = 0;
};

} // namespace

int main(int argc, char** argv) {
    const Options options = parse_options(argc, argv);
    static Load load(options);
    load.run();
}
