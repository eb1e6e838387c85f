#pragma once

#include "db/connection.hpp"

#include <armature/core/cancellable_wait.hpp>

#include <deque>
#include <memory>
#include <mutex>

namespace armature::db::detail {

/// The connections of one process to one database, for all its event loops: at most so many,
/// whoever waited longest first.
class Pool : public std::enable_shared_from_this<Pool> {
  public:
    /// Throws std::invalid_argument.
    explicit Pool(DatabaseOptions options);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Lends a connection. Throws `DatabaseError`: exhausted or unavailable.
    [[nodiscard]] Task<std::shared_ptr<Lease>> acquire();
    /// One that isn't counted, for `Listener`.
    [[nodiscard]] Task<std::shared_ptr<Lease>> open_apart();

    void close() noexcept;
    /// Takes `close` back.
    void reopen() noexcept;
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] const Driver& driver() const noexcept { return *driver_; }

    /// Takes back a connection that the next task can use at once.
    void put(std::unique_ptr<Connection> connection) noexcept;
    /// One of them is closed: another may be opened.
    void forget() noexcept;

  private:
    struct Ticket;
    class Place;

    [[nodiscard]] std::unique_ptr<Connection> take_idle();
    [[nodiscard]] bool reserve();
    [[nodiscard]] Task<std::unique_ptr<Connection>> open_reserved();
    void leave(Ticket& ticket) noexcept;
    [[nodiscard]] std::shared_ptr<Ticket> take_first() noexcept;
    static void serve(const std::shared_ptr<Ticket>& ticket) noexcept;

    DatabaseOptions options_;
    std::unique_ptr<Driver> driver_;
    mutable std::mutex mutex_;
    std::deque<std::unique_ptr<Connection>> idle_; // used last at the end
    std::deque<std::shared_ptr<Ticket>> waiting_;
    std::size_t size_ = 0; // open, or being opened
    bool closed_ = false;
};

/// A connection that is lent. Gives it back at the end of its scope, in whatever state.
class Lease {
  public:
    Lease(std::shared_ptr<Pool> pool, std::unique_ptr<Connection> connection) noexcept
        : pool_(std::move(pool)), connection_(std::move(connection)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    [[nodiscard]] Connection& operator*() const noexcept { return *connection_; }
    Connection* operator->() const noexcept { return connection_.get(); }

  private:
    std::shared_ptr<Pool> pool_; ///< null for one that isn't counted
    std::unique_ptr<Connection> connection_;
};

} // namespace armature::db::detail
