#pragma once

#include "core/work_thread.hpp"

#include <armature/jobs/jobs.hpp>

#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature {

/// A store, and the thread that all its calls are made on.
class Jobs::Impl {
  public:
    explicit Impl(std::unique_ptr<JobStore> store);
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    /// Runs `function(JobStore&)` on the store's thread and gives its result. It has to live until
    /// then: the task can't be destroyed before.
    template <class Function>
    Task<std::invoke_result_t<Function&, JobStore&>> call(Function function) {
        auto work = [this, function = std::move(function)]() mutable { return function(*store_); };
        return thread_.call(std::move(work));
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
    std::unique_ptr<JobStore> store_;
    std::mutex listeners_mutex_;
    std::vector<Listener*> listeners_;
    WorkThread thread_; ///< after the store, which it uses until its end
};

} // namespace armature
