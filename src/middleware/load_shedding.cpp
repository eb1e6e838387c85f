#include "middleware/adaptive_limit.hpp"

#include <armature/core/cancellable_wait.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/middleware/load_shedding.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

namespace armature {

namespace {

constexpr std::string_view refusal =
    R"({"type":"https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",)"
    R"("title":"Request cannot be satisfied due to temporary server capacity constraints",)"
    R"("status":503})";

std::uint32_t checked_retry_after(Duration duration, const char* of) {
    if (duration.count() < 1000)
        throw std::invalid_argument(std::string{"armature: "} + of +
                                    ": retry_after is at least a second");
    return static_cast<std::uint32_t>(duration.count() / 1000);
}

// From that many seconds to twice as many, in turn.
Response refuse(std::uint32_t seconds) {
    static std::atomic<std::uint32_t> turn{0};
    const std::uint32_t more = turn.fetch_add(1, std::memory_order_relaxed) % (seconds + 1);
    Response response{Status::service_unavailable};
    response.set_content_view("application/problem+json", refusal);
    response.header(Field::retry_after, std::to_string(seconds + more));
    return response;
}

double seconds_now() noexcept {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace

// --- a limit of requests at a time
// ----------------------------------------------------------------

class ConcurrencyLimit::State {
  public:
    explicit State(const ConcurrencyLimitOptions& options)
        : retry_after_(checked_retry_after(options.retry_after, "ConcurrencyLimit")),
          queue_(options.queue), queue_timeout_(options.queue_timeout),
          is_adaptive_(options.adaptive), limit_(options.limit),
          adaptive_(options.limit, options.min_limit, options.max_limit) {}

    /// A request's claim to be handled. Its loop posts it to itself when its turn has come, and may
    /// find then that the request is gone: so it is shared.
    class Ticket final : public Job, public std::enable_shared_from_this<Ticket> {
      public:
        Ticket() : loop_(Scheduler::current()) {}
        WaitSlot* slot = nullptr; ///< where the request waits

      private:
        friend class State;
        void run() override {
            const std::shared_ptr<Ticket> kept = std::exchange(posted_, nullptr);
            if (slot != nullptr) slot->resume();
        }
        void abandoned() noexcept override { posted_.reset(); }

        Scheduler& loop_;
        std::shared_ptr<Ticket> posted_; ///< itself, while it is posted
        // Under the lock.
        Ticket* next_ = nullptr;
        Ticket* previous_ = nullptr;
        bool is_waiting_ = false;
    };

    [[nodiscard]] Response refuse() {
        {
            const std::lock_guard lock{mutex_};
            ++refused_;
        }
        return armature::refuse(retry_after_);
    }
    [[nodiscard]] Duration queue_timeout() const noexcept { return queue_timeout_; }
    [[nodiscard]] bool is_adaptive() const noexcept { return is_adaptive_; }

    /// A free place at once, if nobody waits for one.
    [[nodiscard]] bool try_enter() noexcept {
        const std::lock_guard lock{mutex_};
        if (running_ >= limit() || first_ != nullptr) return false;
        ++running_;
        return true;
    }
    /// False: the queue is full.
    [[nodiscard]] bool try_wait(Ticket& ticket) noexcept {
        const std::lock_guard lock{mutex_};
        if (waiting_ >= queue_) return false;
        ticket.is_waiting_ = true;
        ticket.previous_ = last_;
        (last_ == nullptr ? first_ : last_->next_) = &ticket;
        last_ = &ticket;
        ++waiting_;
        admit(); // a place may have become free meanwhile
        return true;
    }
    /// Ends the wait. True: its turn had come, and the place is the caller's.
    [[nodiscard]] bool end_wait(Ticket& ticket) noexcept {
        const std::lock_guard lock{mutex_};
        if (!ticket.is_waiting_) return true;
        unlink(ticket);
        return false;
    }
    /// `latency` in seconds; negative: it says nothing.
    void leave(double latency) noexcept {
        const std::lock_guard lock{mutex_};
        if (is_adaptive_ && latency >= 0) adaptive_.sample(latency, running_);
        --running_;
        admit();
    }

    [[nodiscard]] Load load() const {
        const std::lock_guard lock{mutex_};
        return {limit(), running_, waiting_, refused_};
    }

  private:
    [[nodiscard]] std::uint32_t limit() const noexcept {
        return is_adaptive_ ? adaptive_.limit() : limit_;
    }
    void admit() noexcept {
        while (first_ != nullptr && running_ < limit()) {
            Ticket& ticket = *first_;
            unlink(ticket);
            ++running_;
            ticket.posted_ = ticket.shared_from_this();
            // Under the lock: whoever waits can't go meanwhile, and neither can its loop.
            ticket.loop_.post(ticket);
        }
    }
    void unlink(Ticket& ticket) noexcept {
        (ticket.previous_ == nullptr ? first_ : ticket.previous_->next_) = ticket.next_;
        (ticket.next_ == nullptr ? last_ : ticket.next_->previous_) = ticket.previous_;
        ticket.is_waiting_ = false;
        --waiting_;
    }

    const std::uint32_t retry_after_;
    const std::uint32_t queue_;
    const Duration queue_timeout_;
    const bool is_adaptive_;
    const std::uint32_t limit_;
    mutable std::mutex mutex_;
    detail::AdaptiveLimit adaptive_;
    Ticket* first_ = nullptr;
    Ticket* last_ = nullptr;
    std::uint32_t running_ = 0;
    std::uint32_t waiting_ = 0;
    std::uint64_t refused_ = 0;
};

namespace {

/// A request's place among those that are handled; left at the end.
template <class State>
class Place {
  public:
    explicit Place(State& state) noexcept : state_(state) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        if (is_taken_) state_.leave(latency_);
    }
    void take() noexcept {
        is_taken_ = true;
        if (state_.is_adaptive()) start_ = seconds_now();
    }
    /// A response came of it. One that was cancelled says nothing about how long they take.
    void finished() noexcept {
        if (state_.is_adaptive()) latency_ = seconds_now() - start_;
    }

  private:
    State& state_;
    double start_ = 0;
    double latency_ = -1;
    bool is_taken_ = false;
};

/// A request's place in the queue; given up at the end.
template <class State>
class QueuePlace final : Timer {
  public:
    explicit QueuePlace(State& state)
        : state_(state), ticket_(std::make_shared<typename State::Ticket>()) {
        ticket_->slot = &slot_;
        is_waiting_ = state_.try_wait(*ticket_);
    }
    ~QueuePlace() {
        ticket_->slot = nullptr;
        if (is_waiting_ && state_.end_wait(*ticket_)) state_.leave(-1);
    }
    [[nodiscard]] bool is_waiting() const noexcept { return is_waiting_; }
    [[nodiscard]] WaitSlot::Wait turn() {
        Scheduler& loop = Scheduler::current();
        loop.timers().arm(*this, loop.read_clock() + state_.queue_timeout().count());
        return slot_.wait();
    }
    /// After the wait: true if the turn had come.
    [[nodiscard]] bool end() noexcept {
        is_waiting_ = false;
        ticket_->slot = nullptr;
        return state_.end_wait(*ticket_);
    }

  private:
    void expired() override { slot_.resume(); }

    State& state_;
    std::shared_ptr<typename State::Ticket> ticket_;
    WaitSlot slot_;
    bool is_waiting_ = false;
};

} // namespace

ConcurrencyLimit::ConcurrencyLimit(ConcurrencyLimitOptions options) {
    const auto require = [](bool holds, const char* what) {
        if (!holds) throw std::invalid_argument(std::string{"armature: ConcurrencyLimit: "} + what);
    };
    require(options.limit >= 1, "limit is at least 1");
    require(!options.adaptive || (options.min_limit >= 1 && options.min_limit <= options.limit &&
                                  options.limit <= options.max_limit),
            "an adaptive limit begins between min_limit, at least 1, and max_limit");
    require(options.queue_timeout.count() >= 0, "queue_timeout is not negative");
    state_ = std::make_shared<State>(options);
}

Task<Response> ConcurrencyLimit::operator()(Request& request, Next next) const {
    State& state = *state_;
    Place<State> place{state};
    if (request.metadata<NeverShed>() == nullptr) {
        if (!state.try_enter()) {
            QueuePlace<State> queue{state};
            if (!queue.is_waiting()) co_return state.refuse();
            co_await queue.turn();
            if (!queue.end()) co_return state.refuse();
        }
        place.take();
    }
    Response response = co_await next(request);
    place.finished();
    co_return response;
}

ConcurrencyLimit::Load ConcurrencyLimit::load() const { return state_->load(); }

// --- an event loop that is late
// -------------------------------------------------------------------

LoadShedding::LoadShedding(LoadSheddingOptions options)
    : max_delay_(options.max_delay.count()),
      retry_after_(checked_retry_after(options.retry_after, "LoadShedding")) {
    if (max_delay_ <= 0)
        throw std::invalid_argument("armature: LoadShedding: max_delay is positive");
}

std::optional<Response> LoadShedding::before(Request& request) const {
    const Scheduler& loop = Scheduler::current();
    if (loop.read_clock() - loop.now() <= max_delay_) [[likely]]
        return std::nullopt;
    if (request.metadata<NeverShed>() != nullptr) return std::nullopt;
    return refuse(retry_after_);
}

} // namespace armature
