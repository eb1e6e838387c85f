#include "log/sink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <system_error>

namespace armature::log::detail {
namespace {

constexpr std::size_t gather_bytes = 64 * 1024;

int open_descriptor(const std::string& file) {
    // A duplicate, so that the sink owns what it closes.
    const int descriptor =
        file.empty()
            ? ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
            : ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
    // A daemon may have closed standard error: then there is nowhere to write to.
    if (descriptor < 0 && !file.empty()) {
        throw std::system_error(errno, std::generic_category(), "can't open the log file " + file);
    }
    return descriptor;
}

/// https://no-color.org: set and not empty turns colour off.
bool wants_colour(int descriptor) noexcept {
    const char* no_color = std::getenv("NO_COLOR");
    return (no_color == nullptr || *no_color == '\0') && ::isatty(descriptor) == 1;
}

} // namespace

std::atomic<std::uint64_t> lost_records{0};

Sink::Sink(const std::string& file, Format format)
    : descriptor_(open_descriptor(file)), format_(format), colour_(wants_colour(descriptor_)) {}

Sink::~Sink() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void Sink::attach(spdlog::details::thread_pool& queue) {
    const std::lock_guard lock(mutex_);
    queue_ = &queue;
}

void Sink::detach() {
    const std::lock_guard lock(mutex_);
    queue_ = nullptr;
    write_out();
}

void Sink::log(const spdlog::details::log_msg& record) {
    const std::lock_guard lock(mutex_);
    if (queue_ != nullptr) report_overruns(record.time);
    gathered_.append(record.payload.data(), record.payload.size());
    gathered_ += '\n';
    ++gathered_records_;
    if (queue_ == nullptr || gathered_.size() >= gather_bytes || queue_->queue_size() == 0) {
        write_out();
    }
}

void Sink::report_overruns(spdlog::log_clock::time_point time) {
    const std::uint64_t overrun = queue_->overrun_counter();
    std::uint64_t count = 0;
    {
        const std::lock_guard lock(progress_mutex_);
        count = overrun - overrun_;
        overrun_ = overrun;
    }
    if (count == 0) return;
    lost_records.fetch_add(count, std::memory_order_relaxed);
    Line line;
    format_record(line, format_, colour_, time, Level::warn, "log records dropped",
                  {{"count", count}});
    line.push_back('\n');
    gathered_.append(line.data(), line.size());
}

void Sink::write_out() {
    if (!write_bytes()) {
        lost_records.fetch_add(gathered_records_, std::memory_order_relaxed);
    }
    gathered_.clear();
    {
        const std::lock_guard lock(progress_mutex_);
        done_ += gathered_records_;
    }
    gathered_records_ = 0;
    progress_.notify_all();
}

bool Sink::write_bytes() const noexcept {
    const char* next = gathered_.data();
    std::size_t left = gathered_.size();
    while (left > 0) {
        const ssize_t written = ::write(descriptor_, next, left);
        if (written >= 0) {
            next += written;
            left -= static_cast<std::size_t>(written);
        } else if (errno == EAGAIN) {
            // Standard error is shared: somebody else may have made it non-blocking.
            pollfd ready{descriptor_, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

bool Sink::wait_for(std::uint64_t target, std::int64_t timeout_ms) {
    std::unique_lock lock(progress_mutex_);
    return progress_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                              [&] { return done_ + overrun_ >= target; });
}

} // namespace armature::log::detail
