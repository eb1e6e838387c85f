#pragma once

#include <armature/core/scheduler.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

namespace armature {

/// For our own threads, when they begin: a connection that a peer closed mustn't end the process,
/// and what tells the program to stop is for those who wait for it.
void leave_signals_to_others() noexcept;

/// A thread for blocking work that has to be done one after the other, such as all that concerns
/// one connection to a database. What it was given is done before it ends.
class WorkThread {
  public:
    WorkThread();
    WorkThread(const WorkThread&) = delete;
    WorkThread& operator=(const WorkThread&) = delete;
    ~WorkThread();

    /// Runs `function()` on the thread and gives its result, or throws what it threw; `Error` 503
    /// when 4,096 calls wait. The thread has to live until then, whether or not the task does.
    template <class Function>
    [[nodiscard]] Task<std::invoke_result_t<Function&>> call(Function function) {
        const auto work = std::make_shared<Call<Function>>(*this, std::move(function));
        co_await detail::run_blocking(work);
        if constexpr (!std::is_void_v<typename Call<Function>::Result>)
            co_return std::move(*work->result);
    }

    /// Runs `function()`, which throws nothing, on the thread; nobody waits for it. False: 4,096
    /// calls wait already, and it won't run.
    [[nodiscard]] bool post(std::function<void()> function);

  private:
    class Work : public detail::BlockingWork {
      public:
        explicit Work(WorkThread& to) noexcept : thread_(to) {}

      private:
        bool depart() override {
            return thread_.post([this] { execute(); }); // it owns itself until it came back
        }
        WorkThread& thread_;
    };
    template <class Function>
    class Call final : public Work {
      public:
        using Result = std::invoke_result_t<Function&>;
        Call(WorkThread& to, Function&& moved) : Work(to), function(std::move(moved)) {}
        std::optional<std::conditional_t<std::is_void_v<Result>, char, Result>> result;

      private:
        void work() override {
            if constexpr (std::is_void_v<Result>)
                function();
            else
                result.emplace(function());
        }
        Function function;
    };

    void serve();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace armature
