#pragma once

#include <armature/app/injection.hpp>
#include <armature/app/operation.hpp>
#include <armature/core/exchange.hpp>
#include <armature/core/type_name.hpp>

#include <concepts>
#include <coroutine>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace armature {

/// The rest of the chain, as a coroutine middleware sees it: `co_await next(request)` runs the
/// middleware inside and the handler, and gives their response. Errors inside were turned into
/// responses already, so it throws nothing but `Cancelled`.
class Next {
  public:
    class Awaiter {
      public:
        [[nodiscard]] bool await_ready();
        void await_suspend(std::coroutine_handle<> waiter) noexcept;
        [[nodiscard]] Response await_resume();

      private:
        friend class Next;
        Awaiter(Exchange& exchange, detail::AroundFrame& frame) noexcept
            : exchange_(exchange), frame_(frame) {}
        Exchange& exchange_;
        detail::AroundFrame& frame_;
    };

    [[nodiscard]] Awaiter operator()(Request&) const noexcept { return {*exchange_, *frame_}; }

  private:
    friend struct detail::Pipeline;
    Next(Exchange& exchange, detail::AroundFrame& frame) noexcept
        : exchange_(&exchange), frame_(&frame) {}
    Exchange* exchange_;
    detail::AroundFrame* frame_; // of the middleware that this is the rest for
};

namespace detail {

/// One middleware in a composed chain.
struct Step {
    const void* self = nullptr;
    /// False: the response is ready, don't go further in.
    bool (*before)(const void* self, Request& request, Response& response) = nullptr;
    void (*after)(const void* self, Request& request, Response& response) = nullptr;
    Task<Response> (*around)(const void* self, Request& request, Next next) = nullptr;
    /// Not null: whether `before` has anything to do for routes of that method.
    bool (*runs_before)(const void* self, Method method) = nullptr;
    std::string_view name;
    /// Adds to an operation what the middleware means for its clients, if anything.
    void (*document)(const void* self, OperationInfo& operation) = nullptr;
};

/// The hooks of a chain without coroutines, as they are called: a route's `before`s, then its
/// handler, then `outwards`. Both lists end with one whose `call` is null.
struct AfterHook {
    void (*call)(const void* self, Request& request, Response& response) = nullptr;
    const void* self = nullptr;
};
struct BeforeHook {
    bool (*call)(const void* self, Request& request, Response& response) = nullptr;
    const void* self = nullptr;
    const AfterHook* outwards = nullptr; ///< what is called when this one answers, or is the end
};

/// Where a step stands in the chain: a request passes all middleware of its scopes from the
/// outermost to the route's own, then all guards, then all interceptors.
enum class Stage : std::uint8_t { middleware, guard, interceptor };

/// A type of which somebody needs the application's object: given by `.data(…)`, or provided.
struct ObjectNeed {
    const void* tag = nullptr; ///< null: no need
    std::string_view type = {};
    const ServiceNeed* service = nullptr; ///< not null: it has to be provided
};
template <class T>
constexpr ObjectNeed object_need() {
    return {&type_tag<T>, type_name<T>()};
}

/// A step and the object behind it, before composition.
struct Middleware {
    Step step;
    std::shared_ptr<const void> object;
    Stage stage = Stage::middleware;
    ObjectNeed need = {}; ///< the object is found at build instead
};

template <class M>
concept HasBefore = requires(const M& m, Request& request) { m.before(request); };
template <class M>
concept HasAfter =
    requires(const M& m, Request& request, Response& response) { m.after(request, response); };
template <class M>
concept HasAround = requires(const M& m, Request& request, Next next) {
    { m(request, next) } -> std::same_as<Task<Response>>;
};

/// Moves an answer to where responses are, and ends its life.
void take_answer(std::optional<Response>& answer, Response& response);

template <class M>
bool call_before(const void* self, Request& request, Response& response) {
    const M& middleware = *static_cast<const M*>(self);
    using Returned = decltype(middleware.before(request));
    if constexpr (std::is_void_v<Returned>) {
        middleware.before(request);
    } else {
        // Those who go on have no answer to destroy, and keep no registers for doing it.
        union Slot {
            Slot() noexcept {}
            ~Slot() {}
            std::optional<Response> answer;
        } slot;
        ::new (&slot.answer) std::optional<Response>(middleware.before(request));
        if (slot.answer.has_value()) [[unlikely]] {
            take_answer(slot.answer, response);
            return false;
        }
    }
    return true;
}

template <class M>
void call_after(const void* self, Request& request, Response& response) {
    static_cast<const M*>(self)->after(request, response);
}

template <class M>
Task<Response> call_around(const void* self, Request& request, Next next) {
    return (*static_cast<const M*>(self))(request, next);
}

template <class M>
void call_document(const void* self, OperationInfo& operation) {
    static_cast<const M*>(self)->document(operation);
}

template <class M>
constexpr std::string_view middleware_name() {
    if constexpr (requires { std::string_view{M::name}; })
        return M::name;
    else
        return type_name<M>();
}

// A hook under the right name that can't be called as one, and would be left out silently.
template <class M>
constexpr bool has_unusable_hook() {
    if constexpr (!HasBefore<M> && requires { &M::before; })
        return std::is_member_function_pointer_v<decltype(&M::before)>;
    if constexpr (!HasAfter<M> && requires { &M::after; })
        return std::is_member_function_pointer_v<decltype(&M::after)>;
    return false;
}

template <class M>
constexpr bool before_result_ok() {
    if constexpr (HasBefore<M>) {
        using Returned = decltype(std::declval<const M&>().before(std::declval<Request&>()));
        return std::is_void_v<Returned> || std::is_same_v<Returned, std::optional<Response>>;
    }
    return true;
}
template <class M>
constexpr bool after_result_ok() {
    if constexpr (HasAfter<M>)
        return std::is_void_v<decltype(std::declval<const M&>().after(std::declval<Request&>(),
                                                                      std::declval<Response&>()))>;
    return true;
}

template <class M>
constexpr bool is_middleware() {
    return (HasBefore<M> || HasAfter<M>) != HasAround<M> && !has_unusable_hook<M>() &&
           before_result_ok<M>() && after_result_ok<M>();
}

/// Says in one sentence why `M` is no middleware. Only instantiated when it isn't.
template <class M>
constexpr void explain_middleware() {
    if constexpr (has_unusable_hook<M>())
        static_assert(!has_unusable_hook<M>(),
                      "armature: the hooks of a middleware are before(Request&) const and "
                      "after(Request&, Response&) const, both const: all event loops share it");
    else if constexpr (!before_result_ok<M>())
        static_assert(before_result_ok<M>(),
                      "armature: before(Request&) of a middleware returns void to go on, or "
                      "std::optional<Response>: nullopt to go on, a response to answer at once");
    else if constexpr (!after_result_ok<M>())
        static_assert(after_result_ok<M>(),
                      "armature: after(Request&, Response&) of a middleware returns void; what "
                      "has to wait for something is a coroutine (Request&, Next)");
    else if constexpr (HasAround<M>)
        static_assert(!HasAround<M>,
                      "armature: a middleware is either before/after hooks or a coroutine around "
                      "the rest, not both: it would run twice");
    else
        static_assert(HasAround<M>,
                      "armature: a middleware has before(Request&) const and/or after(Request&, "
                      "Response&) const, or is a callable (Request&, Next) -> Task<Response>");
}

template <class M>
Step middleware_step() {
    Step step;
    if constexpr (is_middleware<M>()) {
        step.name = middleware_name<M>();
        if constexpr (HasBefore<M>) step.before = &call_before<M>;
        if constexpr (HasAfter<M>) step.after = &call_after<M>;
        if constexpr (HasAround<M>) step.around = &call_around<M>;
        if constexpr (requires(const M& m) { m.runs_before(Method::get); })
            step.runs_before = [](const void* self, Method method) {
                return static_cast<bool>(static_cast<const M*>(self)->runs_before(method));
            };
        if constexpr (requires(const M& m, OperationInfo& info) { m.document(info); })
            step.document = &call_document<M>;
    } else {
        explain_middleware<M>();
    }
    return step;
}

/// A step that calls `object`.
template <class T>
Middleware own_step(Step step, Stage stage, T object) {
    auto kept = std::make_shared<const T>(std::move(object));
    step.self = kept.get();
    return {step, std::move(kept), stage, {}};
}
/// A step that calls the application's `T`.
template <class T>
Middleware found_step(Step step, Stage stage) {
    return {step, nullptr, stage, object_need<T>()};
}

} // namespace detail

} // namespace armature
