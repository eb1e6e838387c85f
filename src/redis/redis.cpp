#include "crypto/crypto.hpp"
#include "redis/per_loop.hpp"
#include "redis/pipeline.hpp"

#include <armature/redis/redis.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <stdexcept>

namespace armature {

namespace {

// What would hold up everybody on the shared connection, or change what it is for them.
constexpr std::string_view not_shared[] = {
    "AUTH",      "BLMOVE",       "BLMPOP",    "BLPOP",       "BRPOP",   "BRPOPLPUSH",
    "BZMPOP",    "BZPOPMAX",     "BZPOPMIN",  "CLIENT",      "DISCARD", "EXEC",
    "HELLO",     "MONITOR",      "MULTI",     "PSUBSCRIBE",  "PSYNC",   "PUNSUBSCRIBE",
    "QUIT",      "READONLY",     "READWRITE", "RESET",       "SELECT",  "SSUBSCRIBE",
    "SUBSCRIBE", "SUNSUBSCRIBE", "SYNC",      "UNSUBSCRIBE", "UNWATCH", "WAIT",
    "WAITAOF",   "WATCH"};

std::string upper_case(std::string_view text) {
    std::string upper{text};
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return upper;
}

void refuse_unless_shared(std::string_view name) {
    const std::string upper = upper_case(name);
    if (std::find(std::begin(not_shared), std::end(not_shared), upper) != std::end(not_shared))
        throw std::invalid_argument(
            "armature: " + upper +
            " can't be sent: all tasks of a loop share one connection to Redis. Use a RedisScript "
            "for what belongs together, RedisPubSub for messages");
}

} // namespace

RedisCommand& RedisCommand::add(std::string_view argument) {
    arguments_ += '$';
    arguments_ += std::to_string(argument.size());
    arguments_ += "\r\n";
    if (count_++ == 0) {
        name_at_ = arguments_.size();
        name_size_ = argument.size();
    }
    arguments_ += argument;
    arguments_ += "\r\n";
    return *this;
}

RedisCommand& RedisCommand::add_number(std::int64_t number) {
    char text[24];
    const auto [end, error] = std::to_chars(text, text + sizeof text, number);
    return add({text, static_cast<std::size_t>(end - text)});
}

std::string RedisCommand::encoded() const {
    return '*' + std::to_string(count_) + "\r\n" + arguments_;
}

RedisScript::RedisScript(std::string source)
    : source_(std::move(source)), digest_(crypto::to_hex(crypto::digest(EVP_sha1(), source_))) {}

class Redis::Impl {
  public:
    explicit Impl(RedisOptions given) : options(std::move(given)), endpoint(options.url) {
        if (options.connect_timeout.count() <= 0 || options.timeout.count() <= 0 ||
            options.first_pause.count() <= 0 || options.max_waiting == 0 || options.max_reply == 0)
            throw std::invalid_argument(
                "armature: the times and bounds of RedisOptions are greater than zero");
        if (options.first_pause.count() > redis::longest_pause)
            throw std::invalid_argument("armature: RedisOptions::first_pause is at most a second");
        options.url.clear(); // it may hold a password, and isn't needed any more
    }
    std::shared_ptr<redis::Pipeline> pipeline() {
        return pipelines_.get([this](Scheduler& loop) {
            return std::make_shared<redis::Pipeline>(loop, endpoint, options);
        });
    }

    RedisOptions options;
    const redis::Endpoint endpoint;

  private:
    redis::PerLoop<redis::Pipeline> pipelines_;
};

Redis::Redis(RedisOptions options) : impl_(new Impl{std::move(options)}) {}
Redis::~Redis() = default;

const redis::Endpoint& Redis::endpoint() const noexcept { return impl_->endpoint; }
const RedisOptions& Redis::options() const noexcept { return impl_->options; }

Task<RedisValue> Redis::send(RedisCommand command) {
    refuse_unless_shared(command.name());
    const std::string encoded = command.encoded();
    const std::shared_ptr<redis::Pipeline> pipeline = impl_->pipeline();
    redis::Call call{*pipeline, encoded};
    RedisValue reply = co_await call;
    if (reply.is_error()) throw RedisError{RedisError::Kind::reply, std::move(reply).text()};
    co_return reply;
}

Task<RedisValue> Redis::run(const RedisScript& script, std::vector<std::string> keys,
                            std::vector<std::string> arguments) {
    const auto command = [&](std::string_view name, const std::string& what) {
        RedisCommand made{name, what, keys.size()};
        for (const std::vector<std::string>* const texts : {&keys, &arguments})
            for (const std::string& text : *texts)
                made.add(text);
        return made;
    };
    try {
        RedisValue reply = co_await send(command("EVALSHA", script.digest()));
        co_return reply;
    } catch (const RedisError& error) {
        if (error.code() != "NOSCRIPT") throw;
    }
    RedisValue reply = co_await send(command("EVAL", script.source()));
    co_return reply;
}

} // namespace armature
