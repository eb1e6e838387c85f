#pragma once

#include <armature/core/scheduler.hpp>

#include <cstdint>

namespace armature::server {

/// One thread's epoll loop. What a socket needs per request is one `recv` and one `send`: sockets
/// are registered once, edge-triggered, and no call to the kernel follows until they go.
class EventLoop final : public LocalLoop {
  public:
    using Watcher = IoWatcher;

    /// Something to look after before the loop sleeps; at most once in the list.
    class Deferred {
      public:
        Deferred() noexcept = default;
        Deferred(const Deferred&) = delete;
        Deferred& operator=(const Deferred&) = delete;

      protected:
        ~Deferred() = default;

      private:
        friend class EventLoop;
        virtual void run_deferred() = 0;
        Deferred* next_ = nullptr;
        bool queued_ = false;
    };

    EventLoop();

    /// Turns until `stop`, on the calling thread.
    void run();
    /// Makes `run` return after the current turn. On the loop's own thread.
    void stop() noexcept { stopping_ = true; }

    using Scheduler::begin_drain;
    [[nodiscard]] bool at_turn_end(TurnHook& hook) noexcept override {
        add(hook);
        return true;
    }

    void defer(Deferred& deferred) noexcept;

    /// What `on_events` is called with after `call_again`.
    static constexpr std::uint32_t no_event = 0;
    /// So many may wait to be called again: more gain nothing, and the first has to wait for them.
    static constexpr std::size_t most_again = 8;
    /// From within `on_events` with an event, once: has it called again with `no_event` when some
    /// others had theirs. For what is cheaper by itself, as sending is: each send goes through the
    /// kernel's whole way to the peer, and displaces from the caches what receiving needs.
    void call_again(Watcher& watcher) noexcept { again_[again_count_++] = &watcher; }

    /// Called once a turn, after the clock was read.
    class Ticker {
      public:
        virtual void tick() = 0;

      protected:
        ~Ticker() = default;
    };
    void set_ticker(Ticker& ticker) noexcept { ticker_ = &ticker; }

  private:
    void run_deferred();
    void run_again();

    Watcher* again_[most_again] = {};
    std::size_t again_count_ = 0;
    bool stopping_ = false;
    Ticker* ticker_ = nullptr;
    Deferred* deferred_first_ = nullptr;
    Deferred* deferred_last_ = nullptr;
};

} // namespace armature::server
