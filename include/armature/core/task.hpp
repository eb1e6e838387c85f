#pragma once

#include <armature/core/cancellation.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <utility>

namespace armature {

template <class T>
class Task;

namespace detail {

// Coroutine frames come from free lists of the current thread: a frame is one pop and one push.
[[nodiscard]] void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

// What every Task promise has, whatever it returns.
class TaskPromise {
  public:
    static void* operator new(std::size_t size) { return allocate_frame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }

    std::suspend_always initial_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { error_ = std::current_exception(); }

    struct FinalAwaiter {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
            TaskPromise& promise = self.promise();
            // Still inside whoever started us: returning to it is the completion.
            if (promise.starting_) return std::noop_coroutine();
            if (promise.done_ != nullptr) {
                promise.done_(promise.done_argument_); // may destroy this frame
                return std::noop_coroutine();
            }
            return promise.continuation_;
        }
        void await_resume() const noexcept {}
    };
    FinalAwaiter final_suspend() const noexcept { return {}; }

    /// The cancellation that governs this task; inherited from whoever awaits it. May be null.
    [[nodiscard]] Cancellation* cancellation() const noexcept { return cancellation_; }

  protected:
    void rethrow_if_failed() {
        if (error_) std::rethrow_exception(std::move(error_));
    }

  private:
    template <class>
    friend class armature::Task;

    std::coroutine_handle<> continuation_;
    void (*done_)(void*) = nullptr;
    void* done_argument_ = nullptr;
    Cancellation* cancellation_ = nullptr;
    std::exception_ptr error_;
    bool starting_ = false;
};

template <class T>
class TaskResult : public TaskPromise {
  public:
    TaskResult() noexcept {}
    ~TaskResult() {
        if (has_value_) value_.~T();
    }
    template <class U = T>
    void return_value(U&& value) {
        ::new (static_cast<void*>(&value_)) T(std::forward<U>(value));
        has_value_ = true;
    }
    T take() {
        rethrow_if_failed();
        return std::move(value_);
    }

  private:
    // What std::optional does, without its price for each `T` that an includer compiles.
    union {
        T value_;
    };
    bool has_value_ = false;
};

template <>
class TaskResult<void> : public TaskPromise {
  public:
    void return_void() const noexcept {}
    void take() { rethrow_if_failed(); }
};

} // namespace detail

/// A coroutine that gives a `T` or throws. Lazy: its body starts when it is awaited (or started by
/// the framework), and runs on the event loop of whoever awaits it.
///
/// A task that finishes without suspending costs its awaiter no suspension. Destroying a suspended
/// task destroys its frame and, with it, everything it was waiting for.
///
/// Cancellation is cooperative: when the client leaves, the deadline passes or the server stops,
/// whatever the task is waiting for throws `Cancelled`.
///
/// With g++ 12, don't write a capturing lambda or an aggregate temporary inside an expression that
/// contains `co_await`: that compiler destroys it twice. Name it first.
template <class T = void>
class [[nodiscard]] Task {
  public:
    class promise_type : public detail::TaskResult<T> {
      public:
        Task get_return_object() noexcept {
            return Task{std::coroutine_handle<promise_type>::from_promise(*this)};
        }
    };

    Task() noexcept = default;
    Task(Task&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
    Task& operator=(Task&& other) noexcept {
        Task old{std::move(other)};
        const std::coroutine_handle<promise_type> mine = handle_;
        handle_ = old.handle_;
        old.handle_ = mine;
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }

    /// True unless default-constructed or moved from.
    [[nodiscard]] explicit operator bool() const noexcept { return handle_ != nullptr; }

    class Awaiter {
      public:
        explicit Awaiter(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> parent) {
            detail::TaskPromise& promise = handle_.promise();
            promise.continuation_ = parent;
            if constexpr (requires { parent.promise().cancellation(); })
                promise.cancellation_ = parent.promise().cancellation();
            promise.starting_ = true;
            handle_.resume();
            promise.starting_ = false;
            return !handle_.done();
        }
        T await_resume() { return handle_.promise().take(); }

      private:
        std::coroutine_handle<promise_type> handle_;
    };
    Awaiter operator co_await() && noexcept { return Awaiter{handle_}; }

    /// Starts the task outside of any coroutine. Returns true when it finished at once; otherwise
    /// `done(argument)` is called once, later, on the same loop; it may destroy this task.
    /// For adapters and schedulers; applications `co_await`.
    [[nodiscard]] bool start(void (*done)(void*), void* argument, Cancellation* cancellation) {
        detail::TaskPromise& promise = handle_.promise();
        promise.done_ = done;
        promise.done_argument_ = argument;
        promise.cancellation_ = cancellation;
        promise.starting_ = true;
        handle_.resume();
        promise.starting_ = false;
        return handle_.done();
    }
    /// The result of a task that finished; throws what the task threw.
    T take_result() { return handle_.promise().take(); }

  private:
    explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}

    std::coroutine_handle<promise_type> handle_;
};

} // namespace armature
