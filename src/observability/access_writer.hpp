#pragma once

#include "observability/access_ring.hpp"

#include <armature/observability/access_log.hpp>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace armature {

/// The thread that turns records into lines and writes them.
class AccessLog::Writer {
  public:
    /// Appends the line of one record, or sends it on by itself. `offset` is what to add to the
    /// monotonic clock to have the time of day.
    using Format = void (*)(const detail::AccessRecord& record, std::int64_t offset,
                            std::string& lines);

    Writer(Format format, AccessOutput output, AccessLogOptions options);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// From any thread; waits for nothing.
    template <class Fill>
    void push(Fill fill) noexcept {
        const std::int64_t position = ring_.push(fill);
        if (position < 0) {
            dropped_.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        // Either this sees that the writer sleeps, or the writer sees the record before it does.
        if (asleep_.load() || (static_cast<std::uint64_t>(position) & wake_mask_) == wake_mask_)
            [[unlikely]]
            wake();
    }
    void flush();
    [[nodiscard]] std::uint64_t dropped() const noexcept {
        return dropped_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool logs_query() const noexcept { return options_.query; }

  private:
    void wake() noexcept;
    void run();
    void write_all();
    void hand_over() noexcept;

    const Format format_;
    const AccessOutput output_;
    const AccessLogOptions options_;
    const std::uint64_t wake_mask_; ///< at each of these positions the writer is woken: half full
    detail::AccessRing ring_;
    std::atomic<std::uint64_t> dropped_{0};
    std::atomic<bool> asleep_{false};

    std::string lines_;
    std::uint64_t gathered_ = 0;

    std::mutex mutex_;
    std::condition_variable wanted_;
    std::condition_variable progress_;
    bool woken_ = false;
    bool hurry_ = false;
    bool stopping_ = false;
    std::uint64_t written_ = 0;
    std::thread thread_; ///< last: it uses the others
};

namespace detail {
void format_combined(const AccessRecord& record, std::int64_t offset, std::string& lines);
void format_json(const AccessRecord& record, std::int64_t offset, std::string& lines);
void format_to_log(const AccessRecord& record, std::int64_t offset, std::string& lines);
} // namespace detail

} // namespace armature
