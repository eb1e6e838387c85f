#pragma once

#include <armature/app/into_response.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace armature::detail {

/// A function from an exception type to a response.
struct ErrorMapper {
    /// Inside of a catch block: fills the response if the exception is the mapper's.
    bool (*map)(const void* self, Request& request, Response& response) = nullptr;
    std::shared_ptr<const void> object;
};

template <class E>
struct ErrorParameter;
template <class R, class C, class E>
struct ErrorParameter<R (C::*)(E) const> {
    using type = std::remove_cvref_t<E>;
};
template <class R, class C, class E>
struct ErrorParameter<R (C::*)(E, Request&) const> {
    using type = std::remove_cvref_t<E>;
};

template <class R, class E>
struct ErrorParameter<R (*)(E)> {
    using type = std::remove_cvref_t<E>;
};
template <class R, class E>
struct ErrorParameter<R (*)(E, Request&)> {
    using type = std::remove_cvref_t<E>;
};

template <class F>
struct MapperOf {}; // no callable with spelled-out parameter types
template <class F>
    requires requires { typename ErrorParameter<decltype(&F::operator())>::type; }
struct MapperOf<F> : ErrorParameter<decltype(&F::operator())> {};
template <class F>
    requires requires { typename ErrorParameter<F>::type; }
struct MapperOf<F> : ErrorParameter<F> {};

template <class F>
ErrorMapper make_error_mapper(F function) {
    static_assert(
        requires { typename MapperOf<F>::type; },
        "armature: an error mapper is a function or a lambda with spelled-out parameter "
        "types: (const E&) or (const E&, Request&)");
    using E = typename MapperOf<F>::type;
    ErrorMapper mapper;
    mapper.object = std::make_shared<const F>(std::move(function));
    mapper.map = [](const void* self, Request& request, Response& response) {
        try {
            throw; // the exception being handled: this is how its type is asked for
        } catch (const E& error) {
            const F& call = *static_cast<const F*>(self);
            auto result = [&] {
                if constexpr (std::is_invocable_v<const F&, const E&, Request&>)
                    return call(error, request);
                else
                    return call(error);
            }();
            using Result = decltype(result);
            response.reset();
            IntoResponse<Result>::into(std::move(result), request, response);
            return true;
        } catch (...) {
            return false;
        }
    };
    return mapper;
}

} // namespace armature::detail
