// A load generator for short paired slices: fixed request bytes, N connections, a pipeline depth,
// one thread. It exists beside wrk because a slice must start and end on exact readings of the
// server's CPU clock, because a count of requests must be exact for callgrind, and because a wrong
// answer must stop the run: every response is compared byte for byte with one that was parsed
// strictly.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Nanoseconds = std::uint64_t;

constexpr std::size_t connections_of_an_address = 5'000;

constexpr char usage[] =
    R"(usage: load --to HOST:PORT [options]

  --request FILE      the request's exact bytes, ending in a blank line (default: GET / with a Host)
  --expect TEXT       the body that every response must have (default: that of the first response)
  --variants N        "{n}" in the request becomes 0 to N-1, another for each write (1)
  --content BYTES     what follows the request's head, which must announce it (0)
  --connections N     keep-alive connections (64)
  --idle N            that many more, which never ask (0)
  --depth N           requests sent in one write, answered before the next (1)
  --seconds S         length of the measured slice (0.3)
  --warm-up S         time before it that does not count (0.05)
  --requests N        instead of a slice: exactly N requests in all, N divisible by --depth
  --cpu-of PID[,PID]  read these processes' CPU clocks at the slice's two ends

Prints one line of JSON: requests, seconds, cpu_ns, p50_us, p99_us, response_bytes.
A response that is late by 60 s, malformed or different ends the run with status 1.
)";

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "load: %s\n", why.c_str());
    std::exit(1);
}

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
    std::size_t variants = 1;
    std::size_t content = 0;
    std::size_t connections = 64;
    std::size_t idle = 0;
    std::size_t depth = 1;
    double seconds = 0.3;
    double warm_up = 0.05;
    std::uint64_t requests = 0;
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
        else if (flag == "--request") {
            std::ifstream file(value, std::ios::binary);
            options.request.assign(std::istreambuf_iterator<char>(file), {});
            if (!std::string_view(options.request).ends_with("\r\n\r\n"))
                fail(std::string(value) + " does not end in a blank line");
        } else if (flag == "--expect")
            options.expect = value;
        else if (flag == "--variants")
            options.variants = std::strtoul(value, nullptr, 10);
        else if (flag == "--content")
            options.content = std::strtoul(value, nullptr, 10);
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
    return options;
}

// Latencies in buckets of 1/32 of a power of two: a percentile within 3 % without keeping samples.
class Histogram {
  public:
    void add(Nanoseconds value, std::uint64_t count) {
        counts_[bucket_of(value)] += count;
        total_ += count;
    }
    void clear() {
        counts_.fill(0);
        total_ = 0;
    }
    double microseconds_at(double share) const {
        std::uint64_t left = static_cast<std::uint64_t>(share * static_cast<double>(total_));
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            if (counts_[i] > left) return static_cast<double>(value_of(i)) / 1000.0;
            left -= counts_[i];
        }
        return 0;
    }

  private:
    static constexpr int fine_bits = 5;
    static std::size_t bucket_of(Nanoseconds value) {
        const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - fine_bits - 1);
        return (static_cast<std::size_t>(shift) << fine_bits) + (value >> shift);
    }
    static Nanoseconds value_of(std::size_t bucket) {
        const std::size_t shift = std::max<std::size_t>(bucket >> fine_bits, 1) - 1;
        return (bucket - (shift << fine_bits)) << shift;
    }
    std::array<std::uint64_t, 64 << fine_bits> counts_{};
    std::uint64_t total_ = 0;
};

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

// Accepts `HTTP/1.1 200 …`, header lines with a colon, exactly one Content-Length of plain digits
// and a body of that length. Anything else is a wrong answer.
class ResponseCheck {
  public:
    explicit ResponseCheck(std::string expected_body)
        : body_(std::move(expected_body)), any_body_(body_.empty()) {}

    // The size of the response at the front of `data`, or 0 if it is not complete yet.
    std::size_t check(std::string_view data) {
        if (!known_.empty() && data.size() >= known_.size() &&
            std::memcmp(data.data(), known_.data(), known_.size()) == 0)
            return known_.size();
        const std::size_t head_end = data.find("\r\n\r\n");
        if (head_end == data.npos) {
            if (data.size() > 16 * 1024) fail("a response head of more than 16 KiB");
            return 0;
        }
        const std::size_t head_bytes = head_end + 4;
        const std::size_t body_bytes = content_length(data.substr(0, head_end + 2));
        if (data.size() < head_bytes + body_bytes) return 0;
        const std::string_view body = data.substr(head_bytes, body_bytes);
        if (any_body_) {
            body_ = body;
            any_body_ = false;
        }
        if (body != body_)
            fail("expected the body \"" + body_.substr(0, 200) + "\", got \"" +
                 std::string(body.substr(0, 200)) + "\"");
        known_ = data.substr(0, head_bytes + body_bytes);
        return known_.size();
    }

    // What every response looks like until the date changes; empty before the first one.
    std::string_view known() const { return known_; }

  private:
    static std::size_t content_length(std::string_view head) {
        constexpr std::string_view ok = "HTTP/1.1 200 ";
        if (!head.starts_with(ok))
            fail("a status line that is not 200: " + std::string(head.substr(0, head.find('\r'))));
        std::size_t length = 0;
        bool found = false;
        for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
            const std::size_t line_end = head.find("\r\n", at);
            const std::string_view line = head.substr(at, line_end - at);
            const std::size_t colon = line.find(':');
            if (colon == line.npos || colon == 0)
                fail("a header line without a name: " + std::string(line));
            if (is_content_length(line.substr(0, colon))) {
                const char* first = line.data() + colon + 1;
                const char* last = line.data() + line.size();
                first = std::find_if(first, last, [](char c) { return c != ' '; });
                const auto [end, error] = std::from_chars(first, last, length);
                if (found || error != std::errc{} || end != last)
                    fail("a repeated or malformed Content-Length: " + std::string(line));
                found = true;
            }
            at = line_end + 2;
        }
        if (!found) fail("a response without Content-Length");
        return length;
    }

    static bool is_content_length(std::string_view name) {
        constexpr std::string_view wanted = "content-length";
        return std::equal(
            name.begin(), name.end(), wanted.begin(), wanted.end(),
            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; });
    }

    std::string body_;
    bool any_body_;
    std::string known_;
};

struct Connection {
    int fd = -1;
    std::size_t outstanding = 0;
    Nanoseconds sent_at = 0;
    std::size_t matched = 0; // bytes that came of a response which is the known one so far
    std::string partial;     // the bytes of one that isn't
};

class Load {
  public:
    explicit Load(const Options& options)
        : options_(options), check_(options.expect), epoll_(::epoll_create1(EPOLL_CLOEXEC)),
          batches_(make_batches(options)) {
        connections_.resize(options_.connections + options_.idle);
        for (std::size_t i = 0; i < connections_.size(); ++i)
            connect(connections_[i], i);
    }

    void run() {
        if (options_.requests > 0) {
            begin_slice();
            ask_on_every_connection();
            poll_until([&] { return answered_ == options_.requests; });
        } else {
            ask_on_every_connection();
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

    void ask_on_every_connection() {
        for (std::size_t i = 0; i < options_.connections; ++i)
            send_batch(connections_[i]);
    }

    void send_batch(Connection& connection) {
        if (options_.requests > 0 && asked_ + options_.depth > options_.requests) return;
        asked_ += options_.depth;
        connection.outstanding = options_.depth;
        connection.sent_at = read_clock(CLOCK_MONOTONIC);
        const std::string& batch = batches_[next_batch_];
        if (++next_batch_ == batches_.size()) next_batch_ = 0;
        for (std::size_t sent = 0; sent < batch.size();) {
            const ssize_t n =
                ::send(connection.fd, batch.data() + sent, batch.size() - sent, MSG_NOSIGNAL);
            if (n < 0) fail(std::string("send: ") + std::strerror(errno));
            sent += static_cast<std::size_t>(n);
        }
    }

    template <typename Done>
    void poll_until(Done done) {
        std::array<epoll_event, 256> events;
        while (!done()) {
            const int ready = ::epoll_wait(epoll_, events.data(), events.size(), 60'000);
            if (ready <= 0) fail("no answer within 60 s");
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
            connection.partial += check_.known().substr(0, connection.matched);
            connection.matched = 0;
            connection.partial += data;
            data = connection.partial;
            while (const std::size_t size = check_.check(data)) {
                answered(connection);
                data.remove_prefix(size);
            }
            connection.partial.erase(0, connection.partial.size() - data.size());
        }
        if (connection.outstanding == 0) {
            latency_.add(read_clock(CLOCK_MONOTONIC) - connection.sent_at, options_.depth);
            send_batch(connection);
        }
    }

    // Removes from `data` what goes on as the known response does: nothing of it is kept.
    void compare(Connection& connection, std::string_view& data) {
        while (connection.partial.empty() && !data.empty()) {
            const std::string_view rest = check_.known().substr(connection.matched);
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

    void end_slice() const {
        const Nanoseconds cpu = server_cpu() - cpu_before_;
        const double seconds = static_cast<double>(read_clock(CLOCK_MONOTONIC) - began_) / 1e9;
        std::printf(
            "{\"requests\":%llu,\"seconds\":%.6f,\"cpu_ns\":%llu,\"p50_us\":%.1f,\"p99_us\":%.1f,"
            "\"response_bytes\":%zu}\n",
            static_cast<unsigned long long>(answered_ - answered_before_), seconds,
            static_cast<unsigned long long>(cpu), latency_.microseconds_at(0.50),
            latency_.microseconds_at(0.99), check_.known().size());
    }

    const Options& options_;
    ResponseCheck check_;
    int epoll_;
    std::vector<std::string> batches_;
    std::size_t next_batch_ = 0;
    std::vector<Connection> connections_;
    std::array<char, 256 * 1024> input_;
    Histogram latency_;
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
