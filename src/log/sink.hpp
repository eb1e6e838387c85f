#pragma once

#include "log/format.hpp"

#include <armature/log/log.hpp>

#include <spdlog/sinks/sink.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

namespace spdlog::details {
class thread_pool;
}

namespace armature::log::detail {

/// Records lost since the process began.
extern std::atomic<std::uint64_t> lost_records;

/// Writes finished lines to one file descriptor. While a queue feeds it, lines are gathered until
/// the queue is empty, so that a burst costs few system calls.
class Sink final : public spdlog::sinks::sink {
  public:
    /// Errors: `std::system_error` when the file can't be opened.
    Sink(const std::string& file, Format format);
    ~Sink() override;

    [[nodiscard]] Format format() const noexcept { return format_; }
    [[nodiscard]] bool colour() const noexcept { return colour_; }

    void attach(spdlog::details::thread_pool& queue);
    /// Writes what was gathered; from now on every line is written at once.
    void detach();

    void log(const spdlog::details::log_msg& record) override;

    /// Waits until `target` records, written or overrun, have left the queue.
    bool wait_for(std::uint64_t target, std::int64_t timeout_ms);

    // Lines arrive finished and leave by themselves: spdlog's own machinery is not used.
    void flush() override {}
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  private:
    void report_overruns(spdlog::log_clock::time_point time);
    void write_out();
    [[nodiscard]] bool write_bytes() const noexcept;

    const int descriptor_;
    const Format format_;
    const bool colour_;

    std::mutex mutex_;
    spdlog::details::thread_pool* queue_ = nullptr;
    std::string gathered_;
    std::uint64_t gathered_records_ = 0;

    std::mutex progress_mutex_;
    std::condition_variable progress_;
    std::uint64_t done_ = 0;
    std::uint64_t overrun_ = 0;
};

} // namespace armature::log::detail
