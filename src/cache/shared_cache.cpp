#include "cache/envelope.hpp"
#include "core/unix_time.hpp"
#include "core/work_thread.hpp"

#include <armature/cache/shared_cache.hpp>
#include <armature/core/uuid.hpp>
#include <armature/log/log.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

// In the store, below the cache's name: v:<key> is a value in its envelope, l:<key> which process
// loads it, and t:<what> the version of a tag, a key or everything, which is another text each time
// that ends what has it. A value is right as long as the versions are those from before it was
// loaded.

namespace armature {

namespace {

[[noreturn]] void refuse(const char* what) {
    throw std::invalid_argument(std::string{"armature: "} + what);
}

SharedCacheOptions checked(SharedCacheOptions options) {
    if (options.longest_in_memory <= Duration{} || options.longest_life <= Duration{} ||
        options.pause <= Duration{})
        refuse("the durations of SharedCacheOptions are longer than zero");
    if (options.wait_for_others < Duration{})
        refuse("SharedCacheOptions::wait_for_others can't be negative");
    if (options.name.empty()) refuse("SharedCacheOptions::name is empty");
    return options;
}

// What ends values: all with a tag, one key, or everything.
std::string of_tag(std::string_view tag) { return std::string{"t"}.append(tag); }
std::string of_key(std::string_view key) { return std::string{"k"}.append(key); }
const std::string of_all = "c";

using Versions = std::vector<std::pair<std::string, std::string>>;

} // namespace

class SharedCache::Impl {
  public:
    Impl(std::shared_ptr<KeyValueStore> store, std::shared_ptr<PubSub> messages,
         SharedCacheOptions given)
        : options(checked(std::move(given))), memory(options.memory), store_(std::move(store)),
          messages_(std::move(messages)) {
        if (store_ == nullptr)
            refuse("a SharedCache needs a store; take Cache for one in memory only");
        if (messages_ != nullptr) listener_ = std::thread{[this] { listen(); }};
    }
    ~Impl() {
        if (!listener_.joinable()) return;
        loop_.post(stop_);
        listener_.join();
    }

    [[nodiscard]] Duration life_of(const Keep& keep) const {
        return keep.life_.value_or(options.memory.life);
    }
    /// The same for this process's memory.
    [[nodiscard]] Keep shortened(Keep keep, Duration life) const {
        keep.life_ = std::min(life, options.longest_in_memory);
        return keep;
    }

    Task<Keep> fetch(std::string key, std::shared_ptr<Source> source, Keep keep);
    Task<bool> put(std::string key, std::string_view type, std::string text, Keep keep);
    /// Ends what has that name everywhere, here at once.
    Task<bool> end(std::string name);
    Task<bool> erase(std::string key);

    const SharedCacheOptions options;
    const Cache memory;
    std::atomic<std::uint64_t> shared_hits{0}, loads{0}, failures{0};

  private:
    struct Found {
        std::string text;
        Duration left;
    };

    // --- the store, which may be away ---

    [[nodiscard]] bool is_usable() const noexcept {
        return steady_now() >= paused_until_.load(std::memory_order_relaxed);
    }
    void failed(const std::exception& error) noexcept {
        paused_until_ = steady_now() + options.pause.count();
        ++failures;
        log::warn("cache: the shared store failed", {{"error", error.what()}});
    }
    /// Nullopt if it failed.
    template <class T>
    Task<std::optional<T>> attempt(Task<T> operation) {
        try {
            std::optional<T> result{co_await std::move(operation)};
            co_return result;
        } catch (const Cancelled&) {
            throw;
        } catch (const std::exception& error) {
            failed(error);
        }
        co_return std::nullopt;
    }
    Task<std::optional<std::string>> version_of(std::string name);
    Task<std::optional<Versions>> versions_of(std::string key, Keep keep);
    Task<bool> renew_version(std::string name);
    Task<std::optional<Found>> look(std::string key, std::string_view type);
    Task<> write(std::string key, std::string_view type, std::string text, Versions versions,
                 Duration life);
    /// Whether this process is the one to load it.
    Task<bool> take_turn(std::string key);
    Task<bool> publish(std::string name);

    [[nodiscard]] std::string at(char kind, std::string_view key) const {
        std::string text = options.name;
        return text.append(1, ':').append(1, kind).append(1, ':').append(key);
    }

    // --- what others say ---

    struct Stop final : Job {
        explicit Stop(Cancellation& of) noexcept : cancellation(of) {}
        void run() override { cancellation.request(CancelReason::shutdown); }
        Cancellation& cancellation;
    };
    void listen();
    Task<> follow();
    void forget(std::string_view name) const;

    const std::shared_ptr<KeyValueStore> store_;
    const std::shared_ptr<PubSub> messages_;
    const std::string id_ = Uuid::v4().to_string();
    std::atomic<std::int64_t> paused_until_{0};

    LocalLoop loop_; ///< the listener's
    Cancellation cancellation_;
    Stop stop_{cancellation_};
    std::thread listener_;
};

Task<std::optional<std::string>> SharedCache::Impl::version_of(std::string name) {
    Task<std::optional<std::string>> get = store_->get(at('t', name));
    const auto got = co_await attempt(std::move(get));
    if (!got) co_return std::nullopt;
    co_return got->value_or("");
}

Task<std::optional<Versions>> SharedCache::Impl::versions_of(std::string key, Keep keep) {
    std::vector<std::string> names{of_all, of_key(key)};
    for (const std::string& tag : keep.tags_)
        names.push_back(of_tag(tag));
    Versions versions;
    for (std::string& name : names) {
        Task<std::optional<std::string>> ask = version_of(name);
        std::optional<std::string> version = co_await std::move(ask);
        if (!version) co_return std::nullopt;
        versions.emplace_back(std::move(name), *std::move(version));
    }
    co_return versions;
}

// It lives for longer than any value from before it, with the time that a load may take.
Task<bool> SharedCache::Impl::renew_version(std::string name) {
    Task<bool> set = store_->set(at('t', name), Uuid::v4().to_string(),
                                 Duration::milliseconds(options.longest_life.count() * 2));
    const auto done = co_await attempt(std::move(set));
    co_return done.has_value();
}

Task<std::optional<SharedCache::Impl::Found>> SharedCache::Impl::look(std::string key,
                                                                      std::string_view type) {
    Task<std::optional<std::string>> get = store_->get(at('v', key));
    const auto got = co_await attempt(std::move(get));
    if (!got || !*got) co_return std::nullopt;
    auto envelope = cache::Envelope::decode(**got);
    if (!envelope || envelope->type != type) co_return std::nullopt;
    // The clocks of two machines differ: none makes it live for longer than it may.
    const std::int64_t left =
        std::min(envelope->fresh_until - unix_milliseconds(), options.longest_life.count());
    if (left <= 0) co_return std::nullopt;
    for (const auto& [name, seen] : envelope->versions) {
        Task<std::optional<std::string>> ask = version_of(name);
        const std::optional<std::string> version = co_await std::move(ask);
        if (version != seen) co_return std::nullopt;
    }
    co_return Found{std::move(envelope->text), Duration::milliseconds(left)};
}

Task<> SharedCache::Impl::write(std::string key, std::string_view type, std::string text,
                                Versions versions, Duration life) {
    life = std::min(life, options.longest_life);
    if (life <= Duration{}) co_return;
    cache::Envelope envelope;
    envelope.fresh_until = unix_milliseconds() + life.count();
    envelope.type = type;
    envelope.versions = std::move(versions);
    envelope.text = std::move(text);
    Task<bool> set = store_->set(at('v', key), envelope.encode(), life);
    (void)co_await attempt(std::move(set));
}

Task<bool> SharedCache::Impl::take_turn(std::string key) {
    Task<bool> set =
        store_->set(at('l', key), id_, options.wait_for_others, KeyValueStore::Write::if_absent);
    const auto is_ours = co_await attempt(std::move(set));
    if (!is_ours || *is_ours) co_return true; // also if nobody can be asked
    // A request of this process may have left it: within the process there is only one at a time.
    Task<std::optional<std::string>> get = store_->get(at('l', key));
    const auto who = co_await attempt(std::move(get));
    co_return !who || !*who || **who == id_;
}

Task<Keep> SharedCache::Impl::fetch(std::string key, std::shared_ptr<Source> source, Keep keep) {
    const bool waits = options.wait_for_others > Duration{};
    const std::int64_t end = steady_now() + options.wait_for_others.count();
    bool has_turn = false;
    for (std::int64_t nap = 5; is_usable(); nap = std::min<std::int64_t>(nap * 2, 50)) {
        std::optional<Found> found = co_await look(key, source->type);
        if (found && source->read(found->text)) {
            shared_hits.fetch_add(1, std::memory_order_relaxed);
            co_return shortened(std::move(keep), found->left);
        }
        if (!waits || has_turn || steady_now() >= end) break;
        has_turn = co_await take_turn(key);
        // Who had the turn before may have stored it meanwhile: look once more.
        if (!has_turn) co_await sleep_for(Duration::milliseconds(nap));
    }
    std::optional<Versions> versions;
    if (is_usable()) versions = co_await versions_of(key, keep);
    loads.fetch_add(1, std::memory_order_relaxed);
    std::exception_ptr error;
    bool is_there = false;
    try {
        is_there = co_await source->run();
    } catch (const Cancelled&) {
        throw; // the turn ends by itself, or with the next request of this process
    } catch (...) {
        error = std::current_exception();
    }
    const Duration life = life_of(keep);
    if (is_there && versions && is_usable()) {
        Task<> stored = write(key, source->type, source->text(), *std::move(versions), life);
        co_await std::move(stored);
    }
    if (has_turn && is_usable()) {
        Task<bool> give_back = store_->erase(at('l', key));
        (void)co_await attempt(std::move(give_back));
    }
    if (error) std::rethrow_exception(error);
    co_return shortened(std::move(keep), life);
}

Task<bool> SharedCache::Impl::put(std::string key, std::string_view type, std::string text,
                                  Keep keep) {
    // What is being loaded at this moment is older than this.
    Task<bool> renewed = renew_version(of_key(key));
    bool all_know = co_await std::move(renewed);
    std::optional<Versions> versions;
    if (all_know) versions = co_await versions_of(key, keep);
    if (versions) {
        const Duration life = life_of(keep);
        Task<> stored = write(key, type, std::move(text), *std::move(versions), life);
        co_await std::move(stored);
    }
    const bool has_published = co_await publish(of_key(key));
    all_know = all_know && versions && has_published;
    co_return all_know;
}

Task<bool> SharedCache::Impl::end(std::string name) {
    // First the store: what is looked up there from now on is known to be old.
    Task<bool> renewed = renew_version(name);
    const bool is_renewed = co_await std::move(renewed);
    forget(name);
    const bool has_published = co_await publish(name);
    co_return is_renewed&& has_published;
}

Task<bool> SharedCache::Impl::erase(std::string key) {
    Task<bool> ended = end(of_key(key));
    const bool all_know = co_await std::move(ended);
    Task<bool> erased = store_->erase(at('v', key));
    (void)co_await attempt(std::move(erased)); // nobody would take it, but it needn't lie there
    co_return all_know;
}

Task<bool> SharedCache::Impl::publish(std::string name) {
    if (messages_ == nullptr) co_return true;
    try {
        Task<> told = messages_->publish(options.name, id_ + name);
        co_await std::move(told);
        co_return true;
    } catch (const Cancelled&) {
        throw;
    } catch (const std::exception& error) {
        failed(error);
    }
    co_return false;
}

void SharedCache::Impl::forget(std::string_view name) const {
    const std::string_view what = name.substr(1);
    switch (name.front()) {
    case 't':
        memory.invalidate(what);
        break;
    case 'k':
        (void)memory.erase(what);
        break;
    default:
        memory.clear();
    }
}

void SharedCache::Impl::listen() {
    leave_signals_to_others();
    try {
        loop_.run(follow(), &cancellation_);
    } catch (const Cancelled&) {
        // the end
    }
}

Task<> SharedCache::Impl::follow() {
    for (;;) {
        try {
            Task<Subscription> joining = messages_->subscribe(options.name);
            Subscription news = co_await std::move(joining);
            memory.clear(); // nobody knows what was said before
            for (std::uint64_t missed = 0;;) {
                const std::string message = co_await news.next();
                if (news.missed() != missed) {
                    missed = news.missed();
                    memory.clear();
                }
                if (message.size() > id_.size() && !message.starts_with(id_))
                    forget(std::string_view{message}.substr(id_.size()));
            }
        } catch (const Cancelled&) {
            throw;
        } catch (const std::exception& error) {
            failed(error);
        }
        co_await sleep_for(options.pause);
    }
}

SharedCache::SharedCache(std::shared_ptr<KeyValueStore> store, std::shared_ptr<PubSub> messages,
                         SharedCacheOptions options)
    : impl_(std::make_shared<Impl>(std::move(store), std::move(messages), std::move(options))) {}

const Cache& SharedCache::memory() const noexcept { return impl_->memory; }
Keep SharedCache::shortened(const Keep& keep) const {
    return impl_->shortened(keep, impl_->life_of(keep));
}
Task<Keep> SharedCache::fetch(std::string key, std::shared_ptr<Source> source, Keep keep) const {
    return impl_->fetch(std::move(key), std::move(source), std::move(keep));
}
Task<bool> SharedCache::put(std::string key, std::string_view type, std::string text,
                            Keep keep) const {
    return impl_->put(std::move(key), type, std::move(text), std::move(keep));
}
Task<bool> SharedCache::erase(std::string key) const { return impl_->erase(std::move(key)); }
Task<bool> SharedCache::invalidate(std::string tag) const { return impl_->end(of_tag(tag)); }
Task<bool> SharedCache::clear() const { return impl_->end(of_all); }

SharedCacheStatistics SharedCache::statistics() const {
    SharedCacheStatistics made;
    made.memory = impl_->memory.statistics();
    made.shared_hits = impl_->shared_hits.load(std::memory_order_relaxed);
    made.loads = impl_->loads.load(std::memory_order_relaxed);
    made.store_failures = impl_->failures.load(std::memory_order_relaxed);
    return made;
}

} // namespace armature
