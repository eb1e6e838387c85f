#pragma once

#include <armature/app/app.hpp>
#include <armature/core/duration.hpp>
#include <armature/core/task.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace armature {

/// Whether a process lives, and whether it can serve: for those who restart it and those who send
/// it requests.
///
///     app.service(health(Health{}
///         .check("database", [db] { return db.ping(); })      // bool or Task<bool>
///         .check("queue", connect_to_queue, Duration::seconds(5))));   // throws if it can't
///
/// | request | answer |
/// |---|---|
/// | `GET /health/live` | 200 as long as the event loop turns; it runs no check: restarting a
/// process doesn't mend its database | | `GET /health/ready` | 200 when every check passed, 503
/// when one failed or the server shuts down |
///
/// Both answer `{"status":"pass"}` or "fail"; the second also names its checks:
/// `{"status":"fail","checks":{"database":{"status":"pass"},"queue":{"status":"fail"}}}`.
class Health {
  public:
    Health();
    Health(Health&&) noexcept;
    Health& operator=(Health&&) noexcept;
    ~Health();

    /// Adds a check, a function without parameters: it fails when it returns false, when it throws
    /// or when it takes longer than `timeout`, at least 1 ms, and 2 s unless given; then it is
    /// cancelled. It returns bool or nothing, or a Task of these, and runs on the event loop of
    /// whoever asks: it mustn't block. All checks run at the same time. While a run that took too
    /// long hasn't ended, no other one of that check begins; it fails.
    ///
    /// Throws std::invalid_argument for an empty name or one that is there already.
    template <class F>
    Health& check(std::string name, F function, Duration timeout = Duration::seconds(2)) & {
        using Result = std::invoke_result_t<const F&>;
        static_assert(std::is_void_v<Result> || std::is_same_v<Result, bool> ||
                          std::is_same_v<Result, Task<>> || std::is_same_v<Result, Task<bool>>,
                      "armature: a health check returns bool or void, or a Task of one of these");
        const auto run = [](const void* object) {
            return run_check<Result>(*static_cast<const F*>(object));
        };
        add(std::move(name), timeout, std::make_shared<const F>(std::move(function)), run);
        return *this;
    }
    template <class F>
    Health&& check(std::string name, F function, Duration timeout = Duration::seconds(2)) && {
        return std::move(check(std::move(name), std::move(function), timeout));
    }

    /// Has the answer say why a check failed: `"detail":"timed out"`, or what it threw. That may
    /// tell strangers about your machines, so it is off unless asked for. The log has it always,
    /// when a check begins to fail.
    Health& show_details(bool on = true) &;
    Health&& show_details(bool on = true) && { return std::move(show_details(on)); }

    class Impl; // inside of the library only

  private:
    friend Scope health(Health health, std::string prefix);
    using Run = Task<bool> (*)(const void* object);
    void add(std::string name, Duration timeout, std::shared_ptr<const void> object, Run run);

    template <class Result, class F>
    static Task<bool> run_check(const F& function) {
        if constexpr (std::is_same_v<Result, bool>) {
            co_return function();
        } else if constexpr (std::is_void_v<Result>) {
            function();
            co_return true;
        } else if constexpr (std::is_same_v<Result, Task<bool>>) {
            co_return co_await function();
        } else {
            co_await function();
            co_return true;
        }
    }

    std::shared_ptr<Impl> impl_;
};

/// The routes of `Health`, below `prefix`.
[[nodiscard]] Scope health(Health health, std::string prefix = "/health");

} // namespace armature
