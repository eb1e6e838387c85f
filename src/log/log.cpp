#include "log/format.hpp"
#include "log/sink.hpp"

#include <armature/log/capture.hpp>
#include <armature/log/log.hpp>

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace armature::log {
namespace {

constexpr std::array<std::string_view, 7> level_names{"trace", "debug",    "info", "warn",
                                                      "error", "critical", "off"};

/// What one `configure` set up. With a queue, records go through the background thread; without
/// one (after `shutdown`) they are written by the caller.
///
/// The first record starts the thread: the kernel counts references to files with atomic operations
/// in a process of several threads, which costs a server that logs nothing 2 % of its requests, and
/// the queue takes memory.
class Backend {
  public:
    /// `queue_capacity` 0: no queue.
    Backend(std::shared_ptr<detail::Sink> sink, std::size_t queue_capacity)
        : sink_(std::move(sink)), queue_capacity_(queue_capacity) {}

    ~Backend() {
        queue_.reset(); // Its destructor hands the sink everything that waits.
        sink_->detach();
    }
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;

    [[nodiscard]] const std::shared_ptr<detail::Sink>& sink() const noexcept { return sink_; }

    void write(Level level, std::string_view message, Fields fields) {
        const auto now = spdlog::log_clock::now();
        detail::Line line;
        detail::format_record(line, sink_->format(), sink_->colour(), now, level, message, fields);
        const spdlog::string_view_t text(line.data(), line.size());
        const auto spdlog_level = static_cast<spdlog::level::level_enum>(level);
        if (queue_capacity_ > 0) {
            std::call_once(started_, [this] { start_queue(); });
            accepted_.fetch_add(1, std::memory_order_relaxed);
            logger_->log(now, spdlog::source_loc{}, spdlog_level, text);
        } else {
            sink_->log({now, spdlog::source_loc{}, {}, spdlog_level, text});
        }
    }

    bool flush(std::int64_t timeout_ms) {
        const std::uint64_t accepted = accepted_.load(std::memory_order_relaxed);
        return accepted == 0 || sink_->wait_for(accepted, timeout_ms);
    }

  private:
    void start_queue() {
        queue_ = std::make_shared<spdlog::details::thread_pool>(queue_capacity_, 1, block_signals);
        logger_ = std::make_shared<spdlog::async_logger>(
            "armature", sink_, queue_, spdlog::async_overflow_policy::overrun_oldest);
        logger_->set_level(spdlog::level::trace);
        sink_->attach(*queue_);
    }

    /// Signals belong to the program's own threads, and a closed pipe must be an error here.
    static void block_signals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
    }

    std::shared_ptr<detail::Sink> sink_;
    const std::size_t queue_capacity_;
    std::atomic<std::uint64_t> accepted_{0};
    std::once_flag started_;
    std::shared_ptr<spdlog::details::thread_pool> queue_;
    std::shared_ptr<spdlog::async_logger> logger_;
};

struct State {
    std::mutex mutex;
    std::shared_ptr<Backend> backend;
    bool configured = false;
    /// What `threshold` goes back to when a capture ends.
    Level level = Level::trace;
    bool capturing = false;
    std::vector<CapturedRecord> captured;
};

/// Never destroyed, because static destructors may log.
State& state() {
    static State* const instance = new State;
    return *instance;
}

template <class T>
void apply_variable(const char* name, T& setting, std::optional<T> (*parse)(std::string_view),
                    std::string_view allowed) {
    const char* text = std::getenv(name);
    if (text == nullptr) return;
    const std::optional<T> value = parse(text);
    if (!value) {
        // Only a part, and only printable: the text may be anything.
        std::string shown = std::string(text).substr(0, 40);
        for (char& c : shown) {
            if (c < 0x20 || c > 0x7E) c = '?';
        }
        throw std::invalid_argument(std::string(name) + ": \"" + shown + "\" is not allowed; use " +
                                    std::string(allowed));
    }
    setting = *value;
}

void apply_environment(Options& options) {
    apply_variable<Level>(
        "ARMATURE_LOG_LEVEL", options.level,
        [](std::string_view text) { return parse_level(text); },
        "trace, debug, info, warn, error, critical or off");
    apply_variable<Format>(
        "ARMATURE_LOG_FORMAT", options.format,
        [](std::string_view text) { return parse_format(text); }, "json or pretty");
}

std::shared_ptr<Backend> make_backend(const Options& options) {
    return std::make_shared<Backend>(std::make_shared<detail::Sink>(options.file, options.format),
                                     options.queue_capacity);
}

/// Needs the state's lock. Returns the backend that was replaced.
std::shared_ptr<Backend> install(State& s, std::shared_ptr<Backend> backend, Level level) {
    static const bool at_exit = std::atexit([] { shutdown(); }) == 0;
    (void)at_exit;
    s.level = level;
    if (!s.capturing) detail::threshold.store(level, std::memory_order_relaxed);
    std::swap(s.backend, backend);
    return backend;
}

/// Ends a backend here rather than in a thread that happens to be logging to it.
void retire(std::shared_ptr<Backend> backend) {
    while (backend.use_count() > 1)
        std::this_thread::yield();
}

void start_by_itself(State& s) {
    Options options;
    try {
        apply_environment(options);
    } catch (const std::invalid_argument&) {
        options = {};
    }
    install(s, make_backend(options), options.level);
}

void append_captured(State& s, Level level, std::string_view message, Fields fields) {
    CapturedRecord record{level, std::string(message), {}};
    for (const Field& field : fields) {
        record.fields.emplace_back(field.name, detail::plain_text(field.value));
    }
    s.captured.push_back(std::move(record));
}

} // namespace

namespace detail {

// Everything passes until the first record or `configure` sets the real level.
std::atomic<Level> threshold{Level::trace};

void write(Level level, std::string_view message, Fields fields) noexcept {
    if (level == Level::off) return;
    try {
        State& s = state();
        std::shared_ptr<Backend> backend;
        {
            const std::lock_guard lock(s.mutex);
            if (s.capturing) return append_captured(s, level, message, fields);
            if (!s.backend) start_by_itself(s);
            backend = s.backend;
        }
        if (enabled(level)) backend->write(level, message, fields);
    } catch (...) {
        lost_records.fetch_add(1, std::memory_order_relaxed);
    }
}

} // namespace detail

std::string_view to_string(Level level) noexcept {
    return level_names[static_cast<std::size_t>(level)];
}

std::optional<Level> parse_level(std::string_view name) noexcept {
    for (std::size_t i = 0; i < level_names.size(); ++i) {
        if (level_names[i] == name) return static_cast<Level>(i);
    }
    return std::nullopt;
}

std::optional<Format> parse_format(std::string_view name) noexcept {
    if (name == "json") return Format::json;
    if (name == "pretty") return Format::pretty;
    return std::nullopt;
}

void configure(Options options) {
    apply_environment(options);
    if (options.queue_capacity < 1 || options.queue_capacity > 1'000'000) {
        throw std::invalid_argument("log::Options::queue_capacity: use 1 to 1000000");
    }
    std::shared_ptr<Backend> backend = make_backend(options);
    std::shared_ptr<Backend> previous;
    {
        State& s = state();
        const std::lock_guard lock(s.mutex);
        previous = install(s, std::move(backend), options.level);
        s.configured = true;
    }
    retire(std::move(previous));
}

void start() {
    State& s = state();
    {
        const std::lock_guard lock(s.mutex);
        if (s.configured) return;
    }
    configure();
}

bool flush(std::int64_t timeout_ms) noexcept {
    try {
        State& s = state();
        std::shared_ptr<Backend> backend;
        {
            const std::lock_guard lock(s.mutex);
            backend = s.backend;
        }
        return !backend || backend->flush(timeout_ms);
    } catch (...) {
        return false;
    }
}

void shutdown() noexcept {
    try {
        State& s = state();
        std::shared_ptr<Backend> previous;
        {
            const std::lock_guard lock(s.mutex);
            if (!s.backend) return;
            auto direct = std::make_shared<Backend>(s.backend->sink(), 0);
            previous = install(s, std::move(direct), s.level);
        }
        retire(std::move(previous));
    } catch (...) {
        flush();
    }
}

std::uint64_t dropped() noexcept { return detail::lost_records.load(std::memory_order_relaxed); }

std::string_view CapturedRecord::field(std::string_view name) const noexcept {
    for (const auto& [field_name, text] : fields) {
        if (field_name == name) return text;
    }
    return {};
}

Capture::Capture(Level level) {
    State& s = state();
    const std::lock_guard lock(s.mutex);
    if (s.capturing) throw std::logic_error("log::Capture: another one is active");
    s.capturing = true;
    s.captured.clear();
    detail::threshold.store(level, std::memory_order_relaxed);
}

Capture::~Capture() {
    State& s = state();
    const std::lock_guard lock(s.mutex);
    s.capturing = false;
    detail::threshold.store(s.level, std::memory_order_relaxed);
}

std::vector<CapturedRecord> Capture::records() const {
    State& s = state();
    const std::lock_guard lock(s.mutex);
    return s.captured;
}

} // namespace armature::log
