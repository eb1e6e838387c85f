#pragma once

#include <armature/core/cancellation.hpp>
#include <armature/core/duration.hpp>
#include <armature/core/error.hpp>
#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <coroutine>
#include <cstdint>

namespace armature {

namespace detail {
struct Endpoint;
struct AroundFrame;
struct Pipeline;
} // namespace detail

/// What a protocol adapter must know of a route before it reads the request's content.
struct RoutePolicy {
    /// Content larger than this is refused with 413. Bytes.
    std::uint64_t body_limit = 1024 * 1024;
    /// From dispatch to the end of the response; zero means none. Then the handler is cancelled and
    /// 503 answered if nothing was sent yet.
    Duration timeout;
    /// False when the handler and its middleware are synchronous: the request's head may stay in
    /// the read buffer. True means it must be moved out before dispatch.
    bool may_suspend = false;
};

/// One request and its response: where a protocol adapter and the application meet.
///
/// The adapter promises: the head's limits were enforced; authority, scheme, peer and protocol are
/// set; the content is in memory, or a stream that enforces `RoutePolicy::body_limit`. The
/// application promises: it never blocks the loop, completes exactly once, and lets go soon after
/// `cancellation` was requested.
class Exchange {
  public:
    Exchange() noexcept { request.set_cancellation(&cancellation); }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    Request request;
    Response response;
    Cancellation cancellation;

  protected:
    ~Exchange() = default;

    /// Makes the exchange fit for the next request. The response must have been sent.
    void reset() noexcept {
        request.reset();
        response.reset();
        cancellation.reset();
        endpoint_ = nullptr;
    }

  private:
    friend struct detail::Pipeline;

    /// The response is ready; called once, on the exchange's loop, only if `dispatch` was false.
    virtual void completed() = 0;

    // The pipeline's state while the request is under way; see app/pipeline.cpp.
    const detail::Endpoint* endpoint_ = nullptr;
    const void* leaf_ = nullptr;
    detail::AroundFrame* frame_ = nullptr;
    std::uint32_t step_ = 0;
};

/// What a protocol adapter sees of an application. Immutable: all loops share one.
class Dispatcher {
  public:
    /// Routes by method and path. Call once, when the head is complete.
    virtual const RoutePolicy& route(Exchange& exchange) const = 0;
    /// Runs the routed request. True: `exchange.response` is ready now. False: `completed` will be
    /// called, exactly once.
    [[nodiscard]] virtual bool dispatch(Exchange& exchange) const = 0;
    /// Fills the response with what `error` says, rendered as the application renders errors: for
    /// failures outside of any handler.
    virtual void render(const Error& error, Exchange& exchange) const = 0;
    /// Logs the exception being handled: one that a stream or an upgraded connection threw when its
    /// response was under way, so that nothing else can be made of it.
    virtual void report(const Exchange&) const noexcept {}

  protected:
    ~Dispatcher() = default;
};

} // namespace armature
