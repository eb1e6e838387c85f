#pragma once

#include "cli/dev/failure.hpp"

#include <armature/core/task.hpp>
#include <armature/store/pub_sub.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

namespace armature::cli::dev {

/// What requests have to know of the program: whether they may go to it, have to wait, or get the
/// page of a failure. The supervisor's thread changes it, the proxy's loop asks.
class Situation {
  public:
    /// Lets the supervisor wait, before it ends the program, for those who expect an answer.
    class Pass {
      public:
        Pass() noexcept = default;
        explicit Pass(Situation& of) noexcept : situation_(&of) {}
        Pass(Pass&& other) noexcept : situation_(std::exchange(other.situation_, nullptr)) {}
        Pass& operator=(Pass&& other) noexcept {
            std::swap(situation_, other.situation_);
            return *this;
        }
        ~Pass() { give_back(); }
        void give_back() noexcept;

      private:
        Situation* situation_ = nullptr;
    };
    struct View {
        /// Each time the program was started, or failed, counts: a page of another number is old.
        std::uint64_t generation = 0;
        std::shared_ptr<const Failure> failure; ///< null: the program runs
        Pass pass;                              ///< of a request that goes to the program
    };

    // --- the supervisor ---

    /// From now on requests wait.
    void changing();
    /// Nothing came of it: they go on as before.
    void unchanged();
    void running();
    void failed(Failure failure);
    /// Waits until nobody expects an answer of the program any more; false when it took too long.
    [[nodiscard]] bool wait_until_unused(std::chrono::milliseconds at_most);

    // --- requests ---

    /// Waits while it changes.
    [[nodiscard]] Task<View> settled();
    /// Waits until the generation isn't `known`.
    [[nodiscard]] Task<std::uint64_t> generation_after(std::uint64_t known);
    /// The program that was started as `generation` still runs, as far as is known.
    [[nodiscard]] bool is_running(std::uint64_t generation) const;

  private:
    void settle(bool is_new, std::shared_ptr<const Failure> failure);

    mutable std::mutex mutex_;
    std::condition_variable unused_;
    std::uint64_t generation_ = 0;
    std::uint64_t passes_ = 0;
    bool is_changing_ = true;
    std::shared_ptr<const Failure> failure_;
    MemoryPubSub settled_;
};

} // namespace armature::cli::dev
