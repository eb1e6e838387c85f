#pragma once

#include <armature/core/scheduler.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace armature::redis {

/// One `T` for each event loop, made when it is first needed there. `T` has `loop_lives()`.
template <class T>
class PerLoop {
  public:
    /// That of the calling thread's loop; `make` gives a `std::shared_ptr<T>`. Shared, because a
    /// loop that is made where another was gets a new one.
    template <class Make>
    [[nodiscard]] std::shared_ptr<T> get(Make&& make) {
        Scheduler& loop = Scheduler::current();
        const std::lock_guard lock{mutex_};
        std::shared_ptr<T>& mine = all_[&loop];
        if (!mine || !mine->loop_lives()) mine = std::forward<Make>(make)(loop);
        return mine;
    }

  private:
    std::mutex mutex_;
    std::map<Scheduler*, std::shared_ptr<T>> all_;
};

} // namespace armature::redis
