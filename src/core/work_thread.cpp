#include "core/work_thread.hpp"

#include <csignal>

namespace armature {

void leave_signals_to_others() noexcept {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP})
        sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

WorkThread::WorkThread() : thread_([this] { serve(); }) {}

WorkThread::~WorkThread() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

bool WorkThread::post(std::function<void()> function) {
    constexpr std::size_t most = 4096;
    {
        const std::lock_guard lock{mutex_};
        if (waiting_.size() >= most) return false;
        waiting_.push_back(std::move(function));
    }
    wake_.notify_one();
    return true;
}

void WorkThread::serve() {
    leave_signals_to_others();
    std::unique_lock lock{mutex_};
    for (;;) {
        wake_.wait(lock, [this] { return !waiting_.empty() || stopping_; });
        if (waiting_.empty()) return;
        {
            const std::function<void()> work = std::move(waiting_.front());
            waiting_.pop_front();
            lock.unlock();
            work();
        }
        lock.lock();
    }
}

} // namespace armature
