#include "observability/access_writer.hpp"
#include "observability/clock.hpp"

#include <armature/observability/tracing.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

namespace armature {

namespace {

constexpr std::size_t batch_bytes = 64 * 1024;
constexpr std::chrono::milliseconds batch_time{100};

/// Writes to a descriptor and closes it at the end.
class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { ::close(number_); }

    void write(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t written = ::write(number_, text.data(), text.size());
            if (written >= 0) {
                text.remove_prefix(static_cast<std::size_t>(written));
            } else if (errno == EAGAIN) { // somebody who shares it made it non-blocking
                pollfd ready{number_, POLLOUT, 0};
                ::poll(&ready, 1, -1);
            } else if (errno != EINTR) {
                throw std::system_error(errno, std::generic_category(), "the access log");
            }
        }
    }

  private:
    int number_;
};

std::shared_ptr<const Descriptor> take(int number, const std::string& what) {
    if (number < 0) throw std::system_error(errno, std::generic_category(), what);
    return std::make_shared<const Descriptor>(number);
}

void write_to_descriptor(const void* object, std::string_view lines) {
    static_cast<const Descriptor*>(object)->write(lines);
}

// When a request began.
struct AccessStart {
    std::int64_t at;
};

std::string_view without_query(std::string_view text, bool logs_query) noexcept {
    return logs_query ? text : text.substr(0, text.find('?'));
}

} // namespace

AccessOutput::AccessOutput(const char* path)
    : object_(take(::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640),
                   std::string{"can't open the access log "} + path)),
      call_(&write_to_descriptor) {}
AccessOutput::AccessOutput(const std::string& path) : AccessOutput(path.c_str()) {}
AccessOutput::AccessOutput(int descriptor)
    : object_(take(::fcntl(descriptor, F_DUPFD_CLOEXEC, 3),
                   "can't use the descriptor of the access log")),
      call_(&write_to_descriptor) {}

// --- the writer ---------------------------------------------------------------------------------

AccessLog::Writer::Writer(Format format, AccessOutput output, AccessLogOptions options)
    : format_(format), output_(std::move(output)), options_(options),
      wake_mask_(options.capacity / 2 - 1), ring_(options.capacity) {
    // Signals belong to the program's own threads, and a closed pipe must be an error here.
    sigset_t all, before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

AccessLog::Writer::~Writer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wanted_.notify_one();
    thread_.join();
}

void AccessLog::Writer::wake() noexcept {
    // Not asleep: then the ring is half full, and what is gathered is to be written now.
    const bool was_asleep = asleep_.exchange(false);
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
        hurry_ = hurry_ || !was_asleep;
    }
    wanted_.notify_one();
}

void AccessLog::Writer::flush() {
    const std::uint64_t target = ring_.pushed();
    std::unique_lock lock(mutex_);
    while (written_ < target) {
        woken_ = hurry_ = true;
        wanted_.notify_one();
        progress_.wait(lock);
    }
}

void AccessLog::Writer::run() {
    while (true) {
        bool stopping = false;
        {
            std::unique_lock lock(mutex_);
            asleep_.store(true);
            if (ring_.empty()) wanted_.wait(lock, [&] { return woken_ || stopping_; });
            asleep_.store(false);
            // Some more may come: they are written together.
            wanted_.wait_for(lock, batch_time, [&] { return hurry_ || stopping_; });
            woken_ = hurry_ = false;
            stopping = stopping_;
        }
        write_all();
        if (stopping) return;
    }
}

void AccessLog::Writer::write_all() {
    const std::int64_t offset =
        detail::nanoseconds(CLOCK_REALTIME) - detail::nanoseconds(CLOCK_MONOTONIC);
    const auto take = [&](const detail::AccessRecord& record) {
        try {
            format_(record, offset, lines_);
            ++gathered_;
        } catch (...) { // no memory
            dropped_.fetch_add(1, std::memory_order_relaxed);
        }
    };
    while (ring_.pop(take))
        if (lines_.size() >= batch_bytes) hand_over();
    hand_over();
    {
        const std::lock_guard lock(mutex_);
        written_ = ring_.popped();
    }
    progress_.notify_all();
}

void AccessLog::Writer::hand_over() noexcept {
    try {
        if (!lines_.empty()) output_.call_(output_.object_.get(), lines_);
    } catch (...) {
        dropped_.fetch_add(gathered_, std::memory_order_relaxed);
    }
    lines_.clear();
    gathered_ = 0;
}

// --- the middleware -----------------------------------------------------------------------------

namespace {

AccessLogOptions checked(AccessLogOptions options) {
    if (options.capacity < 16 || options.capacity > 65'536 ||
        !std::has_single_bit(options.capacity))
        throw std::invalid_argument(
            "AccessLogOptions::capacity is a power of two from 16 to 65536");
    return options;
}

} // namespace

AccessLog::AccessLog(std::shared_ptr<Writer> writer) noexcept : writer_(std::move(writer)) {}
AccessLog::AccessLog(AccessLogOptions options)
    : writer_(std::make_shared<Writer>(&detail::format_to_log,
                                       AccessOutput{[](std::string_view) {}}, checked(options))) {}
AccessLog AccessLog::combined(AccessOutput output, AccessLogOptions options) {
    return AccessLog{
        std::make_shared<Writer>(&detail::format_combined, std::move(output), checked(options))};
}
AccessLog AccessLog::json(AccessOutput output, AccessLogOptions options) {
    return AccessLog{
        std::make_shared<Writer>(&detail::format_json, std::move(output), checked(options))};
}

std::uint64_t AccessLog::dropped() const noexcept { return writer_->dropped(); }
void AccessLog::flush() const { writer_->flush(); }

void AccessLog::before(Request& request) const {
    request.attach(AccessStart{detail::nanoseconds()});
}

void AccessLog::after(Request& request, Response& response) const noexcept {
    const std::int64_t start = request.find<AccessStart>()->at;
    const std::int64_t end = detail::nanoseconds();
    writer_->push([&](detail::AccessRecord& record) {
        record.start = start;
        record.duration = end - start;
        record.peer = request.peer();
        record.protocol = request.protocol();
        record.status = static_cast<std::uint16_t>(response.status());
        const std::optional<std::uint64_t> bytes =
            request.method() == Method::head ? 0 : response.body().size();
        record.has_bytes = bytes.has_value();
        record.bytes = bytes.value_or(0);
        const bool query = writer_->logs_query();
        const auto copy = [](auto& to, std::string_view text) {
            return detail::AccessRecord::copy(to, text);
        };
        const Span* const span = request.find<Span>();
        record.has_trace = span != nullptr;
        if (span != nullptr) {
            copy(record.trace_id, span->trace_id());
            copy(record.span_id, span->span_id());
        }
        record.route_size = copy(record.route, request.route());
        record.method_size = copy(record.method, request.method_text());
        record.target_size = copy(record.target, without_query(request.target(), query));
        record.referer_size =
            copy(record.referer,
                 without_query(request.header(Field::referer).value_or(std::string_view{}), query));
        record.agent_size =
            copy(record.agent, request.header(Field::user_agent).value_or(std::string_view{}));
    });
}

} // namespace armature
