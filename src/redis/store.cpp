#include <armature/redis/store.hpp>

#include <stdexcept>

namespace armature {

namespace {

// Redis has no INCRBY that sets a life where it makes the key.
const RedisScript& add_script() {
    static const RedisScript script{R"(
        local value = redis.call('INCRBY', KEYS[1], ARGV[1])
        if ARGV[2] ~= '0' and redis.call('PTTL', KEYS[1]) == -1 and
           value == tonumber(ARGV[1]) then
            redis.call('PEXPIRE', KEYS[1], ARGV[2])
        end
        return value)"};
    return script;
}

} // namespace

RedisStore::RedisStore(std::shared_ptr<Redis> redis, std::string prefix)
    : redis_(std::move(redis)), prefix_(std::move(prefix)) {
    if (redis_ == nullptr) throw std::invalid_argument("armature: a RedisStore needs a Redis");
}

Task<std::optional<std::string>> RedisStore::get(std::string key) {
    RedisValue value = co_await redis_->command("GET", prefix_ + key);
    if (value.is_null()) co_return std::nullopt;
    co_return std::move(value).text();
}

Task<bool> RedisStore::set(std::string key, std::string value, Duration life, Write when) {
    RedisCommand command{"SET", prefix_ + key, value};
    if (life) command.add("PX").add(life.count());
    if (when != Write::always) command.add(when == Write::if_absent ? "NX" : "XX");
    const RedisValue reply = co_await redis_->send(std::move(command));
    co_return !reply.is_null();
}

Task<bool> RedisStore::erase(std::string key) {
    const RedisValue reply = co_await redis_->command("DEL", prefix_ + key);
    co_return reply.integer() == 1;
}

Task<bool> RedisStore::expire(std::string key, Duration life) {
    RedisCommand command{life ? "PEXPIRE" : "PERSIST", prefix_ + key};
    if (life) command.add(life.count());
    const RedisValue reply = co_await redis_->send(std::move(command));
    if (life || reply.integer() == 1) co_return reply.integer() == 1;
    // PERSIST says 0 as well for what has no end already.
    const RedisValue there = co_await redis_->command("EXISTS", prefix_ + key);
    co_return there.integer() == 1;
}

Task<std::int64_t> RedisStore::add(std::string key, std::int64_t amount, Duration life) {
    std::vector<std::string> keys;
    keys.push_back(prefix_ + key);
    std::vector<std::string> arguments;
    arguments.push_back(std::to_string(amount));
    arguments.push_back(std::to_string(life.count()));
    const RedisValue value =
        co_await redis_->run(add_script(), std::move(keys), std::move(arguments));
    co_return value.integer();
}

} // namespace armature
