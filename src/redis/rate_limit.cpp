#include "crypto/crypto.hpp"

#include <armature/redis/rate_limit.hpp>

#include <stdexcept>

namespace armature {

namespace {

// For each key four arguments: the algorithm, limit, window in milliseconds, burst and cost. Gives
// for each whether it passes, what remains, and the milliseconds to wait. Nothing is written unless
// all pass.
const RedisScript& script() {
    static const RedisScript made{R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer, writes, passes = {}, {}, true
for i, key in ipairs(KEYS) do
    local at = (i - 1) * 5
    local limit, window = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
    local burst, cost = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
    local ok, remaining, wait, value, life
    local state = redis.call('GET', key)
    if ARGV[at + 1] == 'gcra' then
        local interval = window / limit
        local most = interval * burst
        local before = math.max((tonumber(state or '0') or 0) - now, 0)
        local owed = before + cost * interval
        ok = owed <= most + 0.001
        if ok then
            remaining, wait = math.floor((most - owed) / interval + 0.001), owed
            value, life = string.format('%.3f', now + owed), math.ceil(owed)
        else
            remaining = math.floor(math.max(most - before, 0) / interval + 0.001)
            wait = math.min(owed - most, most + interval)
        end
    else
        local number, left = math.floor(now / window), window - now % window
        local last, current = 0, 0
        if state then
            local n, l, c = string.match(state, '^(%d+):(%d+):(%d+)$')
            n, l, c = tonumber(n), tonumber(l), tonumber(c)
            if n == number then last, current = l, c
            elseif n == number - 1 then last = c end
        end
        local all, seen = limit * window, last * left + current * window
        ok = cost <= limit and seen + cost * window <= all
        if ok then
            remaining, wait = math.floor((all - seen - cost * window) / window), left
            value = string.format('%d:%d:%d', number, last, current + cost)
            life = left + window
        else
            remaining, wait = math.floor(math.max(all - seen, 0) / window), window
            if cost <= limit then
                local room = (limit - cost) * window
                if last > 0 and current * window <= room then
                    wait = left - math.min(left, (room - current * window) / last)
                else
                    wait = left + window - math.min(window, room / math.max(current, 1))
                end
            end
        end
    end
    if not ok then passes = false end
    if cost > 0 and value and life > 0 then writes[key] = {value, life} end
    answer[#answer + 1] = ok and 1 or 0
    answer[#answer + 1] = remaining
    answer[#answer + 1] = math.ceil(wait)
end
if passes then
    for key, write in pairs(writes) do
        redis.call('SET', key, write[1], 'PX', write[2])
    end
end
return answer)"};
    return made;
}

} // namespace

RedisRateLimits::RedisRateLimits(std::shared_ptr<Redis> redis, std::string prefix)
    : redis_(std::move(redis)), prefix_(std::move(prefix)) {
    if (redis_ == nullptr) throw std::invalid_argument("armature: RedisRateLimits need a Redis");
}

Task<std::vector<RateLimitVerdict>> RedisRateLimits::take(std::vector<RateLimitDemand> demands) {
    std::vector<std::string> keys;
    std::vector<std::string> arguments;
    for (const RateLimitDemand& demand : demands) {
        const RateLimitPolicy& policy = *demand.policy;
        const bool is_gcra = policy.algorithm() == RateLimitPolicy::Algorithm::gcra;
        keys.push_back(prefix_ + policy.name() + ":" +
                       crypto::to_hex(crypto::digest(EVP_sha256(), demand.key)));
        arguments.push_back(is_gcra ? "gcra" : "window");
        arguments.push_back(std::to_string(policy.limit()));
        arguments.push_back(std::to_string(policy.window().count()));
        arguments.push_back(std::to_string(policy.burst()));
        arguments.push_back(std::to_string(demand.cost));
    }
    const RedisValue reply = co_await redis_->run(script(), std::move(keys), std::move(arguments));
    const std::vector<RedisValue>& items = reply.items();
    if (items.size() != 3 * demands.size())
        throw RedisError{RedisError::Kind::protocol,
                         "The script of the rate limit gave too little"};
    std::vector<RateLimitVerdict> verdicts(demands.size());
    for (std::size_t i = 0; i < verdicts.size(); ++i)
        verdicts[i] = {items[3 * i].integer() == 1,
                       static_cast<std::uint32_t>(items[3 * i + 1].integer()),
                       Duration::milliseconds(items[3 * i + 2].integer())};
    co_return verdicts;
}

} // namespace armature
