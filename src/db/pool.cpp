#include "db/pool.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace armature::db::detail {

namespace {

std::unique_ptr<Driver> make_driver(const DatabaseOptions& options) {
    const std::string_view url = options.url;
    if (url.starts_with("sqlite:")) return make_sqlite_driver(options);
    if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
        return make_postgres_driver(options);
    if (url.starts_with("mariadb://") || url.starts_with("mysql://"))
        return make_mariadb_driver(options);
    throw std::invalid_argument(
        "armature: a database's URL begins with sqlite:, postgresql:// or mariadb://");
}

} // namespace

// One task's place in the queue. Posted to its loop when it gets what it waits for; it keeps itself
// until it came there, because the task may be gone by then.
struct Pool::Ticket final : Job {
    std::shared_ptr<Pool> pool;
    Scheduler* loop = nullptr;
    WaitSlot* slot = nullptr; // on the loop's thread only; null when the task is gone
    std::shared_ptr<Ticket> self;
    // Guarded by the pool's mutex until `is_served` is seen.
    std::unique_ptr<Connection> connection;
    bool may_open = false;
    bool is_served = false;

    void run() override {
        const std::shared_ptr<Ticket> keep = std::move(self);
        if (slot != nullptr) slot->resume();
    }
    void abandoned() noexcept override { const std::shared_ptr<Ticket> keep = std::move(self); }
    // Nobody took it: the next one may.
    void refuse() noexcept {
        if (connection) pool->put(std::move(connection));
        if (std::exchange(may_open, false)) pool->forget();
    }
    ~Ticket() { refuse(); }
};

// A task that waits, with a limit.
class Pool::Place final : Timer {
  public:
    Place(Pool& pool, std::shared_ptr<Ticket> ticket) : pool_(pool), ticket_(std::move(ticket)) {
        ticket_->slot = &slot;
        Scheduler& loop = *ticket_->loop;
        loop.timers().arm(*this, loop.read_clock() + pool.options_.acquire_timeout.count());
    }
    ~Place() {
        TimerQueue::disarm(*this);
        ticket_->slot = nullptr;
        pool_.leave(*ticket_);
    }
    WaitSlot slot;

  private:
    void expired() override { slot.resume(); }

    Pool& pool_;
    std::shared_ptr<Ticket> ticket_;
};

Pool::Pool(DatabaseOptions options) : options_(std::move(options)) {
    if (options_.max_connections == 0 || options_.connect_timeout.count() <= 0 ||
        options_.acquire_timeout.count() <= 0 || options_.idle_lifetime.count() <= 0 ||
        options_.statement_timeout.count() < 0 || options_.busy_timeout.count() < 0)
        throw std::invalid_argument(
            "armature: a DatabaseOptions has at least one connection, and times greater than zero; "
            "statement_timeout and busy_timeout may be zero");
    driver_ = make_driver(options_);
    options_.url.clear(); // it may hold a password, and isn't needed any more
    if (driver_->in_memory()) options_.max_connections = 1;
}

Pool::~Pool() = default;

std::unique_ptr<Connection> Pool::take_idle() {
    const std::int64_t now = steady_now();
    for (;;) {
        std::unique_ptr<Connection> found;
        std::unique_ptr<Connection> old; // closed outside of the lock
        {
            const std::lock_guard lock{mutex_};
            if (idle_.empty() || closed_) return nullptr;
            if (!driver_->in_memory() &&
                now - idle_.front()->idle_since > options_.idle_lifetime.count()) {
                old = std::move(idle_.front());
                idle_.pop_front();
            } else {
                found = std::move(idle_.back());
                idle_.pop_back();
            }
        }
        if (found && found->is_alive()) return found;
        found.reset();
        old.reset();
        forget();
    }
}

bool Pool::reserve() {
    const std::lock_guard lock{mutex_};
    if (closed_)
        throw DatabaseError{ErrorKind::unavailable,
                            {"the database was closed: the application is shutting down"}};
    if (size_ == options_.max_connections) return false;
    ++size_;
    return true;
}

Task<std::unique_ptr<Connection>> Pool::open_reserved() {
    struct Reservation {
        explicit Reservation(Pool& pool) noexcept : of(&pool) {}
        Reservation(const Reservation&) = delete;
        Reservation& operator=(const Reservation&) = delete;
        ~Reservation() {
            if (of != nullptr) of->forget();
        }
        Pool* of;
    } reservation{*this};
    std::unique_ptr<Connection> connection = driver_->make();
    co_await connection->open();
    reservation.of = nullptr;
    co_return connection;
}

Task<std::shared_ptr<Lease>> Pool::acquire() {
    const std::shared_ptr<Pool> self = shared_from_this();
    std::unique_ptr<Connection> connection = take_idle();
    if (!connection && reserve()) connection = co_await open_reserved();
    if (!connection) {
        const auto ticket = std::make_shared<Ticket>();
        ticket->pool = self;
        ticket->loop = &Scheduler::current();
        bool must_wait = false;
        {
            const std::lock_guard lock{mutex_};
            // One may have come back meanwhile.
            if (!idle_.empty()) {
                ticket->connection = std::move(idle_.back());
                idle_.pop_back();
                ticket->is_served = true;
            } else if (size_ < options_.max_connections && !closed_) {
                ++size_;
                ticket->may_open = ticket->is_served = true;
            } else {
                waiting_.push_back(ticket);
                must_wait = true;
            }
        }
        if (must_wait) {
            Place place{*this, ticket};
            co_await place.slot.wait();
        }
        bool is_served = false;
        {
            const std::lock_guard lock{mutex_};
            is_served = ticket->is_served;
        }
        if (!is_served)
            throw DatabaseError{ErrorKind::exhausted,
                                {"no connection to " + driver_->name() +
                                 " became free in time: all " +
                                 std::to_string(options_.max_connections) + " are taken"}};
        connection = std::move(ticket->connection);
        if (connection && !connection->is_alive()) connection.reset();
        if (!connection) { // one may be opened, in the place of another
            ticket->may_open = false;
            connection = co_await open_reserved();
        }
    }
    co_return std::make_shared<Lease>(self, std::move(connection));
}

Task<std::shared_ptr<Lease>> Pool::open_apart() {
    std::unique_ptr<Connection> connection = driver_->make();
    co_await connection->open();
    co_return std::make_shared<Lease>(nullptr, std::move(connection));
}

void Pool::leave(Ticket& ticket) noexcept {
    const std::lock_guard lock{mutex_};
    const auto mine = [&](const std::shared_ptr<Ticket>& item) { return item.get() == &ticket; };
    waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), mine), waiting_.end());
}

void Pool::put(std::unique_ptr<Connection> connection) noexcept {
    // Both go after the lock.
    std::unique_ptr<Connection> surplus;
    std::shared_ptr<Ticket> next;
    const std::lock_guard lock{mutex_};
    if (closed_) {
        surplus = std::move(connection);
        --size_;
    } else if (waiting_.empty()) {
        connection->idle_since = steady_now();
        idle_.push_back(std::move(connection));
    } else {
        next = take_first();
        next->connection = std::move(connection);
        serve(next);
    }
}

void Pool::forget() noexcept {
    std::shared_ptr<Ticket> next; // goes after the lock
    const std::lock_guard lock{mutex_};
    if (waiting_.empty() || closed_) {
        --size_;
        return;
    }
    next = take_first();
    next->may_open = true;
    serve(next);
}

std::shared_ptr<Pool::Ticket> Pool::take_first() noexcept {
    std::shared_ptr<Ticket> first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
}

// Under the lock: the task that waits can't leave meanwhile, and so its loop lives.
void Pool::serve(const std::shared_ptr<Ticket>& ticket) noexcept {
    ticket->is_served = true;
    ticket->self = ticket;
    ticket->loop->post(*ticket);
}

void Pool::close() noexcept {
    std::deque<std::unique_ptr<Connection>> idle; // closed outside of the lock
    const std::lock_guard lock{mutex_};
    closed_ = true;
    idle.swap(idle_);
    size_ -= idle.size();
}

void Pool::reopen() noexcept {
    const std::lock_guard lock{mutex_};
    closed_ = false;
}

std::size_t Pool::size() const noexcept {
    const std::lock_guard lock{mutex_};
    return size_;
}

Lease::~Lease() {
    if (!connection_) return;
    if (!pool_) {
        (void)connection_->settle();
        return;
    }
    if (connection_->in_transaction()) connection_->run_later("ROLLBACK");
    if (connection_->settle())
        pool_->put(std::move(connection_));
    else {
        Connection& connection = *connection_;
        connection.retire(std::move(connection_), std::move(pool_));
    }
}

} // namespace armature::db::detail
