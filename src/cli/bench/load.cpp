#include "cli/bench/load.hpp"

#include "cli/bench/protocol.hpp"
#include "cli/bench/transport.hpp"
#include "terminal/command.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace armature::cli::bench {

namespace {

using Nanoseconds = std::uint64_t;

constexpr Nanoseconds tick = 50'000'000; // how often what takes too long is looked for
constexpr Nanoseconds pause_of_the_refused = 100'000'000;

Nanoseconds now() {
    return static_cast<Nanoseconds>(std::chrono::steady_clock::now().time_since_epoch().count());
}

class Descriptor {
  public:
    explicit Descriptor(int value) : value_(value) {
        if (value < 0)
            throw terminal::CommandError{std::string{"no descriptor is left: "} +
                                         std::strerror(errno)};
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { ::close(value_); }
    [[nodiscard]] int get() const noexcept { return value_; }

  private:
    int value_;
};

/// The part of the plan that one thread does: every `stride`-th request from `first` on.
struct Share {
    std::size_t first;
    std::size_t stride;
    unsigned connections;
    std::uint64_t requests; ///< 0: as many as fit
    Nanoseconds begin;
};

class Worker final : Answers {
  public:
    Worker(const Requests& requests, const std::vector<std::uint16_t>& order,
           const TlsSettings* tls, const Share& share, Live& live)
        : plan_(requests.plan()), requests_(requests), order_(order), tls_(tls), share_(share),
          live_(live), epoll_(::epoll_create1(EPOLL_CLOEXEC)),
          timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
          buffer_(std::size_t{64} * 1024), slots_(share.connections) {
        result_.targets.resize(plan_.targets.size());
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = nullptr;
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, timer_.get(), &event);
        if (plan_.requests == 0)
            end_ = share.begin + static_cast<Nanoseconds>(plan_.duration.count());
    }

    void run() {
        Nanoseconds looked = 0;
        for (;;) {
            now_ = now();
            if (!is_over_ &&
                (live_.stop.load(std::memory_order_relaxed) || (end_ && now_ >= *end_)))
                finish();
            if (now_ - looked >= tick) {
                looked = now_;
                look_after();
            }
            for (Slot& slot : slots_)
                fill(slot);
            if (!is_over_ && share_.requests != 0 && issued_ == share_.requests) is_over_ = true;
            if (is_over_ && under_way_ == 0) break;
            wait();
        }
        const Nanoseconds until = std::max(last_, stopped_);
        result_.elapsed = std::chrono::nanoseconds{until > share_.begin ? until - share_.begin : 0};
    }

    Result& result() noexcept { return result_; }

  private:
    enum class State : std::uint8_t { idle, connecting, handshake, open };
    struct Slot {
        State state = State::idle;
        std::unique_ptr<Transport> transport;
        std::unique_ptr<Protocol> protocol;
        Nanoseconds since = 0;    ///< it began to connect, or may again
        std::uint32_t events = 0; ///< that are waited for
    };

    // --- what is to be sent ---------------------------------------------------------------------

    [[nodiscard]] bool is_open_loop() const noexcept { return plan_.rate > 0; }
    // When request number `index` of all is due.
    [[nodiscard]] Nanoseconds due(std::uint64_t index) const noexcept {
        const double after = static_cast<double>(share_.first + index * share_.stride) / plan_.rate;
        return share_.begin + static_cast<Nanoseconds>(after * 1e9);
    }
    [[nodiscard]] bool may_issue() const noexcept {
        if (is_over_ || (share_.requests != 0 && issued_ == share_.requests)) return false;
        return !is_open_loop() || due(issued_) <= now_;
    }
    Sent issue() {
        Sent request;
        request.sent = now_;
        request.due = is_open_loop() ? due(issued_) : now_;
        request.target = order_[(share_.first + issued_ * share_.stride) % order_.size()];
        ++issued_;
        ++under_way_;
        return request;
    }
    // No request more. Those whose time came and who found no connection never had a chance.
    void finish() {
        is_over_ = true;
        result_.was_interrupted = live_.stop.load(std::memory_order_relaxed);
        stopped_ = end_ ? std::min(now_, *end_) : now_;
        if (!is_open_loop()) return;
        while (due(issued_) < stopped_ && (share_.requests == 0 || issued_ < share_.requests)) {
            ++issued_;
            fail(Failure::unsent, 1);
        }
    }

    void fill(Slot& slot) {
        if (slot.state == State::idle) {
            const bool is_wanted = share_.requests == 0 || issued_ < share_.requests;
            if (now_ >= slot.since && is_wanted && !is_over_) open(slot);
            return;
        }
        if (slot.state != State::open) return;
        while (slot.protocol->is_usable() && slot.protocol->under_way() < plan_.depth &&
               may_issue())
            slot.protocol->send(issue());
        if (!slot.protocol->is_usable() && slot.protocol->under_way() == 0)
            close(slot);
        else
            write(slot);
    }

    // --- connections ----------------------------------------------------------------------------

    void open(Slot& slot) {
        slot.transport = std::make_unique<Transport>(plan_.origin, tls_);
        slot.since = now_;
        slot.state = State::connecting;
        slot.events = 0;
        if (slot.transport->descriptor() < 0) {
            refuse(slot, Failure::connect);
            return;
        }
        wait_for(slot, EPOLLOUT);
    }
    void wait_for(Slot& slot, std::uint32_t events) {
        if (slot.events == events) return;
        epoll_event event{};
        event.events = events;
        event.data.ptr = &slot;
        ::epoll_ctl(epoll_.get(), slot.events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
                    slot.transport->descriptor(), &event);
        slot.events = events;
    }
    void close(Slot& slot) {
        slot.protocol.reset();
        slot.transport.reset(); // epoll forgets it
        slot.state = State::idle;
        slot.events = 0;
        slot.since = now_;
    }
    // It never came to be: counted once, and left alone for a while.
    void refuse(Slot& slot, Failure why) {
        fail(why, 1);
        if (share_.requests != 0 && !is_over_)
            ++issued_; // so that a run of so many comes to its end
        close(slot);
        slot.since = now_ + pause_of_the_refused;
    }
    void lose(Slot& slot, Failure why) {
        const std::size_t lost = slot.protocol->take_under_way().size();
        under_way_ -= lost;
        fail(why, lost);
        close(slot);
    }
    void fail(Failure why, std::uint64_t count) {
        result_.failures[static_cast<std::size_t>(why)] += count;
        live_.failed.fetch_add(count, std::memory_order_relaxed);
    }

    void step(Slot& slot, std::uint32_t events) {
        using Step = Transport::Result;
        if (slot.state == State::connecting) {
            if (slot.transport->connect() != Step::done) return refuse(slot, Failure::connect);
            slot.state = State::handshake;
        }
        if (slot.state == State::handshake) {
            const Step done = slot.transport->handshake(plan_.is_http2);
            if (done == Step::wait_to_read) return wait_for(slot, EPOLLIN);
            if (done == Step::wait_to_write) return wait_for(slot, EPOLLOUT);
            if (done != Step::done) return refuse(slot, Failure::tls);
            slot.state = State::open;
            slot.protocol =
                plan_.is_http2 ? make_http2(requests_, *this) : make_http1(requests_, *this);
            ++result_.connections;
            wait_for(slot, EPOLLIN);
            return;
        }
        if (slot.state == State::open && (events & ~std::uint32_t{EPOLLOUT}) != 0) read(slot);
    }

    void read(Slot& slot) {
        // A few times only, so that one connection doesn't starve the others; but TLS keeps bytes
        // that the socket doesn't speak of any more.
        for (int i = 0; i < 4 || tls_ != nullptr; ++i) {
            std::size_t size = buffer_.size();
            const Transport::Result done = slot.transport->read(buffer_.data(), size);
            if (done == Transport::Result::wait_to_read || done == Transport::Result::wait_to_write)
                return;
            if (done != Transport::Result::done) {
                const bool good = slot.protocol->close() && done == Transport::Result::ended;
                return good ? close(slot) : lose(slot, Failure::closed);
            }
            result_.received_bytes += size;
            now_ = now();
            if (!slot.protocol->receive({buffer_.data(), size}))
                return lose(slot, Failure::protocol);
            if (size < buffer_.size() && tls_ == nullptr) return; // there is no more
        }
    }

    void write(Slot& slot) {
        std::string& output = slot.protocol->output();
        std::size_t done = 0;
        while (done < output.size()) {
            std::size_t size = output.size() - done;
            const Transport::Result result = slot.transport->write(output.data() + done, size);
            if (result != Transport::Result::done) {
                if (result == Transport::Result::wait_to_write) break;
                if (result == Transport::Result::wait_to_read) break;
                // What came before it closed may be the answer: reading says so.
                output.clear();
                return wait_for(slot, EPOLLIN);
            }
            done += size;
        }
        result_.sent_bytes += done;
        output.erase(0, done);
        wait_for(slot, output.empty() ? std::uint32_t{EPOLLIN} : std::uint32_t{EPOLLIN | EPOLLOUT});
    }

    void look_after() {
        const auto longest = static_cast<Nanoseconds>(plan_.timeout.count());
        for (Slot& slot : slots_) {
            if ((slot.state == State::connecting || slot.state == State::handshake) &&
                now_ - slot.since > longest)
                refuse(slot, Failure::timeout);
            else if (slot.state == State::open && slot.protocol->under_way() != 0 &&
                     now_ - std::min(now_, slot.protocol->oldest()) > longest)
                lose(slot, Failure::timeout);
        }
    }

    void wait() {
        if (is_open_loop() && !is_over_) set_timer(due(issued_));
        epoll_event events[64];
        const int count =
            ::epoll_wait(epoll_.get(), events, 64, static_cast<int>(tick / 1'000'000));
        now_ = now();
        for (int i = 0; i < count; ++i) {
            if (events[i].data.ptr == nullptr) {
                std::uint64_t expired = 0;
                [[maybe_unused]] const ssize_t read =
                    ::read(timer_.get(), &expired, sizeof expired);
                continue;
            }
            step(*static_cast<Slot*>(events[i].data.ptr), events[i].events);
        }
    }
    void set_timer(Nanoseconds at) {
        if (at == timer_at_ || at <= now_) return; // what is late waits for a connection
        timer_at_ = at;
        itimerspec when{};
        when.it_value.tv_sec = static_cast<time_t>(at / 1'000'000'000);
        when.it_value.tv_nsec = static_cast<long>(at % 1'000'000'000);
        ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
    }

    // --- answers --------------------------------------------------------------------------------

    void answered(const Sent& request, unsigned status, std::uint64_t content_bytes) override {
        --under_way_;
        last_ = now_;
        TargetResult& target = result_.targets[request.target];
        target.latency.record(now_ - std::min(now_, request.due));
        ++target.statuses[std::min(status / 100, 5U)];
        target.content_bytes += content_bytes;
        live_.answered.fetch_add(1, std::memory_order_relaxed);
    }
    void was_reset(const Sent&) override {
        --under_way_;
        fail(Failure::reset, 1);
    }

    const LoadPlan& plan_;
    const Requests& requests_;
    const std::vector<std::uint16_t>& order_;
    const TlsSettings* tls_;
    Share share_;
    Live& live_;
    Descriptor epoll_;
    Descriptor timer_;
    std::vector<char> buffer_;
    std::vector<Slot> slots_; // its size is fixed: epoll has their addresses
    Result result_;
    std::optional<Nanoseconds> end_;
    std::uint64_t issued_ = 0;
    std::size_t under_way_ = 0;
    Nanoseconds now_ = 0;
    Nanoseconds last_ = 0;    ///< when the last answer came
    Nanoseconds stopped_ = 0; ///< when nothing more was sent
    Nanoseconds timer_at_ = 0;
    bool is_over_ = false;
};

} // namespace

Result run_load(const LoadPlan& plan, Live& live, const std::function<void()>& watch) {
    const Requests requests{plan};
    const std::vector<std::uint16_t> order = order_of(plan.targets);
    std::optional<TlsSettings> tls;
    if (plan.origin.is_tls) tls.emplace(plan);

    const unsigned threads = std::min(plan.threads, plan.connections);
    const Nanoseconds begin = now();
    std::vector<std::unique_ptr<Worker>> workers;
    for (unsigned i = 0; i < threads; ++i) {
        const Share share{i, threads,
                          plan.connections / threads + (i < plan.connections % threads ? 1 : 0),
                          plan.requests / threads + (i < plan.requests % threads ? 1 : 0), begin};
        if (plan.requests != 0 && share.requests == 0) break;
        workers.push_back(
            std::make_unique<Worker>(requests, order, tls ? &*tls : nullptr, share, live));
    }
    std::mutex mutex;
    std::condition_variable ended;
    std::size_t running = workers.size();
    std::vector<std::thread> all;
    for (const auto& worker : workers)
        all.emplace_back([&, &one = *worker] {
            one.run();
            const std::lock_guard lock{mutex};
            --running;
            ended.notify_one();
        });
    {
        std::unique_lock lock{mutex};
        while (!ended.wait_for(lock, std::chrono::seconds{1}, [&] { return running == 0; })) {
            lock.unlock();
            watch();
            lock.lock();
        }
    }
    for (std::thread& thread : all)
        thread.join();

    Result total;
    total.targets.resize(plan.targets.size());
    for (const auto& worker : workers) {
        const Result& part = worker->result();
        for (std::size_t i = 0; i < total.targets.size(); ++i) {
            total.targets[i].latency.add(part.targets[i].latency);
            total.targets[i].content_bytes += part.targets[i].content_bytes;
            for (std::size_t j = 0; j < part.targets[i].statuses.size(); ++j)
                total.targets[i].statuses[j] += part.targets[i].statuses[j];
        }
        for (std::size_t i = 0; i < total.failures.size(); ++i)
            total.failures[i] += part.failures[i];
        total.sent_bytes += part.sent_bytes;
        total.received_bytes += part.received_bytes;
        total.connections += part.connections;
        total.elapsed = std::max(total.elapsed, part.elapsed);
        total.was_interrupted = total.was_interrupted || part.was_interrupted;
    }
    return total;
}

} // namespace armature::cli::bench
