#include "jobs/jobs_impl.hpp"

#include <armature/core/error.hpp>

#include <algorithm>
#include <stdexcept>

namespace armature {

JobStore::~JobStore() = default;

// --- the store's thread -----------------------------------------------------------------------

Jobs::Impl::Impl(std::unique_ptr<JobStore> store) : store_(std::move(store)) {
    if (!store_)
        throw std::invalid_argument(
            "armature: Jobs needs a store; give it sqlite_jobs(\"jobs.db\")");
}

void Jobs::Impl::add(Listener& listener) {
    const std::lock_guard lock{listeners_mutex_};
    listeners_.push_back(&listener);
}

void Jobs::Impl::remove(Listener& listener) noexcept {
    const std::lock_guard lock{listeners_mutex_};
    std::erase(listeners_, &listener);
}

void Jobs::Impl::notify() {
    const std::lock_guard lock{listeners_mutex_};
    for (Listener* listener : listeners_)
        listener->jobs_were_added();
}

// --- the handle -------------------------------------------------------------------------------

Jobs::Jobs(std::unique_ptr<JobStore> store) : impl_(std::make_shared<Impl>(std::move(store))) {}

NewJob Jobs::make(std::string_view kind, std::string payload, JobOptions&& options) {
    const auto demand = [](bool holds, const char* what) {
        if (!holds) throw std::invalid_argument{what};
    };
    const auto is_name = [](std::string_view text, std::size_t longest) {
        return !text.empty() && text.size() <= longest && text.find('\0') == text.npos;
    };
    demand(is_name(kind, 200), "armature: a job's kind has 1 to 200 bytes, none of them NUL");
    demand(is_name(options.queue_, 200),
           "armature: a queue's name has 1 to 200 bytes, none of them NUL");
    demand(options.priority_ >= -1000 && options.priority_ <= 1000,
           "armature: a job's priority is from -1000 to 1000");
    demand(options.attempts_ >= 1 && options.attempts_ <= 1000,
           "armature: a job has 1 to 1000 attempts");
    demand(options.delay_.count() >= 0 && options.at_ >= 0,
           "armature: a job can't be delayed into the past");
    for (const JobKey& key : options.keys_)
        demand(is_name(key.text, 1000) && key.window.count() >= 0,
               "armature: a unique key has 1 to 1000 bytes, none of them NUL, and its window isn't "
               "negative");
    NewJob job;
    job.id = Uuid::v7();
    job.queue = std::move(options.queue_);
    job.kind = kind;
    job.payload = std::move(payload);
    job.priority = options.priority_;
    job.delay = options.delay_;
    job.at = options.at_;
    job.attempts = options.attempts_;
    job.keys = std::move(options.keys_);
    return job;
}

Task<Enqueued> Jobs::add(NewJob job) const {
    const std::shared_ptr<Impl> impl = impl_;
    auto insert = [job = std::move(job)](JobStore& store) {
        return Enqueued{job.id, store.insert(job)};
    };
    const Enqueued added = co_await impl->call(std::move(insert));
    if (added.is_new) impl->notify();
    co_return added;
}

Enqueued Jobs::add_blocking(NewJob job) const {
    LocalLoop loop;
    return loop.run(add(std::move(job)));
}

Task<JobCounts> Jobs::counts(std::string queue) const {
    const std::shared_ptr<Impl> impl = impl_;
    auto ask = [queue = std::move(queue)](JobStore& store) { return store.counts(queue); };
    co_return co_await impl->call(std::move(ask));
}

Task<std::vector<DeadJob>> Jobs::dead(std::string queue, unsigned limit) const {
    const std::shared_ptr<Impl> impl = impl_;
    auto ask = [queue = std::move(queue), limit](JobStore& store) {
        return store.dead(queue, limit);
    };
    co_return co_await impl->call(std::move(ask));
}

Task<bool> Jobs::replay(Uuid id) const {
    const std::shared_ptr<Impl> impl = impl_;
    auto ask = [id](JobStore& store) { return store.replay(id); };
    const bool was_dead = co_await impl->call(std::move(ask));
    if (was_dead) impl->notify();
    co_return was_dead;
}

Task<bool> Jobs::remove(Uuid id) const {
    const std::shared_ptr<Impl> impl = impl_;
    auto ask = [id](JobStore& store) { return store.remove(id); };
    co_return co_await impl->call(std::move(ask));
}

void Jobs::wake() const { impl_->notify(); }

} // namespace armature
