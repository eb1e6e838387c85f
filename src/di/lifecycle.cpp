#include "di/container.hpp"

#include <armature/core/cancellable_wait.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/log/log.hpp>

#include <stdexcept>

namespace armature::di {

using detail::Hook;
using detail::Hooks;

namespace {

// Runs a task until it ends or its time is over. Then it is cancelled, and destroyed if it goes on
// waiting for something nevertheless.
class Limited final : Timer {
  public:
    Limited(Task<> task, Duration timeout) noexcept : task_(std::move(task)), timeout_(timeout) {}

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiter) {
        waiter_ = waiter;
        if (task_.start(&ended, this, &cancellation_)) return false;
        Scheduler& loop = Scheduler::current();
        loop.timers().arm(*this, loop.read_clock() + timeout_.count());
        return true;
    }
    void await_resume() {
        if (timed_out_)
            throw std::runtime_error("it took longer than " + std::to_string(timeout_.count()) +
                                     " ms");
        task_.take_result();
    }

  private:
    static void ended(void* self) {
        auto& limited = *static_cast<Limited*>(self);
        if (limited.timed_out_) return; // it was cancelled, below
        TimerQueue::disarm(limited);
        limited.waiter_.resume();
    }
    void expired() override {
        timed_out_ = true;
        cancellation_.request(CancelReason::deadline);
        task_ = {};
        waiter_.resume();
    }

    Cancellation cancellation_;
    Task<> task_;
    Duration timeout_;
    std::coroutine_handle<> waiter_;
    bool timed_out_ = false;
};

Task<> run_hook(Hook hook, void* object, std::string_view signal, Duration timeout) {
    Task<> task = hook(object, signal);
    if (!task) co_return; // it wasn't a coroutine, and has run
    Limited limited{std::move(task), timeout};
    co_await limited;
}

std::string text_of_exception() {
    try {
        throw;
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

} // namespace

bool Container::has_hooks() const noexcept { return !hooked_.empty(); }

Task<> Container::run_forwards(Hook Hooks::* which, std::string_view name) {
    for (Node* const node : hooked_) {
        if (node->recipe().hooks->*which == nullptr) continue;
        std::string error;
        try {
            co_await run_hook(node->recipe().hooks->*which, node->object, {}, timeout_);
        } catch (...) {
            error = text_of_exception();
        }
        if (!error.empty())
            throw std::runtime_error("the application can't start: " + std::string{node->type()} +
                                     "::" + std::string{name} + " failed: " + error);
    }
}

Task<> Container::run_backwards(Hook Hooks::* which, std::string_view name,
                                std::string_view signal) {
    for (std::size_t i = hooked_.size(); i-- > 0;) {
        Node* const node = hooked_[i];
        if (node->recipe().hooks->*which == nullptr) continue;
        try {
            co_await run_hook(node->recipe().hooks->*which, node->object, signal, timeout_);
        } catch (...) {
            log::error("a shutdown hook failed",
                       {{"service", node->type()}, {"hook", name}, {"error", text_of_exception()}});
        }
    }
}

Task<> Container::start() {
    co_await run_forwards(&Hooks::on_module_init, "on_module_init");
    co_await run_forwards(&Hooks::on_application_bootstrap, "on_application_bootstrap");
}

Task<> Container::before_shutdown(std::string signal) {
    co_await run_backwards(&Hooks::before_application_shutdown, "before_application_shutdown",
                           signal);
}

Task<> Container::shutdown(std::string signal) {
    co_await run_backwards(&Hooks::on_application_shutdown, "on_application_shutdown", signal);
    co_await run_backwards(&Hooks::on_module_destroy, "on_module_destroy", signal);
}

} // namespace armature::di
