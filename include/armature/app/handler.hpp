#pragma once

#include <armature/app/extract.hpp>
#include <armature/app/into_response.hpp>
#include <armature/app/middleware.hpp>
#include <armature/app/pipe.hpp>
#include <armature/core/exchange.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace armature::detail {

struct ErrorMapper;
struct VersionGroup;

/// A handler with everything that was resolved at build: what one method of one path leads to.
struct Endpoint {
    /// Runs the handler. True: the response is ready. Throws what the handler throws.
    bool (*call)(const Endpoint& endpoint, Exchange& exchange) = nullptr;
    const void* handler = nullptr;
    void (*thunk)() = nullptr;
    void* const* states = nullptr;
    const Step* steps = nullptr;
    std::uint32_t step_count = 0;
    bool needs_body = false;
    std::optional<Method> method;      ///< none: any
    const BeforeHook* hooks = nullptr; ///< the steps', where nothing can suspend
    RoutePolicy policy;
    const PipeStep* pipes = nullptr;
    std::uint32_t pipe_count = 0;
    RouteFacts route;
    const Dispatcher* application = nullptr;
    std::span<const ErrorMapper* const> error_mappers; ///< the route's own first
    const VersionGroup* versions = nullptr; ///< this stands for routes of several versions
    const Endpoint* preflight = nullptr;    ///< takes what asks about this in OPTIONS, if not null
};

/// Hands `value` to the endpoint's pipes that take its type.
void run_pipes(const Endpoint& endpoint, const void* tag, void* value);

/// What a parameter is to pipes: the tags of its type, and of the value in it.
struct ValueTags {
    const void* own = nullptr;
    const void* held = nullptr;
};

/// What all handlers with one list of parameters and one result type have in common.
struct Signature {
    bool (*call)(const Endpoint& endpoint, Exchange& exchange);
    std::size_t path_count;
    bool needs_body;
    bool is_task;
    const ObjectNeed* states;
    std::size_t state_count;
    const DocumentHook* documents; ///< the parameters' and the result's; some are null
    std::size_t document_count;
    const ValueTags* values; ///< what the parameters are to pipes
    std::size_t value_count;
    const std::string_view* path_names; ///< of its Path<T, "name"> arguments
    std::size_t path_name_count;
};

/// A handler of any type, stored in place where it is small. Movable.
class Closure {
  public:
    Closure() noexcept = default;
    template <class F>
    explicit Closure(F function) {
        if constexpr (!std::is_empty_v<F>) {
            constexpr bool small = sizeof(F) <= sizeof storage_ && alignof(F) <= alignof(void*) &&
                                   std::is_nothrow_move_constructible_v<F>;
            if constexpr (small) {
                ::new (static_cast<void*>(storage_)) F(std::move(function));
                if constexpr (!std::is_trivially_copyable_v<F>)
                    manage_ = [](void* from, void* to) noexcept {
                        F* object = static_cast<F*>(from);
                        if (to != nullptr) ::new (to) F(std::move(*object));
                        object->~F();
                    };
            } else {
                F* object = new F(std::move(function));
                std::memcpy(storage_, &object, sizeof object);
                on_heap_ = true;
                manage_ = [](void* from, void* to) noexcept {
                    if (to != nullptr)
                        std::memcpy(to, from, sizeof(F*));
                    else
                        delete *static_cast<F**>(from);
                };
            }
        }
    }
    Closure(Closure&& other) noexcept;
    Closure& operator=(Closure&& other) noexcept;
    ~Closure();

    /// The function object; stable while this Closure stays where it is.
    [[nodiscard]] const void* object() const noexcept {
        if (!on_heap_) return storage_;
        void* object;
        std::memcpy(&object, storage_, sizeof object);
        return object;
    }

  private:
    void take(Closure& other) noexcept;

    /// Moves from `from` to `to` and destroys what is left, or only destroys when `to` is null.
    void (*manage_)(void* from, void* to) noexcept = nullptr;
    alignas(void*) unsigned char storage_[40] = {};
    bool on_heap_ = false;
};

/// A handler before build.
struct HandlerDefinition {
    Closure closure;
    void (*thunk)() = nullptr;
    const Signature* signature = nullptr;
    ObjectNeed object = {}; ///< of a member function: called on the application's object
};

// --- what a callable looks like -----------------------------------------------------------------

template <class T>
struct TaskValue {
    static constexpr bool is_task = false;
    using type = T;
};
template <class T>
struct TaskValue<Task<T>> {
    static constexpr bool is_task = true;
    using type = T;
};

template <class T>
inline constexpr bool is_request = std::is_same_v<T, Request&> || std::is_same_v<T, const Request&>;
// What lives as long as the request, so that a handler may take a reference to it.
template <class T>
inline constexpr bool is_lasting = is_request<T> || std::is_same_v<T, BodyStream&>;

// The extracted arguments of one call. Unlike in a tuple, each is made in its place, not moved
// there.
template <std::size_t Index, class T>
struct Argument {
    T value;
};
template <class Indices, class... Ts>
struct ArgumentList;
template <std::size_t... Index, class... Ts>
struct ArgumentList<std::index_sequence<Index...>, Ts...> : Argument<Index, Ts>... {};

// Holds an extracted value for a coroutine handler that takes it by reference: it lives as long as
// the request, so the reference survives every co_await. The index keeps two of one type apart.
template <std::size_t Index, class T>
struct Held {
    T value;
};

// A coroutine handler under way: kept with the request, delivers its result when it is done.
template <class T>
struct Pending {
    Exchange* exchange;
    Task<T> task;

    static bool start(Exchange& exchange, Task<T> task) {
        Pending& pending = exchange.request.set(Pending{&exchange, std::move(task)});
        if (!pending.task.start(&finished, &pending, &exchange.cancellation)) return false;
        pending.deliver();
        return true;
    }
    void deliver() {
        if constexpr (std::is_void_v<T>) {
            task.take_result();
            exchange->response.status(Status::no_content);
        } else {
            IntoResponse<T>::into(task.take_result(), exchange->request, exchange->response);
        }
    }
    static void finished(void* self);
};

struct Pipeline {
    /// Starts the chain at the endpoint's first step. True: the response is ready.
    static bool start(Exchange& exchange);
    /// Runs the chain from the current step to the handler and back to the current frame.
    static bool advance(Exchange& exchange);
    /// The handler's coroutine delivered its response, or threw the exception being handled.
    static void handler_finished(Exchange& exchange);
    /// Turns the exception being handled into the response.
    static void fail(Exchange& exchange) noexcept;

    static bool run_next(Exchange& exchange, AroundFrame& frame);
    static void await_next(AroundFrame& frame, std::coroutine_handle<> waiter) noexcept;

    static const Endpoint*& endpoint(Exchange& exchange) noexcept { return exchange.endpoint_; }
    static const void*& leaf(Exchange& exchange) noexcept { return exchange.leaf_; }

  private:
    static bool run_handler(Exchange& exchange);
    static bool buffer_body(Exchange& exchange);
    static bool start_around(Exchange& exchange, const Step& step);
    static void around_finished(void* exchange);
    static void unwind(Exchange& exchange) noexcept;
    static void resume_outwards(Exchange& exchange);
};

template <class T>
void Pending<T>::finished(void* self) {
    auto& pending = *static_cast<Pending*>(self);
    Exchange& exchange = *pending.exchange;
    try {
        pending.deliver();
    } catch (...) {
        Pipeline::fail(exchange);
    }
    Pipeline::handler_finished(exchange);
}

template <class T>
inline constexpr bool is_optional_argument = false;
template <class T>
inline constexpr bool is_optional_argument<std::optional<T>> = true;
// Json<T>, Path<T> and their like.
template <class T>
concept HoldsValue =
    requires(T& value) { requires std::is_lvalue_reference_v<decltype(value.value())>; };

template <class Arg>
constexpr ValueTags value_tags() {
    using T = std::remove_cvref_t<Arg>;
    if constexpr (is_request<Arg>)
        return {};
    else if constexpr (is_optional_argument<T>)
        return {&type_tag<T>, value_tags<typename T::value_type>().own};
    else if constexpr (HoldsValue<T>)
        return {&type_tag<T>, &type_tag<std::remove_cvref_t<decltype(std::declval<T&>().value())>>};
    else
        return {&type_tag<T>, nullptr};
}

constexpr std::size_t count_true(const bool* flags, std::size_t count) noexcept {
    std::size_t found = 0;
    for (std::size_t i = 0; i < count; ++i)
        found += flags[i];
    return found;
}

template <class R, class... Args>
struct SignatureOf {
    using Value = typename TaskValue<R>::type;
    static constexpr bool is_task = TaskValue<R>::is_task;

    template <std::size_t Index>
    static constexpr std::size_t path_index() {
        constexpr bool is_path[] = {extracts_path<std::remove_cvref_t<Args>>..., false};
        return count_true(is_path, Index);
    }
    template <std::size_t Index>
    static constexpr std::size_t state_index() {
        constexpr bool has_state[] = {ExtractsState<std::remove_cvref_t<Args>>..., false};
        return count_true(has_state, Index);
    }
    static constexpr std::size_t state_count = state_index<sizeof...(Args)>();

    template <class Arg>
    static constexpr void add_state([[maybe_unused]] ObjectNeed*& out) {
        if constexpr (ExtractsState<Arg>) {
            using Type = typename Extract<Arg>::state_type;
            *out = object_need<Type>();
            if constexpr (requires { Extract<Arg>::service; })
                out->service = &Extract<Arg>::service;
            ++out;
        }
    }
    struct StateNeeds {
        ObjectNeed needs[state_count + 1] = {};
        constexpr StateNeeds() {
            [[maybe_unused]] ObjectNeed* out = needs;
            (add_state<std::remove_cvref_t<Args>>(out), ...);
        }
    };
    static constexpr StateNeeds states{};
    static constexpr ValueTags values[] = {value_tags<Args>()..., {}};
    static constexpr DocumentHook documents[] = {extract_hook<std::remove_cvref_t<Args>>()...,
                                                 &document_result<Value>};

    static constexpr std::size_t path_name_count =
        (0 + ... + (path_name<std::remove_cvref_t<Args>>.empty() ? 0 : 1));
    struct PathNames {
        std::string_view names[path_name_count + 1] = {};
        constexpr PathNames() {
            [[maybe_unused]] std::string_view* out = names;
            ((path_name<std::remove_cvref_t<Args>>.empty()
                  ? void()
                  : void(*out++ = path_name<std::remove_cvref_t<Args>>)),
             ...);
        }
    };
    static constexpr PathNames path_names{};

    template <std::size_t Index, class Arg>
    static decltype(auto) argument(const Endpoint& endpoint, Exchange& exchange) {
        using Type = std::remove_cvref_t<Arg>;
        if constexpr (is_request<Arg>) {
            return static_cast<Arg>(exchange.request);
        } else if constexpr (is_lasting<Arg>) {
            return static_cast<Arg>(exchange.request.body().stream());
        } else {
            ExtractInput input{exchange.request, path_index<Index>(), nullptr};
            if constexpr (ExtractsState<Type>) input.state = endpoint.states[state_index<Index>()];
            if constexpr (is_task && std::is_reference_v<Arg>)
                return static_cast<Arg>(
                    exchange.request.set(Held<Index, Type>{Extract<Type>::from(input)}).value);
            else
                return static_cast<Type>(Extract<Type>::from(input));
        }
    }

    template <std::size_t Index, class T>
    static T&& take(Argument<Index, T>& argument) noexcept {
        return static_cast<T&&>(argument.value);
    }

    // A value is offered to the pipes as what it is, and then what it holds.
    template <class T>
    static void offer(const Endpoint& endpoint, T& value) {
        run_pipes(endpoint, &type_tag<T>, &value);
        if constexpr (is_optional_argument<T>) {
            if (value) run_pipes(endpoint, &type_tag<typename T::value_type>, &*value);
        } else if constexpr (HoldsValue<T>) {
            using Inner = std::remove_cvref_t<decltype(value.value())>;
            run_pipes(endpoint, &type_tag<Inner>, const_cast<Inner*>(&value.value()));
        }
    }
    template <std::size_t Index, class T>
    static void pipe(const Endpoint& endpoint, Argument<Index, T>& argument) {
        if constexpr (!is_lasting<T>)
            offer(endpoint, const_cast<std::remove_cvref_t<T>&>(argument.value)); // it is ours
    }
    template <std::size_t... Index>
    static bool invoke(const Endpoint& endpoint, Exchange& exchange,
                       std::index_sequence<Index...>) {
        const auto thunk = reinterpret_cast<R (*)(const void*, Args...)>(endpoint.thunk);
        // Braces: from left to right with every compiler, so that all report the same first fault.
        using Arguments = ArgumentList<std::index_sequence<Index...>,
                                       decltype(argument<Index, Args>(endpoint, exchange))...>;
        [[maybe_unused]] Arguments args{{argument<Index, Args>(endpoint, exchange)}...};
        if constexpr (sizeof...(Args) != 0)
            if (endpoint.pipe_count != 0) [[unlikely]]
                (pipe<Index>(endpoint, args), ...);
        if constexpr (is_task) {
            return Pending<Value>::start(exchange, thunk(endpoint.handler, take<Index>(args)...));
        } else if constexpr (std::is_void_v<R>) {
            thunk(endpoint.handler, take<Index>(args)...);
            exchange.response.status(Status::no_content);
            return true;
        } else {
            IntoResponse<R>::into(thunk(endpoint.handler, take<Index>(args)...), exchange.request,
                                  exchange.response);
            return true;
        }
    }

    static bool call(const Endpoint& endpoint, Exchange& exchange) {
        return invoke(endpoint, exchange, std::index_sequence_for<Args...>{});
    }

    static constexpr Signature signature{&call,
                                         path_index<sizeof...(Args)>(),
                                         (extracts_body<std::remove_cvref_t<Args>> || ...),
                                         is_task,
                                         states.needs,
                                         state_count,
                                         documents,
                                         sizeof...(Args) + 1,
                                         values,
                                         sizeof...(Args),
                                         path_names.names,
                                         path_name_count};
};

template <class F>
struct CallableOf; // no specialisation: not a callable with spelled-out parameter types

template <class R, class... Args>
struct CallableOf<R (*)(Args...)> {
    using Shape = SignatureOf<R, Args...>;
    using Result = R;
    template <template <class...> class List>
    using Parameters = List<Args...>;
    template <class F>
    static R thunk(const void* self, Args... args) {
        return (*static_cast<const F*>(self))(std::forward<Args>(args)...);
    }
};
template <class R, class... Args>
struct CallableOf<R (*)(Args...) noexcept> : CallableOf<R (*)(Args...)> {};
template <class C, class R, class... Args>
struct CallableOf<R (C::*)(Args...) const> : CallableOf<R (*)(Args...)> {};
template <class C, class R, class... Args>
struct CallableOf<R (C::*)(Args...) const noexcept> : CallableOf<R (*)(Args...)> {};

/// A handler that is a member function, called on the application's object of type `Self`.
template <auto Function, class Self>
struct MemberHandler {};

template <class F>
struct MemberShape; // no specialisation: no member function
template <class C, class R, class... Args>
struct MemberShape<R (C::*)(Args...)> : CallableOf<R (*)(Args...)> {
    using Class = C;
    template <class F>
    struct Thunk;
    template <auto Function, class Self>
    struct Thunk<MemberHandler<Function, Self>> {
        static R call(const void* self, Args... args) {
            Self& object = *static_cast<Self*>(const_cast<void*>(self));
            return (object.*Function)(std::forward<Args>(args)...);
        }
    };
    template <class F>
    static R thunk(const void* self, Args... args) {
        return Thunk<F>::call(self, std::forward<Args>(args)...);
    }
};
template <class C, class R, class... Args>
struct MemberShape<R (C::*)(Args...) const> : MemberShape<R (C::*)(Args...)> {};
template <class C, class R, class... Args>
struct MemberShape<R (C::*)(Args...) noexcept> : MemberShape<R (C::*)(Args...)> {};
template <class C, class R, class... Args>
struct MemberShape<R (C::*)(Args...) const noexcept> : MemberShape<R (C::*)(Args...)> {};

template <auto Function>
constexpr auto member_handler() {
    static_assert(std::is_member_function_pointer_v<decltype(Function)>,
                  "armature: get<…>() takes a member function, get<&Users::find>(); a function or "
                  "lambda is passed as an argument, get(find)");
    return MemberHandler<Function, typename MemberShape<decltype(Function)>::Class>{};
}

template <class F>
struct ShapeOf {}; // a generic or mutable lambda, or no callable at all
template <auto Function, class Self>
    requires requires { sizeof(MemberShape<decltype(Function)>); }
struct ShapeOf<MemberHandler<Function, Self>> : MemberShape<decltype(Function)> {};
template <class F>
inline constexpr ObjectNeed handler_object{};
template <auto Function, class Self>
inline constexpr ObjectNeed handler_object<MemberHandler<Function, Self>> = object_need<Self>();
template <class F>
    requires requires { sizeof(CallableOf<decltype(&F::operator())>); }
struct ShapeOf<F> : CallableOf<decltype(&F::operator())> {};
template <class F>
    requires(std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>)
struct ShapeOf<F> : CallableOf<F> {};

// --- is it a handler, and if not, why -----------------------------------------------------------

template <class... Args>
struct ParameterFacts {
    static constexpr bool all_known =
        ((is_lasting<Args> || Extractable<std::remove_cvref_t<Args>>) && ...);
    static constexpr bool no_mutable_reference =
        ((is_lasting<Args> || !std::is_lvalue_reference_v<Args> ||
          std::is_const_v<std::remove_reference_t<Args>>) &&
         ...);
    static constexpr std::size_t bodies =
        (0 + ... + (takes_body<std::remove_cvref_t<Args>> ? 1 : 0));
    static constexpr bool paths_alike = !((extracts_path<std::remove_cvref_t<Args>> || ...) &&
                                          (!path_name<std::remove_cvref_t<Args>>.empty() || ...));
};

template <class R>
concept KnownResult =
    std::is_void_v<typename TaskValue<R>::type> || Respondable<typename TaskValue<R>::type>;

template <class F>
constexpr bool has_shape = requires { typename ShapeOf<F>::Shape; };

template <class F>
constexpr bool is_handler() {
    if constexpr (has_shape<F>) {
        using Facts = typename ShapeOf<F>::template Parameters<ParameterFacts>;
        return Facts::all_known && Facts::no_mutable_reference && Facts::bodies <= 1 &&
               Facts::paths_alike && KnownResult<typename ShapeOf<F>::Result>;
    } else {
        return false;
    }
}

#define ARMATURE_DETAIL_ALLOWED_PARAMETERS                                                         \
    " parameter of this handler can't be made from a request; allowed are Request&, "              \
    "BodyStream&, Path<T>, Query<T>, Json<T>, Form<T>, Multipart, Bytes, Header<\"name\">, "       \
    "Cookie<\"name\">, BearerToken, State<T>, Extension<T>, ClientAddress, std::optional of one "  \
    "that may be absent, and every type with an armature::Extract<T>"

// A message can't be computed, so each position has one.
template <bool is_known, std::size_t Position>
constexpr void explain_unknown_parameter() {
    if constexpr (Position == 1)
        static_assert(is_known, "armature: the first" ARMATURE_DETAIL_ALLOWED_PARAMETERS);
    else if constexpr (Position == 2)
        static_assert(is_known, "armature: the second" ARMATURE_DETAIL_ALLOWED_PARAMETERS);
    else if constexpr (Position == 3)
        static_assert(is_known, "armature: the third" ARMATURE_DETAIL_ALLOWED_PARAMETERS);
    else if constexpr (Position == 4)
        static_assert(is_known, "armature: the fourth" ARMATURE_DETAIL_ALLOWED_PARAMETERS);
    else
        static_assert(is_known,
                      "armature: the fifth or a later" ARMATURE_DETAIL_ALLOWED_PARAMETERS);
}
#undef ARMATURE_DETAIL_ALLOWED_PARAMETERS

// About the first parameter that can't be made; its type is in what the compiler adds.
template <std::size_t Position, class Parameter, class... Rest>
constexpr void explain_parameters() {
    using Type = std::remove_cvref_t<std::remove_pointer_t<Parameter>>;
    if constexpr (ParameterFacts<Parameter>::all_known)
        explain_parameters<Position + 1, Rest...>();
    else if constexpr (std::is_same_v<Type, Request>)
        static_assert(is_request<Parameter>,
                      "armature: a handler takes the request as Request& or const Request&");
    else if constexpr (std::is_same_v<Type, BodyStream>)
        static_assert(is_lasting<Parameter>,
                      "armature: a handler takes the content's stream as BodyStream&");
    else
        explain_unknown_parameter<Extractable<std::remove_cvref_t<Parameter>>, Position>();
}
template <class... Args>
struct ExplainParameters {
    static constexpr void now() { explain_parameters<1, Args...>(); }
};

/// Says in one sentence why `F` is no handler. Only instantiated when it isn't.
template <class F>
constexpr void explain_handler() {
    if constexpr (!has_shape<F>) {
        static_assert(has_shape<F>,
                      "armature: a handler is a function, or a lambda with spelled-out parameter "
                      "types (no 'auto') that isn't 'mutable': all event loops share it");
    } else {
        using Facts = typename ShapeOf<F>::template Parameters<ParameterFacts>;
        if constexpr (!Facts::all_known)
            ShapeOf<F>::template Parameters<ExplainParameters>::now();
        else if constexpr (!Facts::no_mutable_reference)
            static_assert(Facts::no_mutable_reference,
                          "armature: a handler takes its parameters by value or by const "
                          "reference; only Request& is a reference to something that lives on");
        else if constexpr (Facts::bodies > 1)
            static_assert(Facts::bodies <= 1,
                          "armature: this handler takes the request's content twice; keep one of "
                          "Json<T>, Form<T>, Multipart, Bytes and BodyStream&");
        else if constexpr (!Facts::paths_alike)
            static_assert(Facts::paths_alike,
                          "armature: this handler takes some path parameters by position and some "
                          "by name; write all as Path<T> or all as Path<T, \"name\">");
        else
            static_assert(KnownResult<typename ShapeOf<F>::Result>,
                          "armature: this handler's result can't become a response; return text, "
                          "Response, Status, Json<T>, a described struct, std::optional, "
                          "Result<T> or any type with an armature::IntoResponse<T>, or a Task of "
                          "one of these");
    }
}

template <class F>
constexpr std::size_t path_count() {
    if constexpr (is_handler<F>())
        return ShapeOf<F>::Shape::signature.path_count;
    else
        return 0;
}

template <class F>
HandlerDefinition make_handler(F function) {
    HandlerDefinition made;
    if constexpr (is_handler<F>()) {
        made.thunk = reinterpret_cast<void (*)()>(&ShapeOf<F>::template thunk<F>);
        made.signature = &ShapeOf<F>::Shape::signature;
        made.closure = Closure{std::move(function)};
        made.object = handler_object<F>;
    } else {
        explain_handler<F>();
    }
    return made;
}

} // namespace armature::detail
