#pragma once

#include "observability/span_record.hpp"

#include <armature/core/scheduler.hpp>
#include <armature/observability/tracing.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace armature {
class Client;
}

namespace armature::detail {

/// Takes spans that ended and sends them from a thread of its own.
class Exporter {
  public:
    explicit Exporter(TracerOptions options);
    ~Exporter();
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;

    [[nodiscard]] const TracerOptions& options() const noexcept { return options_; }
    [[nodiscard]] bool records() const noexcept { return !options_.endpoint.empty(); }
    /// From any thread; waits for nothing. Takes it over.
    void push(SpanRecord* record) noexcept;
    bool flush(Duration timeout);
    [[nodiscard]] std::uint64_t dropped() const noexcept {
        return dropped_.load(std::memory_order_relaxed);
    }

  private:
    /// Gives up the export under way, and those that would follow: the time for it is over.
    struct GiveUp final : Job {
        explicit GiveUp(Cancellation& of) noexcept : cancellation(of) {}
        void run() override { cancellation.request(CancelReason::shutdown); }
        Cancellation& cancellation;
    };
    enum class Outcome : std::uint8_t { sent, refused, try_again };
    struct Answer {
        Outcome outcome;
        std::uint64_t rejected = 0; ///< spans that were sent but not taken
        std::string why = {};
        Duration wait = {}; ///< Retry-After
    };

    void wake() noexcept;
    void run();
    void send_all(Client& client);
    void send(Client& client, std::span<SpanRecord* const> batch);
    Answer post(Client& client, const std::string& body);
    /// False when the tracer ends and its time is over.
    bool wait(Duration duration);
    void settle(std::size_t count, std::uint64_t lost);

    const TracerOptions options_;
    std::atomic<SpanRecord*> newest_{nullptr}; ///< a stack: one exchange takes all
    std::atomic<std::size_t> waiting_{0};      ///< also those that are being sent
    std::atomic<std::uint64_t> accepted_{0};
    std::atomic<std::uint64_t> dropped_{0};
    bool failing_ = false; ///< the thread's: so that the log says it once

    std::mutex mutex_;
    std::condition_variable wanted_;
    std::condition_variable progress_;
    bool woken_ = false;
    bool stopping_ = false;
    std::uint64_t settled_ = 0;
    bool is_given_up_ = false;  ///< the time for the end is over
    bool is_over_ = false;      ///< the thread has nothing more to do
    Cancellation cancellation_; ///< the thread's
    GiveUp give_up_{cancellation_};
    LocalLoop loop_;     ///< the thread's, but for `post`
    std::thread thread_; ///< last: it uses the others
};

/// A request of OTLP (ExportTraceServiceRequest) in JSON.
[[nodiscard]] std::string to_otlp(const TracerOptions& options, std::span<SpanRecord* const> spans);

} // namespace armature::detail
