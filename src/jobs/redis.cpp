#include <armature/core/scheduler.hpp>
#include <armature/jobs/redis.hpp>
#include <armature/redis/redis.hpp>

#include <charconv>
#include <utility>

// Below the prefix: job:<id> is a hash; ready:, delayed:, leased: and dead:<queue> are sorted sets
// of ids; key:<text> has the id of the job that took it; rate:<queue> is when the next job would be
// due. Each function of the store is a script: nothing comes between its commands.

namespace armature {

namespace {

// Times are milliseconds since 1970 by the server's clock. In `ready` priority comes first, then
// age, in one number that a double holds exactly; ids of the same age sort as they were made.
constexpr const char* prelude = R"(
local prefix = KEYS[1] .. ':'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function job_key(id) return prefix .. 'job:' .. id end
local function make_ready(queue, id, priority, run_at)
  redis.call('ZADD', prefix .. 'ready:' .. queue, run_at - priority * 4398046511104, id)
end
local function make_waiting(queue, id, priority, run_at)
  redis.call('HSET', job_key(id), 'state', 0, 'run_at', run_at)
  if run_at <= now then
    make_ready(queue, id, priority, run_at)
  else
    redis.call('ZADD', prefix .. 'delayed:' .. queue, run_at, id)
  end
end
local function free_keys(id)
  for _, text in ipairs(cmsgpack.unpack(redis.call('HGET', job_key(id), 'keys'))) do
    local key = prefix .. 'key:' .. text
    if redis.call('GET', key) == id then redis.call('DEL', key) end
  end
end
local function bury(queue, id, error)
  free_keys(id)
  redis.call('HSET', job_key(id), 'state', 2, 'error', error, 'died', now)
  redis.call('ZADD', prefix .. 'dead:' .. queue, now, id)
end
-- The queue of a job that is held by this lease, or nil.
local function held(id, fence)
  local job = redis.call('HMGET', job_key(id), 'state', 'fence', 'queue')
  return job[1] == '1' and job[2] == fence and job[3] or nil
end
)";

constexpr const char* insert_script = R"(
local id, queue, priority = ARGV[1], ARGV[2], tonumber(ARGV[5])
if redis.call('EXISTS', job_key(id)) == 1 then return 0 end
for i = 9, #ARGV, 2 do
  if redis.call('EXISTS', prefix .. 'key:' .. ARGV[i]) == 1 then return 0 end
end
local kept = {}
for i = 9, #ARGV, 2 do
  local key = prefix .. 'key:' .. ARGV[i]
  if ARGV[i + 1] == '0' then
    redis.call('SET', key, id)
    table.insert(kept, ARGV[i])
  else
    redis.call('SET', key, id, 'PX', ARGV[i + 1])
  end
end
redis.call('HSET', job_key(id), 'queue', queue, 'kind', ARGV[3], 'payload', ARGV[4], 'priority',
           priority, 'attempt', 0, 'attempts', ARGV[8], 'fence', 0, 'error', '', 'keys',
           cmsgpack.pack(kept))
local at = tonumber(ARGV[6])
make_waiting(queue, id, priority, (at == 0 and now or at) + tonumber(ARGV[7]))
return 1
)";

constexpr const char* lease_script = R"(
local queue, count, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local total, rate, period = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local ready, delayed = prefix .. 'ready:' .. queue, prefix .. 'delayed:' .. queue
local leased = prefix .. 'leased:' .. queue
for _, id in ipairs(redis.call('ZRANGEBYSCORE', leased, '-inf', now, 'LIMIT', 0, 1000)) do
  local job = redis.call('HMGET', job_key(id), 'attempt', 'attempts', 'priority', 'run_at')
  redis.call('ZREM', leased, id)
  if tonumber(job[1]) >= tonumber(job[2]) then
    bury(queue, id, 'its worker was lost')
  else
    make_waiting(queue, id, tonumber(job[3]), tonumber(job[4]))
  end
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, 1000)) do
  local job = redis.call('HMGET', job_key(id), 'priority', 'run_at')
  redis.call('ZREM', delayed, id)
  make_ready(queue, id, tonumber(job[1]), tonumber(job[2]))
end
if total > 0 then count = math.min(count, total - redis.call('ZCARD', leased)) end
local due = now
if rate > 0 then
  due = math.max(now, tonumber(redis.call('GET', prefix .. 'rate:' .. queue) or 0))
  count = math.min(count, math.floor((now + period - due) * rate / period))
end
if count <= 0 then return {} end
local jobs = {}
for _, id in ipairs(redis.call('ZRANGE', ready, 0, count - 1)) do
  local key = job_key(id)
  redis.call('ZREM', ready, id)
  redis.call('ZADD', leased, now + lease, id)
  redis.call('HSET', key, 'state', 1)
  local attempt = redis.call('HINCRBY', key, 'attempt', 1)
  local fence = redis.call('HINCRBY', key, 'fence', 1)
  local job = redis.call('HMGET', key, 'kind', 'payload', 'attempts')
  table.insert(jobs, {id, fence, job[1], job[2], attempt, job[3]})
end
if rate > 0 and #jobs > 0 then
  due = due + math.ceil(#jobs * period / rate)
  redis.call('SET', prefix .. 'rate:' .. queue, due, 'PX', due - now + 1)
end
return jobs
)";

constexpr const char* extend_script = R"(
local lost = {}
for i = 2, #ARGV, 2 do
  local queue = held(ARGV[i], ARGV[i + 1])
  if queue then
    redis.call('ZADD', prefix .. 'leased:' .. queue, now + tonumber(ARGV[1]), ARGV[i])
  else
    table.insert(lost, i / 2 - 1)
  end
end
return lost
)";

constexpr const char* finish_script = R"(
for i = 1, #ARGV, 5 do
  local id, how, delay, error = ARGV[i], ARGV[i + 2], tonumber(ARGV[i + 3]), ARGV[i + 4]
  local queue = held(id, ARGV[i + 1])
  if queue then
    local key = job_key(id)
    redis.call('ZREM', prefix .. 'leased:' .. queue, id)
    if how == 'done' then
      free_keys(id)
      redis.call('DEL', key)
    elseif how == 'dead' then
      bury(queue, id, error)
    else
      if how == 'released' then redis.call('HINCRBY', key, 'attempt', -1) end
      redis.call('HSET', key, 'error', error)
      make_waiting(queue, id, tonumber(redis.call('HGET', key, 'priority')), now + delay)
    end
  end
end
)";

constexpr const char* counts_script = R"(
local function size(set) return redis.call('ZCARD', prefix .. set .. ':' .. ARGV[1]) end
return {size('ready') + size('delayed'), size('leased'), size('dead')}
)";

constexpr const char* dead_script = R"(
local jobs = {}
for _, id in ipairs(redis.call('ZREVRANGE', prefix .. 'dead:' .. ARGV[1], 0, ARGV[2] - 1)) do
  local job = redis.call('HMGET', job_key(id), 'kind', 'payload', 'error', 'attempt', 'died')
  table.insert(jobs, {id, job[1], job[2], job[3], job[4], job[5]})
end
return jobs
)";

constexpr const char* replay_script = R"(
local id = ARGV[1]
local job = redis.call('HMGET', job_key(id), 'state', 'queue', 'priority')
if job[1] ~= '2' then return 0 end
redis.call('ZREM', prefix .. 'dead:' .. job[2], id)
redis.call('HSET', job_key(id), 'attempt', 0)
make_waiting(job[2], id, tonumber(job[3]), now)
return 1
)";

constexpr const char* remove_script = R"(
local id = ARGV[1]
local job = redis.call('HMGET', job_key(id), 'state', 'queue')
if not job[1] or job[1] == '1' then return 0 end
for _, set in ipairs({'ready', 'delayed', 'dead'}) do
  redis.call('ZREM', prefix .. set .. ':' .. job[2], id)
end
free_keys(id)
redis.call('DEL', job_key(id))
return 1
)";

RedisScript script(const char* body) { return RedisScript{std::string{prelude} + body}; }

RedisOptions options_for(const std::string& url) {
    RedisOptions options;
    options.url = url;
    options.connect_timeout = Duration::seconds(5);
    options.timeout = Duration::seconds(10); // a batch may be large
    return options;
}

std::string_view word(JobOutcome::End end) noexcept {
    switch (end) {
    case JobOutcome::End::done:
        return "done";
    case JobOutcome::End::dead:
        return "dead";
    case JobOutcome::End::released:
        return "released";
    default:
        return "retry";
    }
}

Uuid uuid_of(const RedisValue& value) { return Uuid::parse(value.text()).value_or(Uuid{}); }

class RedisJobStore final : public JobStore {
  public:
    RedisJobStore(const std::string& url, std::string prefix)
        : redis_(options_for(url)), prefix_(std::move(prefix)) {
        (void)counts("default"); // whether it is there
    }

    bool insert(const NewJob& job) override {
        std::vector<std::string> arguments = {job.id.to_string(),
                                              job.queue,
                                              job.kind,
                                              job.payload,
                                              std::to_string(job.priority),
                                              std::to_string(job.at),
                                              std::to_string(job.delay.count()),
                                              std::to_string(job.attempts)};
        for (const JobKey& key : job.keys) {
            arguments.push_back(key.text);
            arguments.push_back(std::to_string(key.window.count()));
        }
        return run(insert_, std::move(arguments)).integer() == 1;
    }

    std::vector<LeasedJob> lease(const JobRequest& request) override {
        std::vector<LeasedJob> jobs;
        const RedisValue reply =
            run(lease_, {request.queue, std::to_string(request.count),
                         std::to_string(request.lease.count()), std::to_string(request.total),
                         std::to_string(request.rate), std::to_string(request.period.count())});
        for (const RedisValue& row : reply.items()) {
            const std::vector<RedisValue>& columns = row.items();
            LeasedJob job;
            job.id = uuid_of(columns.at(0));
            job.fence = static_cast<std::uint64_t>(columns.at(1).integer());
            job.kind = columns.at(2).text();
            job.payload = columns.at(3).text();
            job.attempt = static_cast<unsigned>(columns.at(4).integer());
            job.attempts = static_cast<unsigned>(columns.at(5).integer());
            jobs.push_back(std::move(job));
        }
        return jobs;
    }

    std::vector<JobHold> extend(std::span<const JobHold> holds, Duration lease) override {
        std::vector<std::string> arguments = {std::to_string(lease.count())};
        for (const JobHold& hold : holds) {
            arguments.push_back(hold.id.to_string());
            arguments.push_back(std::to_string(hold.fence));
        }
        std::vector<JobHold> lost;
        const RedisValue reply = run(extend_, std::move(arguments));
        for (const RedisValue& index : reply.items())
            lost.push_back(holds[static_cast<std::size_t>(index.integer())]);
        return lost;
    }

    void finish(std::span<const JobOutcome> outcomes) override {
        std::vector<std::string> arguments;
        for (const JobOutcome& outcome : outcomes) {
            arguments.push_back(outcome.hold.id.to_string());
            arguments.push_back(std::to_string(outcome.hold.fence));
            arguments.emplace_back(word(outcome.end));
            arguments.push_back(std::to_string(outcome.delay.count()));
            arguments.push_back(outcome.error);
        }
        (void)run(finish_, std::move(arguments));
    }

    JobCounts counts(std::string_view queue) override {
        const RedisValue reply = run(counts_, {std::string{queue}});
        const auto at = [&](std::size_t i) {
            return static_cast<std::uint64_t>(reply.items().at(i).integer());
        };
        JobCounts counts;
        counts.waiting = at(0);
        counts.running = at(1);
        counts.dead = at(2);
        return counts;
    }

    std::vector<DeadJob> dead(std::string_view queue, unsigned limit) override {
        std::vector<DeadJob> jobs;
        if (limit == 0) return jobs; // as a range of Redis that would be everything
        const RedisValue reply = run(dead_, {std::string{queue}, std::to_string(limit)});
        for (const RedisValue& row : reply.items()) {
            const std::vector<RedisValue>& columns = row.items();
            DeadJob job;
            job.id = uuid_of(columns.at(0));
            job.queue = queue;
            job.kind = columns.at(1).text();
            job.payload = columns.at(2).text();
            job.error = columns.at(3).text();
            job.attempt = static_cast<unsigned>(columns.at(4).integer());
            job.died = columns.at(5).integer();
            jobs.push_back(std::move(job));
        }
        return jobs;
    }

    bool replay(const Uuid& id) override { return run(replay_, {id.to_string()}).integer() == 1; }
    bool remove(const Uuid& id) override { return run(remove_, {id.to_string()}).integer() == 1; }

  private:
    RedisValue run(const RedisScript& script, std::vector<std::string> arguments) {
        try {
            return loop_.run(redis_.run(script, {prefix_}, std::move(arguments)));
        } catch (const RedisError& error) {
            throw JobStoreError{std::string{"Redis: "} + error.what()};
        }
    }

    LocalLoop loop_; ///< the client is for event loops; this one turns while a call waits
    Redis redis_;
    const std::string prefix_;
    const RedisScript insert_ = script(insert_script);
    const RedisScript lease_ = script(lease_script);
    const RedisScript extend_ = script(extend_script);
    const RedisScript finish_ = script(finish_script);
    const RedisScript counts_ = script(counts_script);
    const RedisScript dead_ = script(dead_script);
    const RedisScript replay_ = script(replay_script);
    const RedisScript remove_ = script(remove_script);
};

} // namespace

std::unique_ptr<JobStore> redis_jobs(const std::string& url, std::string prefix) {
    return std::make_unique<RedisJobStore>(url, std::move(prefix));
}

} // namespace armature
