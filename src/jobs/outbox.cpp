#include "core/unix_time.hpp"
#include "core/work_thread.hpp"
#include "jobs/outbox_job.hpp"
#include "jobs/sqlite_database.hpp"

#include <armature/jobs/outbox.hpp>
#include <armature/json/read.hpp>
#include <armature/json/write.hpp>
#include <armature/log/log.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace armature {

namespace jobs {

struct OutboxKey {
    std::string text;
    std::int64_t window_ms = 0;
};
ARMATURE_DESCRIBE(OutboxKey, text, window_ms);

struct OutboxJob {
    Uuid id;
    std::string queue;
    std::string kind;
    std::string payload;
    int priority = 0;
    std::int64_t at = 0; // milliseconds since 1970; 0: at once
    unsigned attempts = 1;
    std::vector<OutboxKey> keys;
};
ARMATURE_DESCRIBE(OutboxJob, id, queue, kind, payload, priority, at, attempts, keys);

std::string to_outbox(const NewJob& job) {
    OutboxJob kept;
    kept.id = job.id;
    kept.queue = job.queue;
    kept.kind = job.kind;
    kept.payload = job.payload;
    kept.priority = job.priority;
    kept.attempts = job.attempts;
    // The delay counts from now, not from when it is carried.
    kept.at = job.at;
    if (job.delay) kept.at = (job.at != 0 ? job.at : unix_milliseconds()) + job.delay.count();
    for (const JobKey& key : job.keys)
        kept.keys.push_back({key.text, key.window.count()});
    return to_json(kept);
}

NewJob from_outbox(std::string_view text) {
    OutboxJob kept;
    JsonErrors errors;
    if (read_json(text, kept, errors) != JsonStatus::ok)
        throw JobStoreError{"a job in the outbox can't be read"};
    NewJob job;
    job.id = kept.id;
    job.queue = std::move(kept.queue);
    job.kind = std::move(kept.kind);
    job.payload = std::move(kept.payload);
    job.priority = kept.priority;
    job.at = kept.at;
    job.attempts = kept.attempts;
    for (OutboxKey& key : kept.keys)
        job.keys.push_back({std::move(key.text), Duration::milliseconds(key.window_ms)});
    return job;
}

} // namespace jobs

Outbox::~Outbox() = default;

// --- in SQLite --------------------------------------------------------------------------------

namespace {

// Numbers are never used again, so that what was read is what is deleted.
constexpr const char* schema = "CREATE TABLE IF NOT EXISTS armature_outbox (seq INTEGER PRIMARY "
                               "KEY AUTOINCREMENT, job TEXT NOT NULL) STRICT";

class SqliteOutbox final : public Outbox {
  public:
    explicit SqliteOutbox(const std::string& path)
        : connection_(path, sqlite::Durability::each_commit, schema),
          oldest_(connection_.get(), "SELECT seq, job FROM armature_outbox ORDER BY seq LIMIT ?"),
          delete_(connection_.get(), "DELETE FROM armature_outbox WHERE seq = ?") {}

    unsigned carry(unsigned most, JobStore& to) override {
        std::vector<std::pair<std::int64_t, NewJob>> jobs;
        for (oldest_.bind(std::int64_t{most}); oldest_.step();)
            jobs.emplace_back(oldest_.integer(0), jobs::from_outbox(oldest_.text(1)));
        if (jobs.empty()) return 0;
        // No lock is held meanwhile: who writes to this database needn't wait for the other one.
        for (const auto& [seq, job] : jobs)
            (void)to.insert(job); // false: it is there, or another has its key
        jobs::Transaction transaction{connection_.get()};
        for (const auto& [seq, job] : jobs)
            delete_.run(seq);
        transaction.commit();
        return static_cast<unsigned>(jobs.size());
    }

  private:
    jobs::Connection connection_;
    jobs::Statement oldest_, delete_;
};

} // namespace

std::unique_ptr<Outbox> sqlite_outbox(const std::string& path) {
    return std::make_unique<SqliteOutbox>(path);
}

void create_outbox_table(sqlite3* database) { jobs::execute(database, schema); }

void add_to_outbox(sqlite3* database, const NewJob& job) {
    jobs::Statement insert{database, "INSERT INTO armature_outbox (job) VALUES (?)"};
    const std::string text = jobs::to_outbox(job);
    insert.run(std::string_view{text});
}

// --- the relay --------------------------------------------------------------------------------

class OutboxRelay::Impl {
  public:
    Impl(std::unique_ptr<Outbox> from, std::unique_ptr<JobStore> to, OutboxRelayOptions options)
        : from_(std::move(from)), to_(std::move(to)), options_(options) {
        const auto demand = [](bool holds, const char* what) {
            if (!holds) throw std::invalid_argument{what};
        };
        demand(from_ && to_, "armature: an OutboxRelay needs an outbox and a store to carry to");
        demand(options_.poll.count() >= 10, "armature: an OutboxRelay polls every 10 ms at most");
        demand(options_.batch >= 1 && options_.batch <= 10'000,
               "armature: an OutboxRelay carries 1 to 10,000 jobs at once");
        demand(options_.first_wait.count() >= 1,
               "armature: an OutboxRelay waits for 1 ms at least after a failure");
        thread_ = std::thread{[this] { run(); }};
    }
    ~Impl() {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }
    void wake() {
        {
            const std::lock_guard lock{mutex_};
            is_news_ = true;
        }
        changed_.notify_one();
    }
    std::atomic<std::uint64_t> carried{0};

  private:
    void run() {
        leave_signals_to_others();
        constexpr Duration longest = Duration::seconds(60);
        Duration failure_wait = options_.first_wait;
        for (;;) {
            Duration wait = options_.poll;
            try {
                const unsigned count = from_->carry(options_.batch, *to_);
                carried += count;
                failure_wait = options_.first_wait;
                if (count == options_.batch) wait = {};
            } catch (const std::exception& error) {
                log::warn("outbox: jobs couldn't be carried", {{"error", error.what()}});
                wait = failure_wait;
                failure_wait =
                    Duration::milliseconds(std::min(failure_wait.count() * 2, longest.count()));
            }
            std::unique_lock lock{mutex_};
            changed_.wait_for(lock, std::chrono::milliseconds{wait.count()},
                              [this] { return stopping_ || is_news_; });
            if (stopping_) return;
            is_news_ = false;
        }
    }

    const std::unique_ptr<Outbox> from_;
    const std::unique_ptr<JobStore> to_;
    const OutboxRelayOptions options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_news_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

OutboxRelay::OutboxRelay(std::unique_ptr<Outbox> from, std::unique_ptr<JobStore> to,
                         OutboxRelayOptions options)
    : impl_(new Impl{std::move(from), std::move(to), options}) {}
OutboxRelay::~OutboxRelay() = default;

void OutboxRelay::wake() const { impl_->wake(); }
std::uint64_t OutboxRelay::carried() const noexcept { return impl_->carried.load(); }

} // namespace armature
