#include "app/application_impl.hpp"

#include <armature/app/handler.hpp>

namespace armature {

namespace detail {

void refuse_request() { throw Error::forbidden(); }
void document_guard(const void*, OperationInfo& info) { info.error(Status::forbidden); }

void run_pipes(const Endpoint& endpoint, const void* tag, void* value) {
    for (std::uint32_t i = 0; i < endpoint.pipe_count; ++i)
        if (endpoint.pipes[i].value_tag == tag)
            endpoint.pipes[i].apply(endpoint.pipes[i].self, value);
}

// A coroutine middleware under way. Lives in the request's arena, inside of its outer ones.
struct AroundFrame {
    AroundFrame* outer;
    std::uint32_t base; ///< the first step inside of this middleware
    Task<Response> task;
    std::coroutine_handle<> waiter; ///< the middleware, while it awaits `next`
};

void take_answer(std::optional<Response>& answer, Response& response) {
    response = *std::move(answer);
    std::destroy_at(&answer);
}

bool Pipeline::start(Exchange& x) {
    const Endpoint& endpoint = *x.endpoint_;
    const BeforeHook* before = endpoint.hooks;
    if (before == nullptr) {
        x.frame_ = nullptr;
        x.step_ = 0;
        return advance(x);
    }
    // The same as below where nothing can suspend.
    try {
        for (;; ++before) {
            if (before->call == nullptr) {
                endpoint.call(endpoint, x);
                break;
            }
            if (!before->call(before->self, x.request, x.response)) break;
        }
    } catch (...) {
        fail(x);
    }
    for (const AfterHook* after = before->outwards; after->call != nullptr; ++after) {
        try {
            after->call(after->self, x.request, x.response);
        } catch (...) {
            fail(x);
        }
    }
    return true;
}

bool Pipeline::advance(Exchange& x) {
    const Endpoint& endpoint = *x.endpoint_;
    bool answered = false;
    while (x.step_ < endpoint.step_count) {
        const Step& step = endpoint.steps[x.step_];
        if (step.around != nullptr) {
            if (!start_around(x, step)) return false;
            answered = true;
            break;
        }
        if (step.before != nullptr) {
            try {
                answered = !step.before(step.self, x.request, x.response);
            } catch (...) {
                fail(x);
                answered = true;
            }
            if (answered) break;
        }
        ++x.step_;
    }
    if (!answered && !run_handler(x)) return false;
    unwind(x);
    return true;
}

bool Pipeline::run_handler(Exchange& x) {
    const Endpoint& endpoint = *x.endpoint_;
    try {
        if (endpoint.needs_body && !x.request.body().in_memory()) return buffer_body(x);
        return endpoint.call(endpoint, x);
    } catch (...) {
        fail(x);
        return true;
    }
}

namespace {

Task<std::string> read_content(Exchange& x, std::uint64_t limit) {
    co_return co_await x.request.body().stream().read_all(limit);
}

struct BodyReading {
    Exchange* exchange;
    Task<std::string> task;
};

} // namespace

bool Pipeline::buffer_body(Exchange& x) {
    BodyReading& reading =
        x.request.set(BodyReading{&x, read_content(x, x.endpoint_->policy.body_limit)});
    const auto finished = [](void* self) {
        auto& done = *static_cast<BodyReading*>(self);
        Exchange& exchange = *done.exchange;
        bool ready = true;
        try {
            exchange.request.body() = Body{done.task.take_result()};
            ready = exchange.endpoint_->call(*exchange.endpoint_, exchange);
        } catch (...) {
            fail(exchange);
        }
        if (ready) handler_finished(exchange);
    };
    if (!reading.task.start(finished, &reading, &x.cancellation)) return false;
    x.request.body() = Body{reading.task.take_result()};
    return x.endpoint_->call(*x.endpoint_, x);
}

// The steps from the current one outwards to the current frame get their `after`.
void Pipeline::unwind(Exchange& x) noexcept {
    const Endpoint& endpoint = *x.endpoint_;
    const std::uint32_t base = x.frame_ == nullptr ? 0 : x.frame_->base;
    while (x.step_ > base) {
        const Step& step = endpoint.steps[--x.step_];
        if (step.after == nullptr) continue;
        try {
            step.after(step.self, x.request, x.response);
        } catch (...) {
            fail(x);
        }
    }
}

void Pipeline::handler_finished(Exchange& x) {
    unwind(x);
    resume_outwards(x);
}

void Pipeline::resume_outwards(Exchange& x) {
    if (x.frame_ == nullptr)
        x.completed();
    else
        std::exchange(x.frame_->waiter, nullptr).resume();
}

// --- coroutine middleware -----------------------------------------------------------------------

namespace {

// Takes what the middleware returned or threw.
void take_response(Exchange& x, Task<Response>& task) noexcept {
    try {
        x.response = task.take_result();
    } catch (...) {
        Pipeline::fail(x);
    }
}

} // namespace

// True when it completed at once; then the current step is the middleware itself, done.
bool Pipeline::start_around(Exchange& x, const Step& step) {
    // The frame outlives this call, so it is kept with the request.
    struct Kept {
        AroundFrame* frame;
        explicit Kept(AroundFrame* made) noexcept : frame(made) {}
        Kept(Kept&& other) noexcept : frame(std::exchange(other.frame, nullptr)) {}
        ~Kept() {
            if (frame != nullptr) frame->~AroundFrame();
        }
    };
    auto* frame = x.request.arena().create<AroundFrame>(x.frame_, x.step_ + 1, Task<Response>{},
                                                        std::coroutine_handle<>{});
    x.request.attach(Kept{frame});
    x.frame_ = frame;
    ++x.step_;
    try {
        frame->task = step.around(step.self, x.request, Next{x, *frame});
        if (!frame->task.start(&around_finished, &x, &x.cancellation)) return false;
        take_response(x, frame->task);
    } catch (...) {
        fail(x);
    }
    x.frame_ = frame->outer;
    x.step_ = frame->base - 1;
    return true;
}

void Pipeline::around_finished(void* exchange) {
    Exchange& x = *static_cast<Exchange*>(exchange);
    AroundFrame* frame = x.frame_;
    take_response(x, frame->task);
    x.frame_ = frame->outer;
    x.step_ = frame->base - 1;
    unwind(x);
    resume_outwards(x);
}

bool Pipeline::run_next(Exchange& x, AroundFrame& frame) {
    x.step_ = frame.base; // a middleware may run the rest again, for example to retry
    return advance(x);
}

// What runs now may be a middleware further in: the current frame is not the waiter's.
void Pipeline::await_next(AroundFrame& frame, std::coroutine_handle<> waiter) noexcept {
    frame.waiter = waiter;
}

} // namespace detail

bool Next::Awaiter::await_ready() { return detail::Pipeline::run_next(exchange_, frame_); }

void Next::Awaiter::await_suspend(std::coroutine_handle<> waiter) noexcept {
    detail::Pipeline::await_next(frame_, waiter);
}

Response Next::Awaiter::await_resume() {
    exchange_.cancellation.check();
    Response response = std::move(exchange_.response);
    exchange_.response.reset();
    return response;
}

} // namespace armature
