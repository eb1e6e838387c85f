#pragma once

#include <armature/app/middleware.hpp>

namespace armature::detail {

/// A function that checks or changes the values a handler is called with, before composition.
struct Pipe {
    const void* value_tag = nullptr; ///< of the type it takes
    std::string_view value_type;
    void (*apply)(const void* self, void* value) = nullptr;
    const void* self = nullptr;
    std::string_view name;
    std::shared_ptr<const void> object;
    ObjectNeed need = {}; ///< the object is found at build instead
};

/// The same in a composed route.
struct PipeStep {
    const void* value_tag;
    void (*apply)(const void* self, void* value);
    const void* self;
};

template <class F>
struct PipeShape; // no specialisation: no callable that a pipe could be
template <class C, class R, class A>
struct PipeShape<R (C::*)(A) const> {
    using Value = std::remove_cvref_t<A>;
    static constexpr bool changes =
        std::is_lvalue_reference_v<A> && !std::is_const_v<std::remove_reference_t<A>>;
    static constexpr bool returns = std::is_same_v<R, Value>;
    static constexpr bool is_pipe = std::is_void_v<R> || (returns && !changes);
};
template <class C, class R, class A>
struct PipeShape<R (C::*)(A) const noexcept> : PipeShape<R (C::*)(A) const> {};

template <class P>
concept PipeLike = requires { sizeof(PipeShape<decltype(&P::operator())>); } &&
                   PipeShape<decltype(&P::operator())>::is_pipe;

template <class P>
Pipe make_pipe() {
    Pipe made;
    if constexpr (PipeLike<P>) {
        using Shape = PipeShape<decltype(&P::operator())>;
        using Value = typename Shape::Value;
        made.value_tag = &type_tag<Value>;
        made.value_type = type_name<Value>();
        made.name = type_name<P>();
        made.apply = [](const void* self, void* value) {
            const P& pipe = *static_cast<const P*>(self);
            Value& argument = *static_cast<Value*>(value);
            if constexpr (Shape::returns)
                argument = pipe(std::move(argument));
            else
                pipe(argument);
        };
    } else {
        static_assert(PipeLike<P>,
                      "armature: a pipe is callable as operator()(T&) const -> void, (const T&) "
                      "const -> void or (T) const -> T, with a T that is spelled out");
    }
    return made;
}

template <class P>
Pipe own_pipe(P pipe) {
    Pipe made = make_pipe<P>();
    auto kept = std::make_shared<const P>(std::move(pipe));
    made.self = kept.get();
    made.object = std::move(kept);
    return made;
}
template <class P>
Pipe found_pipe() {
    Pipe made = make_pipe<P>();
    made.need = object_need<P>();
    return made;
}

} // namespace armature::detail
