#pragma once

#include "core/intrusive_queue.hpp"

#include <armature/jobs/jobs.hpp>

#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature {

namespace jobs {

/// For our own threads, when they begin: a connection that a peer closed mustn't end the process,
/// and what tells the program to stop is for those who wait for it.
inline void leave_signals_to_others() noexcept {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP})
        sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

} // namespace jobs

/// A store, and the thread that all its calls are made on.
class Jobs::Impl {
  public:
    explicit Impl(std::unique_ptr<JobStore> store);
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl();

    /// Runs `function(JobStore&)` on the store's thread and gives its result. It has to live until
    /// then: the task can't be destroyed before.
    template <class Function>
    Task<std::invoke_result_t<Function&, JobStore&>> call(Function function) {
        const auto work = std::make_shared<Call<Function>>(*this, std::move(function));
        co_await detail::run_blocking(work);
        if constexpr (!std::is_void_v<typename Call<Function>::Result>)
            co_return std::move(*work->result);
    }
    /// Who is told when jobs were added; kept until it is removed.
    class Listener {
      public:
        virtual void jobs_were_added() = 0;

      protected:
        ~Listener() = default;
    };
    void add(Listener& listener);
    void remove(Listener& listener) noexcept;
    void notify();

  private:
    class Work : public detail::BlockingWork {
      public:
        explicit Work(Impl& to) noexcept : impl(to) {}
        Impl& impl;

      private:
        bool depart() override { return impl.submit(*this); }
    };
    template <class Function>
    class Call final : public Work {
      public:
        using Result = std::invoke_result_t<Function&, JobStore&>;
        Call(Impl& to, Function&& moved) : Work(to), function(std::move(moved)) {}
        std::optional<std::conditional_t<std::is_void_v<Result>, char, Result>> result;

      private:
        void work() override {
            if constexpr (std::is_void_v<Result>)
                function(*impl.store_);
            else
                result.emplace(function(*impl.store_));
        }
        Function function;
    };

    bool submit(detail::BlockingWork& work);
    void serve();

    std::unique_ptr<JobStore> store_;
    std::mutex mutex_;
    std::condition_variable wake_;
    IntrusiveQueue<detail::BlockingWork> queue_;
    bool stopping_ = false;

    std::mutex listeners_mutex_;
    std::vector<Listener*> listeners_;
    std::thread thread_;
};

} // namespace armature
