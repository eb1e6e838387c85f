#pragma once

#include <armature/core/duration.hpp>
#include <armature/core/owned.hpp>
#include <armature/core/task.hpp>
#include <armature/redis/value.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

namespace redis {
class Endpoint;
} // namespace redis

struct RedisOptions {
    /// "redis://[[user]:password@]host[:6379][/database]", or a Unix-domain socket as
    /// "unix://[[user]:password@]/run/redis.sock[?db=1]". Percent-encode what isn't a letter in
    /// user and password. Neither gets into a log or an error.
    std::string url = "redis://127.0.0.1:6379";
    /// To find the server, connect and log in.
    Duration connect_timeout = Duration::seconds(2);
    /// From a command to its reply. One that isn't there in time closes the connection, and fails
    /// everything that waits on it.
    Duration timeout = Duration::seconds(2);
    /// After an attempt to connect that failed, commands fail at once for this long; twice as long
    /// after the next, up to a second.
    Duration first_pause = Duration::milliseconds(50);
    /// Commands that wait on one event loop; more fail at once.
    std::size_t max_waiting = 10'000;
    /// The largest reply in bytes; a larger one closes the connection.
    std::size_t max_reply = 64 * 1024 * 1024;
};

/// One command: its name and arguments, binary-safe. Numbers are written as text.
///
///     RedisCommand command{"SET", key, value, "PX", 500};
///     if (only_new) command.add("NX");
class RedisCommand {
  public:
    template <class... Arguments>
    explicit RedisCommand(std::string_view name, const Arguments&... arguments) {
        add(name);
        (add(arguments), ...);
    }

    RedisCommand& add(std::string_view argument);
    template <std::integral Number>
    RedisCommand& add(Number number) {
        static_assert(!std::same_as<Number, bool> && !std::same_as<Number, char>,
                      "armature: an argument of a Redis command is text or a number");
        return add_number(static_cast<std::int64_t>(number));
    }

    /// As it goes over the wire.
    [[nodiscard]] std::string encoded() const;
    /// In the case it was given in.
    [[nodiscard]] std::string_view name() const noexcept {
        return {&arguments_[name_at_], name_size_};
    }

  private:
    RedisCommand& add_number(std::int64_t number);

    std::string arguments_;
    std::size_t count_ = 0;
    std::size_t name_at_ = 0;
    std::size_t name_size_ = 0;
};

/// A Lua script that the server runs as a whole, with nothing in between. Make it once and keep it:
/// what goes over the wire is its digest, and its text only if the server doesn't know it.
class RedisScript {
  public:
    explicit RedisScript(std::string source);
    [[nodiscard]] const std::string& source() const noexcept { return source_; }
    [[nodiscard]] const std::string& digest() const noexcept { return digest_; }

  private:
    std::string source_;
    std::string digest_; ///< SHA-1, as EVALSHA wants it
};

/// A Redis server. Each event loop has one connection of its own, made when it is first needed:
/// the commands of all its tasks share it. Those of one turn of the loop go out in one piece, and
/// none waits for another's reply.
///
/// When the connection is lost everything that waits on it fails, because nobody can know what ran;
/// the next command connects again. Nothing is sent twice.
///
/// Threads: every event loop may use it. It must outlive the tasks that wait for it, and end when
/// their loops don't run: make it application state by `.data(std::make_shared<Redis>(…))`.
///
/// Errors: `RedisError`; `Cancelled` when the request ends first.
class Redis {
  public:
    /// Doesn't connect yet. Throws std::invalid_argument for a URL that is none.
    explicit Redis(RedisOptions options = {});
    ~Redis();
    Redis(const Redis&) = delete;
    Redis& operator=(const Redis&) = delete;

    /// Sends a command and gives the reply: `co_await redis.command("INCRBY", key, 5)`. The
    /// arguments are copied before this returns. An error reply is thrown.
    ///
    /// Commands that hold up or change the shared connection, such as BLPOP, MULTI or SUBSCRIBE,
    /// throw std::invalid_argument: use a script, or `RedisPubSub`. Don't send XREAD with BLOCK.
    template <class... Arguments>
    [[nodiscard]] Task<RedisValue> command(std::string_view name, const Arguments&... arguments) {
        return send(RedisCommand{name, arguments...});
    }
    [[nodiscard]] Task<RedisValue> send(RedisCommand command);

    /// Runs a script, which must live until the await ends.
    [[nodiscard]] Task<RedisValue> run(const RedisScript& script, std::vector<std::string> keys,
                                       std::vector<std::string> arguments);

    /// Inside of the library only.
    [[nodiscard]] const redis::Endpoint& endpoint() const noexcept;
    [[nodiscard]] const RedisOptions& options() const noexcept;

  private:
    class Impl;
    Owned<Impl> impl_;
};

} // namespace armature
