#pragma once

#include "mux/stream.hpp"
#include "testing/test_loop.hpp"
#include "testing/transport.hpp"

#include <armature/app/app.hpp>
#include <armature/testing/client.hpp>

#include <memory>

namespace armature::testkit {

class MemoryCall;

/// The way to an application in the same process. It is HTTP/2 without its frames: each request is
/// one of those streams that HTTP/2 and HTTP/3 sessions have, so limits, time-outs, content both
/// ways and WebSockets are what they are there.
class MemoryTransport final : public Transport,
                              mux::Carrier,
                              TestLoop::Goal,
                              public std::enable_shared_from_this<MemoryTransport> {
  public:
    /// Runs the application's hooks of its start. Throws what they throw.
    MemoryTransport(TestedApp&& app, const TestClientOptions& options);
    ~MemoryTransport() override;

    [[nodiscard]] std::unique_ptr<Call> begin(const Outgoing& request) override;
    [[nodiscard]] std::unique_ptr<Call> begin_websocket(const Outgoing& request) override;
    void advance(Duration by) override;
    [[nodiscard]] Duration elapsed() const override;
    [[nodiscard]] std::int64_t unix_seconds() const override;
    void begin_shutdown() override;

    [[nodiscard]] TestLoop& loop() noexcept { return loop_; }
    void settle() override { loop_.settle(*this); }
    /// Runs until `goal` is reached.
    [[nodiscard]] TestLoop::Outcome run(TestLoop::Goal& goal, Duration within);
    void look() override { let_readers_read(); }

  private:
    void announce_shutdown();
    [[nodiscard]] std::unique_ptr<MemoryCall> open(const Outgoing& request, bool is_websocket);
    [[nodiscard]] bool reached() override { return false; }

    void send_response(mux::Stream& stream) override;
    void send_continue(mux::Stream&) override {}
    void content_ready(mux::Stream&) override {}
    void consumed(mux::Stream&, std::size_t) override {}
    void dropped(mux::Stream&, std::size_t) override {}
    void fail(mux::Stream& stream) override;
    void finished(mux::Stream& stream) override;

    TestedApp app_;
    mux::HeadLimits limits_;
    TestLoop loop_;
    std::int64_t began_ = loop_.now();
    std::int64_t began_unix_;
    mux::StreamContext context_;
    std::int64_t last_id_ = 0;
    bool shutdown_announced_ = false;
};

/// A request of it.
class MemoryCall final : public Call {
  public:
    MemoryCall(std::shared_ptr<MemoryTransport> transport, std::string name, bool is_websocket);
    ~MemoryCall() override;

    void write(std::string_view bytes) override;
    void trailer(std::string_view name, std::string_view value) override;
    void finish() override;
    [[nodiscard]] bool has_head() override { return has_head_; }
    void wait_for_head() override;
    [[nodiscard]] Got read(std::string& bytes, Duration within) override;

  private:
    friend class MemoryTransport;
    [[nodiscard]] bool content_is_there() const noexcept;
    void let_produce();
    void close();
    [[noreturn]] void give_up(TestLoop::Outcome outcome, const char* what) const;

    std::shared_ptr<MemoryTransport> transport_;
    std::string name_; ///< for messages
    mux::Stream* stream_ = nullptr;
    Headers request_trailers_;
    bool is_websocket_;
    bool has_head_ = false;
    bool broken_ = false;
};

} // namespace armature::testkit
