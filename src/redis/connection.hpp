#pragma once

#include "redis/endpoint.hpp"
#include "redis/resp_decoder.hpp"

#include <armature/core/scheduler.hpp>
#include <armature/redis/redis.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace armature::redis {

/// Between two attempts to connect, in milliseconds.
constexpr std::int64_t longest_pause = 1'000;

/// One connection to a Redis server on one loop: connects, logs in, sends what it is given and
/// hands on what comes. It may be opened again after it was lost.
///
/// What is sent in one turn of the loop goes out in one piece.
class Connection final : IoWatcher {
  public:
    /// Who uses it. May call the connection from these, but not destroy it.
    class Owner {
      public:
        /// Logged in; what was sent before is on its way.
        virtual void opened() {}
        virtual void received(RedisValue value) = 0;
        /// The connection is closed now. Not called for `close`.
        virtual void lost(const RedisError& why) = 0;

      protected:
        ~Owner() = default;
    };

    Connection(Scheduler& loop, const Endpoint& endpoint, const RedisOptions& options,
               Owner& owner) noexcept
        : loop_(loop), endpoint_(endpoint), options_(options), owner_(owner) {
        loop.timers().arm(canary_, forever);
    }
    ~Connection() { close(); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Begins to connect. Failures are told by `lost`, later.
    void open();
    [[nodiscard]] bool is_closed() const noexcept { return state_ == State::closed; }
    /// Bytes that a connection under way or open will send; they are lost with it.
    void send(std::string_view bytes);
    [[nodiscard]] std::size_t unsent() const noexcept { return out_.size() - sent_; }
    void close() noexcept;
    /// Closes and tells the owner.
    void fail(RedisError::Kind kind, std::string detail);

    /// False when the loop is gone: then nothing but destroying is allowed.
    [[nodiscard]] bool loop_lives() const noexcept { return canary_.armed(); }
    [[nodiscard]] Scheduler& loop() const noexcept { return loop_; }

  private:
    enum class State : std::uint8_t { closed, resolving, connecting, greeting, open };
    static constexpr std::int64_t forever = INT64_MAX / 2;

    // Calls a member of the connection when it goes off.
    template <void (Connection::*Member)()>
    struct Alarm final : Timer {
        explicit Alarm(Connection& of) noexcept : connection(of) {}
        void expired() override { (connection.*Member)(); }
        Connection& connection;
    };
    // Armed for ever: a loop that goes disarms its timers.
    struct Canary final : Timer {
        void expired() override {}
    };

    void on_events(std::uint32_t events) override;
    void resolve();
    Task<> look_up();
    void connect_next();
    void connected();
    void read();
    void flush();
    void connecting_took_too_long();
    void watch(std::uint32_t events);
    void take(RedisValue value);

    Scheduler& loop_;
    const Endpoint& endpoint_;
    const RedisOptions& options_;
    Owner& owner_;
    int descriptor_ = -1;
    std::uint32_t watched_ = 0;
    State state_ = State::closed;
    unsigned greetings_ = 0; // replies of the log-in that are still to come
    std::vector<SocketAddress> addresses_;
    std::size_t next_address_ = 0;
    std::string out_;
    std::size_t sent_ = 0;
    std::unique_ptr<RespDecoder> decoder_;
    Task<> resolving_;
    Canary canary_;
    Alarm<&Connection::connecting_took_too_long> patience_{*this};
    Alarm<&Connection::flush> flushing_{*this};
    Alarm<&Connection::connect_next> connecting_{*this};
};

} // namespace armature::redis
