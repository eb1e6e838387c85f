#pragma once

#include "support/sanitizers.hpp"

#include <armature/server/server.hpp>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace armature::testing {

/// A server on a free port of the loopback interface, in a thread of its own, until the end of the
/// scope.
class TestServer {
  public:
    explicit TestServer(Application app, ServerOptions options = quiet())
        : app_(std::move(app)), server_(app_, std::move(options)),
          thread_([this] { server_.run(); }) {}
    ~TestServer() { stop(); }

    /// One loop, a free port, no signals, a shutdown that doesn't wait.
    [[nodiscard]] static ServerOptions quiet() {
        ServerOptions options;
        options.http = {"127.0.0.1:0"};
        options.threads = 1;
        options.handle_signals = false;
        options.limits.shutdown_grace = Duration::milliseconds(100);
        return options;
    }

    [[nodiscard]] const std::string& address(std::size_t index = 0) const {
        return server_.addresses().at(index);
    }
    [[nodiscard]] const std::string& https_address() const {
        return server_.https_addresses().at(0);
    }
    [[nodiscard]] std::string url(std::string_view target) const {
        return "http://" + address() + std::string{target};
    }
    void begin_stop() { server_.stop(); }
    void stop() {
        server_.stop();
        if (thread_.joinable()) thread_.join();
    }

  private:
    Application app_;
    Server server_;
    std::thread thread_;
};

/// Looks again and again until `holds` is true; false when it isn't in time.
template <class Condition>
[[nodiscard]] bool eventually(Condition holds,
                              std::chrono::milliseconds within = std::chrono::seconds{20}) {
    const auto end = std::chrono::steady_clock::now() + within;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

/// Sanitizers keep freed memory for a while, so their builds get a larger allowance.
inline constexpr long memory_allowance = has_address_sanitizer || has_thread_sanitizer ? 16 : 1;

/// A value of /proc/self/status in KiB, for example "VmRSS" or "VmHWM".
[[nodiscard]] inline long memory_kib(const std::string& name) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
    throw std::runtime_error("no " + name);
}

} // namespace armature::testing
