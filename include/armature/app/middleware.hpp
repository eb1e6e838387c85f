#pragma once

#include <armature/app/type_name.hpp>
#include <armature/core/exchange.hpp>

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
        explicit Awaiter(Exchange& exchange) noexcept : exchange_(exchange) {}
        Exchange& exchange_;
    };

    [[nodiscard]] Awaiter operator()(Request&) const noexcept { return Awaiter{*exchange_}; }

  private:
    friend struct detail::Pipeline;
    explicit Next(Exchange& exchange) noexcept : exchange_(&exchange) {}
    Exchange* exchange_;
};

namespace detail {

/// One middleware in a composed chain.
struct Step {
    const void* self = nullptr;
    /// False: the response is ready, don't go further in.
    bool (*before)(const void* self, Request& request, Response& response) = nullptr;
    void (*after)(const void* self, Request& request, Response& response) = nullptr;
    Task<Response> (*around)(const void* self, Request& request, Next next) = nullptr;
    std::string_view name;
};

/// A middleware and the object behind it, before composition.
struct Middleware {
    Step step;
    std::shared_ptr<const void> object;
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

template <class M>
bool call_before(const void* self, Request& request, Response& response) {
    const M& middleware = *static_cast<const M*>(self);
    using Returned = decltype(middleware.before(request));
    if constexpr (std::is_void_v<Returned>) {
        middleware.before(request);
    } else {
        static_assert(std::is_same_v<Returned, std::optional<Response>>,
                      "armature: before(Request&) of a middleware returns void to go on, or "
                      "std::optional<Response>: nullopt to go on, a response to answer at once");
        if (std::optional<Response> answer = middleware.before(request)) {
            response = *std::move(answer);
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
constexpr std::string_view middleware_name() {
    if constexpr (requires { std::string_view{M::name}; })
        return M::name;
    else
        return type_name<M>();
}

template <class M>
Middleware make_middleware(M middleware) {
    constexpr bool hooks = HasBefore<M> || HasAfter<M>;
    static_assert(hooks || HasAround<M>,
                  "armature: a middleware has before(Request&) const and/or after(Request&, "
                  "Response&) const, or is a callable (Request&, Next) -> Task<Response>");
    static_assert(!(hooks && HasAround<M>),
                  "armature: a middleware is either before/after hooks or a coroutine around the "
                  "rest, not both: it would run twice");
    Middleware made;
    made.step.name = middleware_name<M>();
    if constexpr (HasBefore<M>) made.step.before = &call_before<M>;
    if constexpr (HasAfter<M>) made.step.after = &call_after<M>;
    if constexpr (!hooks && HasAround<M>) made.step.around = &call_around<M>;
    auto object = std::make_shared<const M>(std::move(middleware));
    made.step.self = object.get();
    made.object = std::move(object);
    return made;
}

} // namespace detail

} // namespace armature
