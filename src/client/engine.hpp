#pragma once

#include <armature/client/client.hpp>
#include <armature/core/scheduler.hpp>

#include <curl/curl.h>

#include <memory>
#include <string>
#include <vector>

namespace armature::client {

class Transfer;

/// The connections of one loop: libcurl's multi interface, driven by the loop's descriptors and
/// timers. No coroutine is resumed inside of libcurl's callbacks, which may not call it again.
class Engine final : Timer {
  public:
    Engine(Scheduler& loop, const ClientOptions& options);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    [[nodiscard]] Scheduler& loop() noexcept { return loop_; }
    [[nodiscard]] const ClientOptions& options() const noexcept { return options_; }
    /// Begins a transfer. Throws `ClientError`.
    void add(Transfer& transfer);
    void remove(Transfer& transfer) noexcept;
    /// Something changed for a task that waits: look after it when libcurl has returned.
    void mark_ready(Transfer& transfer);
    /// Lets libcurl go on with a transfer that was paused.
    void unpause(Transfer& transfer);

  private:
    class Socket;
    // Resumes who became ready. Not at once: a timer, so that libcurl isn't on the stack.
    struct Wakeup final : Timer {
        explicit Wakeup(Engine& of) noexcept : engine(of) {}
        void expired() override { engine.run_ready(); }
        Engine& engine;
    };

    void expired() override { act(CURL_SOCKET_TIMEOUT, 0); }
    void act(curl_socket_t socket, int events);
    void run_ready();
    static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* of);
    static int on_timer(CURLM* multi, long milliseconds, void* self);

    Scheduler& loop_;
    const ClientOptions& options_;
    CURLM* multi_;
    std::vector<Transfer*> ready_;
    std::vector<std::unique_ptr<Socket>> closed_; ///< until no event of this turn can name them
    Wakeup wakeup_{*this};
    bool is_ending_ = false;
};

} // namespace armature::client
