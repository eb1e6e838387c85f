#pragma once

#include <cstdint>
#include <exception>

namespace armature {

/// Why a request was cancelled.
enum class CancelReason : std::uint8_t { none, client_gone, deadline, shutdown };

/// Thrown out of a `co_await` when the request it serves is cancelled. Let it pass: the framework
/// answers 503 where an answer is still possible. Catch it only to clean up, and rethrow.
class Cancelled : public std::exception {
  public:
    explicit Cancelled(CancelReason reason) noexcept : reason_(reason) {}
    [[nodiscard]] CancelReason reason() const noexcept { return reason_; }
    [[nodiscard]] const char* what() const noexcept override;

  private:
    CancelReason reason_;
};

class Cancellation;

/// Base of everything a task can wait for and that can be given up early.
/// Register with `Cancellation::add` while waiting; `cancelled` is then called at most once, after
/// the hook was taken off the list, and must make the waiter resume with `Cancelled`.
class CancelHook {
  public:
    CancelHook() noexcept = default;
    CancelHook(const CancelHook&) = delete;
    CancelHook& operator=(const CancelHook&) = delete;

  protected:
    ~CancelHook();

  private:
    friend class Cancellation;
    virtual void cancelled(CancelReason reason) = 0;

    Cancellation* owner_ = nullptr;
    CancelHook* next_ = nullptr;
    CancelHook** link_ = nullptr; // what points at us: unlinking needs no search
};

/// One request's cancellation state. Threads: used on its event loop only.
class Cancellation {
  public:
    Cancellation() noexcept = default;
    Cancellation(const Cancellation&) = delete;
    Cancellation& operator=(const Cancellation&) = delete;

    [[nodiscard]] bool requested() const noexcept { return reason_ != CancelReason::none; }
    [[nodiscard]] CancelReason reason() const noexcept { return reason_; }
    /// Throws `Cancelled` if cancellation was requested: for long computations.
    void check() const {
        if (requested()) throw Cancelled{reason_};
    }

    void add(CancelHook& hook) noexcept;
    static void remove(CancelHook& hook) noexcept;
    /// Ends every wait that is registered, and every later one at once. The first reason stays.
    void request(CancelReason reason);
    /// Makes the object fit for the next request. No hook may be registered.
    void reset() noexcept { reason_ = CancelReason::none; }

  private:
    CancelHook* first_ = nullptr;
    CancelReason reason_ = CancelReason::none;
};

} // namespace armature
