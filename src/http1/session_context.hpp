#pragma once

#include "session/session.hpp"

#include <armature/core/exchange.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/http1/head_writer.hpp>
#include <armature/http1/limits.hpp>
#include <armature/http1/parser.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace armature::http1 {

struct SessionLimits {
    HeadLimits head;
    ChunkLimits chunk;
    /// After that many requests the connection is closed, so that load spreads again.
    std::uint32_t requests_per_connection = 1'000'000;
    /// Content that a handler left unread is read and dropped up to this many bytes, to keep the
    /// connection; more closes it.
    std::uint64_t drain_bytes = 256 * 1024;
};

class Session;

/// An exchange that belongs to a session from the moment its handler may outlive the read buffer.
class SessionExchange final : public Exchange, Timer {
  public:
    using Exchange::reset;
    void arm_deadline(Scheduler& loop, Duration timeout) {
        loop.timers().arm(*this, loop.now() + timeout.count());
    }
    void disarm_deadline() noexcept { TimerQueue::disarm(*this); }

    Session* session = nullptr;
    bool keep_alive = true;
    bool is_head = false;
    bool http_1_0 = false;
    bool may_upgrade = false;
    SessionExchange* next_free = nullptr;

  private:
    void completed() override;
    void expired() override { cancellation.request(CancelReason::deadline); }
};

/// Bytes of one connection that must outlive a turn of the loop: an unfinished head, unread
/// content, requests behind the one being handled.
struct Input {
    /// How much is read at once: of heads, and of content.
    static constexpr std::size_t usual_bytes = 16 * 1024;
    static constexpr std::size_t content_bytes = 64 * 1024;

    std::vector<char> buffer; ///< `HeadParser::slack` bytes longer than what may be filled
    std::size_t begin = 0;
    std::size_t end = 0;
    HeadParser parser;
    ParsedHead head;
    Headers fields; ///< of `head`, while it is not complete

    [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
    [[nodiscard]] const char* data() const noexcept { return buffer.data() + begin; }
};

/// What the sessions of one loop share: buffers, free lists, the fields that every response has.
class SessionContext {
  public:
    SessionContext(const Dispatcher& dispatcher, const SessionLimits& limits, Scheduler& loop,
                   bool secure = false);
    SessionContext(const SessionContext&) = delete;
    SessionContext& operator=(const SessionContext&) = delete;
    ~SessionContext();

    static constexpr std::size_t read_bytes = 64 * 1024;
    static constexpr std::size_t kept_output_bytes = 64 * 1024;
    /// So many sessions may have output that waits to be sent; another keeps its own.
    static constexpr std::size_t outputs_at_once = 8;

    const Dispatcher& dispatcher;
    const SessionLimits& limits;
    Scheduler& loop;
    const bool secure; ///< the connections are TLS
    /// Server, Date and the like; the shell renews them once a second.
    void set_common_fields(const Headers& fields);
    [[nodiscard]] std::string_view common_fields() const noexcept {
        return std::string_view{ok_and_common_fields_}.substr(ok_line.size());
    }
    /// Set while the server shuts down: responses announce the end of their connection.
    bool draining = false;

    [[nodiscard]] std::unique_ptr<Input> take_input();
    void give_back(std::unique_ptr<Input> input) noexcept;

    /// What an upgraded connection's bytes are read into before anybody knows whether they have to
    /// be kept: it becomes that session's input for as long as its reader isn't through with them.
    [[nodiscard]] std::unique_ptr<Input>& upgraded_input() {
        if (!upgraded_input_) [[unlikely]]
            make_upgraded_input();
        return upgraded_input_;
    }
    void give_back_upgraded(std::unique_ptr<Input>& input) noexcept {
        if (upgraded_input_) return give_back(std::move(input));
        upgraded_input_ = std::move(input);
    }

    /// Null when all are in use.
    [[nodiscard]] session::OutputBuffer* take_output() noexcept {
        return free_output_count_ > 0 ? free_outputs_[--free_output_count_] : nullptr;
    }
    void give_back(session::OutputBuffer& output) noexcept {
        output.clear();
        output.trim(kept_output_bytes);
        free_outputs_[free_output_count_++] = &output;
    }

  private:
    friend class Session;

    void make_upgraded_input();
    SessionExchange* take_exchange();
    void give_back(SessionExchange* exchange) noexcept;

    std::vector<char> read_buffer_;
    HeadParser parser_;
    ParsedHead head_;
    SessionExchange* scratch_; ///< for requests that are answered before the loop turns
    SessionExchange* free_exchanges_ = nullptr;
    std::size_t free_exchange_count_ = 0;
    std::vector<std::unique_ptr<Input>> free_inputs_;
    std::unique_ptr<Input> upgraded_input_;
    static constexpr std::string_view ok_line = "HTTP/1.1 200 OK\r\n";
    std::string ok_and_common_fields_{ok_line}; ///< how nearly every response begins
    // Of the sessions that are being served right now.
    std::array<session::OutputBuffer, outputs_at_once> outputs_;
    std::array<session::OutputBuffer*, outputs_at_once> free_outputs_;
    std::size_t free_output_count_ = 0;
};

} // namespace armature::http1
