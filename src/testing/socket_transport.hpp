#pragma once

#include "testing/transport.hpp"

#include <armature/client/client.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/server/server.hpp>
#include <armature/testing/client.hpp>

#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace armature::testkit {

/// The way to an application behind a server of its own on the loopback interface, which has a
/// thread. WebSockets go by HTTP/1.1 without TLS, the rest by `Client`.
class SocketTransport final : public Transport,
                              public std::enable_shared_from_this<SocketTransport> {
  public:
    SocketTransport(TestedApp&& app, const TestClientOptions& options);
    ~SocketTransport() override;

    [[nodiscard]] std::unique_ptr<Call> begin(const Outgoing& request) override;
    [[nodiscard]] std::unique_ptr<Call> begin_websocket(const Outgoing& request) override;
    void settle() override { run_for(Duration{}); }
    void advance(Duration by) override { run_for(by); }
    [[nodiscard]] Duration elapsed() const override;
    [[nodiscard]] std::int64_t unix_seconds() const override;
    void begin_shutdown() override { server_->stop(); }

    /// Turns the client's loop until `done` holds; false when that takes longer than `within`.
    template <class Done>
    [[nodiscard]] bool run_until(Done done, Duration within) {
        const std::int64_t end = steady_now() + within.count();
        while (!done()) {
            const std::int64_t left = end - steady_now();
            if (left <= 0) return false;
            turn(left);
        }
        return true;
    }
    [[nodiscard]] LocalLoop& loop() noexcept { return loop_; }
    [[nodiscard]] Client& client() noexcept { return *client_; }
    [[nodiscard]] const std::string& plain_address() const noexcept {
        return server_->addresses().front();
    }
    [[nodiscard]] Duration patience() const noexcept { return patience_; }
    /// Whatever a call of this loop waited for may have come.
    void notice() noexcept { noticed_ = true; }

  private:
    void run_for(Duration time);
    void turn(std::int64_t milliseconds);

    TestedApp app_;
    Duration patience_;
    std::optional<Server> server_;
    std::thread thread_;
    LocalLoop loop_;
    std::optional<Client> client_;
    std::int64_t began_ = steady_now();
    bool noticed_ = false;
};

} // namespace armature::testkit
