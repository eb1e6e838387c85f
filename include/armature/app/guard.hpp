#pragma once

#include <armature/app/middleware.hpp>
#include <armature/core/error.hpp>

namespace armature::detail {

// Whether it lets requests pass: bool, or void for one that throws what it refuses with.
template <class R>
inline constexpr bool is_verdict = std::is_void_v<R> || std::is_same_v<R, bool>;
template <class R>
inline constexpr bool is_verdict_task = false;
template <class R>
inline constexpr bool is_verdict_task<Task<R>> = is_verdict<R>;

template <class G>
concept HasCanActivate =
    requires(const G& guard, Request& request) { guard.can_activate(request); };

template <class G>
decltype(auto) ask_guard(const G& guard, Request& request) {
    if constexpr (HasCanActivate<G>)
        return guard.can_activate(request);
    else
        return guard(request);
}

template <class G>
concept AsksRequest = HasCanActivate<G> || std::is_invocable_v<const G&, Request&>;

template <class G>
constexpr bool is_guard() {
    if constexpr (AsksRequest<G>) {
        using Verdict = decltype(ask_guard(std::declval<const G&>(), std::declval<Request&>()));
        return is_verdict<Verdict> || is_verdict_task<Verdict>;
    } else {
        return false;
    }
}

[[noreturn]] void refuse_request();                         // 403
void document_guard(const void* self, OperationInfo& info); // the same, for documents

template <class G>
bool call_guard(const void* self, Request& request, Response&) {
    const G& guard = *static_cast<const G*>(self);
    if constexpr (std::is_void_v<decltype(ask_guard(guard, request))>)
        ask_guard(guard, request);
    else if (!ask_guard(guard, request))
        refuse_request();
    return true;
}

template <class G>
Task<Response> await_guard(const void* self, Request& request, Next next) {
    const G& guard = *static_cast<const G*>(self);
    if constexpr (std::is_same_v<decltype(ask_guard(guard, request)), Task<void>>) {
        co_await ask_guard(guard, request);
    } else {
        const bool passes = co_await ask_guard(guard, request);
        if (!passes) refuse_request();
    }
    co_return co_await next(request);
}

/// A guard as a step of the chain.
template <class G>
Step guard_step() {
    Step step;
    step.name = middleware_name<G>();
    if constexpr (is_guard<G>()) {
        using Verdict = decltype(ask_guard(std::declval<const G&>(), std::declval<Request&>()));
        if constexpr (is_verdict<Verdict>)
            step.before = &call_guard<G>;
        else
            step.around = &await_guard<G>;
        if constexpr (requires(const G& g, OperationInfo& info) { g.document(info); })
            step.document = &call_document<G>;
        else
            step.document = &document_guard;
    } else {
        static_assert(is_guard<G>(),
                      "armature: a guard has can_activate(Request&) const, or is a callable "
                      "(Request&), and returns bool (false is 403), void (it throws to refuse) or "
                      "a Task of one of them");
    }
    return step;
}

} // namespace armature::detail
