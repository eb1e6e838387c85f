#pragma once

#include <armature/app/provide.hpp>
#include <armature/di/recipe.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature {

namespace detail {

enum class ServiceScope : std::uint8_t { singleton, request, transient };

/// A type that a service is known by.
struct Binding {
    ServiceKey key;
    void* (*cast)(void* object); ///< from what the recipe made
    bool deletable;              ///< by a pointer to that type
};

struct ProviderData {
    ProviderData(const Recipe& how, std::shared_ptr<void> keeps);

    const Recipe* recipe;
    std::shared_ptr<void> self; ///< what the recipe gets
    std::vector<Binding> bindings;
    std::string name;
    ServiceScope scope = ServiceScope::singleton;
    bool lazy = false;
    bool many = false;
    bool if_missing = false;
    bool replaces = false;
};

} // namespace detail

/// How a service is made and what it is known by. Made by `provider<T>()`, `provider_from(factory)`
/// or `provider_of(value)`; a handle, whose copies stand for one provider.
class Provider {
  public:
    [[nodiscard]] const std::shared_ptr<detail::ProviderData>& data() const noexcept {
        return data_;
    }

  protected:
    Provider(const detail::Recipe& recipe, std::shared_ptr<void> self);

    void set_name(std::string name);
    void set_scope(detail::ServiceScope scope) noexcept { data_->scope = scope; }
    void bind(const detail::Binding& binding);

    std::shared_ptr<detail::ProviderData> data_;
};

/// A provider of a `T`, a singleton unless it says otherwise.
template <class T>
class ProviderOf : public Provider {
  public:
    ProviderOf(const detail::Recipe& recipe, std::shared_ptr<void> self)
        : Provider(recipe, std::move(self)) {}

    /// Makes it known by a base class, and no longer by `T` itself. Several are possible: the
    /// object is the same.
    template <class Interface>
    ProviderOf&& as() && {
        static_assert(std::is_convertible_v<T*, Interface*>,
                      "armature: a service can be provided as one of its public base classes only");
        if constexpr (std::is_convertible_v<T*, Interface*>)
            bind({detail::service_key<Interface>(), &cast_to<Interface>,
                  std::has_virtual_destructor_v<Interface> || std::is_same_v<Interface, T>});
        return std::move(*this);
    }
    /// Tells it from others of its type; see `Named`.
    ProviderOf&& named(std::string name) && {
        set_name(std::move(name));
        return std::move(*this);
    }
    /// One for each request that needs it; destroyed with the request.
    ProviderOf&& per_request() && {
        set_scope(detail::ServiceScope::request);
        return std::move(*this);
    }
    /// A new one for each parameter.
    ProviderOf&& transient() && {
        set_scope(detail::ServiceScope::transient);
        return std::move(*this);
    }
    /// A singleton that is made when it is needed first, not by `build`.
    ProviderOf&& lazy() && {
        data_->lazy = true;
        return std::move(*this);
    }
    /// One of several of its type, injected as `std::vector<T*>` in the order of registration.
    ProviderOf&& many() && {
        data_->many = true;
        return std::move(*this);
    }
    /// Is left out where another provider of its type is visible.
    ProviderOf&& if_missing() && {
        data_->if_missing = true;
        return std::move(*this);
    }

  private:
    template <class Interface>
    static void* cast_to(void* object) {
        return static_cast<Interface*>(static_cast<T*>(object));
    }
};

namespace detail {

// --- factories ----------------------------------------------------------------------------------

template <class Result>
struct Product {
    using Type = Result;
    static constexpr bool later = false;
    static constexpr bool owned = false;
    static Made made(Result result) { return {new Result(std::move(result)), nullptr}; }
};
template <class T>
struct Product<std::unique_ptr<T>> {
    using Type = T;
    static constexpr bool later = false;
    static constexpr bool owned = false;
    static Made made(std::unique_ptr<T> result) { return {result.release(), nullptr}; }
};
template <class T>
struct Product<std::shared_ptr<T>> {
    using Type = T;
    static constexpr bool later = false;
    static constexpr bool owned = true;
    static Made made(std::shared_ptr<T> result) {
        T* object = result.get();
        return {object, std::move(result)};
    }
};
template <class Result>
struct Product<Task<Result>> : Product<Result> {
    static constexpr bool later = true;
};

template <class Result>
Task<Made> made_later(Task<Result> task) {
    Result result = co_await std::move(task);
    co_return Product<Result>::made(std::move(result));
}

template <class F>
struct FactoryShape;
template <class R, class... Parameters>
struct FactoryShape<R (*)(Parameters...)> {
    using Result = R;
    using How = Product<R>;
    using Type = typename How::Type;
    static constexpr bool injectable = (InjectableParameter<Parameters> && ...);
    static constexpr bool makes_service = std::is_class_v<Type> && !std::is_const_v<Type>;

    template <class F, std::size_t... Index>
    static R call(std::index_sequence<Index...>, const void* self,
                  [[maybe_unused]] InjectedArguments& arguments) {
        return (*static_cast<const F*>(self))(Injectable<Parameters>::from(
            arguments.take(Index, Injectable<Parameters>::dependency))...);
    }
    using Indices = std::index_sequence_for<Parameters...>;

    template <class F>
    static Made make(const void* self, InjectedArguments& arguments) {
        if constexpr (std::is_same_v<R, Type>)
            return {new R(call<F>(Indices{}, self, arguments)),
                    nullptr}; // also one that can't move
        else
            return How::made(call<F>(Indices{}, self, arguments));
    }
    template <class F>
    static Task<Made> make_later(const void* self, InjectedArguments& arguments) {
        return made_later(call<F>(Indices{}, self, arguments));
    }

    template <class F>
    static constexpr Recipe recipe() {
        Recipe made{service_key<Type>(),
                    DependencyTable<Parameters...>::table,
                    sizeof...(Parameters),
                    nullptr,
                    nullptr,
                    How::owned ? nullptr : &share_object<Type>,
                    false,
                    &hooks_of<Type>};
        if constexpr (How::later)
            made.make_later = &make_later<F>;
        else
            made.make = &make<F>;
        return made;
    }
};
template <class R, class... Parameters>
struct FactoryShape<R (*)(Parameters...) noexcept> : FactoryShape<R (*)(Parameters...)> {};
template <class C, class R, class... Parameters>
struct FactoryShape<R (C::*)(Parameters...) const> : FactoryShape<R (*)(Parameters...)> {};
template <class C, class R, class... Parameters>
struct FactoryShape<R (C::*)(Parameters...) const noexcept> : FactoryShape<R (*)(Parameters...)> {};

template <class F>
struct FactoryOf {}; // nothing that can be called with known types
template <class F>
    requires requires { sizeof(FactoryShape<decltype(&F::operator())>); }
struct FactoryOf<F> : FactoryShape<decltype(&F::operator())> {};
template <class F>
    requires(std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>)
struct FactoryOf<F> : FactoryShape<F> {};

template <class F>
inline constexpr Recipe factory_recipe = FactoryOf<F>::template recipe<F>();

template <class F>
constexpr bool is_factory() {
    if constexpr (requires { typename FactoryOf<F>::Type; })
        return FactoryOf<F>::injectable && FactoryOf<F>::makes_service;
    else
        return false;
}

/// Says in one sentence why `F` is no factory. Only instantiated when it isn't.
template <class F>
constexpr void explain_factory() {
    constexpr bool has_shape = requires { typename FactoryOf<F>::Type; };
    if constexpr (!has_shape)
        static_assert(has_shape, "armature: a factory is a function, or a lambda with spelled-out "
                                 "parameter types (no 'auto') that isn't 'mutable'");
    else if constexpr (!FactoryOf<F>::injectable)
        static_assert(FactoryOf<F>::injectable,
                      "armature: a parameter of this factory can't be injected; allowed are "
                      "T&, const T&, T*, std::shared_ptr<T>, std::unique_ptr<T>, Lazy<T>, "
                      "Named<T, \"name\">, std::vector<T*> and std::vector<std::shared_ptr<T>>");
    else
        static_assert(FactoryOf<F>::makes_service,
                      "armature: a factory returns a service of class type by value, as "
                      "std::unique_ptr<T> or std::shared_ptr<T>, or a Task of one of these");
}

// --- values -------------------------------------------------------------------------------------

template <class T>
Made existing(const void* self, InjectedArguments&) {
    return {const_cast<void*>(self), nullptr};
}
template <class T>
inline constexpr Recipe value_recipe{service_key<T>(), nullptr, 0,    &existing<T>,
                                     nullptr,          nullptr, true, &hooks_of<T>};

} // namespace detail

/// A provider of a class. Its constructor is the longest that takes only what can be injected, and
/// then `values`: `T&`, `const T&`, `T*` (null when nothing provides it), `std::shared_ptr<T>`,
/// `std::unique_ptr<T>`, `Lazy<T>`, `Named<T, "name">`, `std::vector<T*>` and
/// `std::vector<std::shared_ptr<T>>`. A class can list its parameters instead; see
/// `DependencyList`.
template <class T, class... Values>
[[nodiscard]] ProviderOf<T> provider(Values&&... values) {
    if constexpr (detail::can_construct<T, std::decay_t<Values>...>()) {
        return {
            detail::RecipeOf<T, std::decay_t<Values>...>::recipe,
            std::make_shared<std::tuple<std::decay_t<Values>...>>(std::forward<Values>(values)...)};
    } else {
        detail::explain_class<T, std::decay_t<Values>...>();
        std::terminate();
    }
}

/// A provider of what a function returns: a service by value, a std::unique_ptr or std::shared_ptr
/// to it, or a Task of one of these, which `build` awaits. The parameters are injected, like those
/// of a constructor.
template <class F>
[[nodiscard]] auto provider_from(F factory) {
    if constexpr (detail::is_factory<F>()) {
        using T = typename detail::FactoryOf<F>::Type;
        return ProviderOf<T>{detail::factory_recipe<F>, std::make_shared<F>(std::move(factory))};
    } else {
        detail::explain_factory<F>();
    }
}

/// A provider of an object that exists.
template <class T>
[[nodiscard]] ProviderOf<T> provider_of(T value) {
    static_assert(std::is_class_v<T>, "armature: a service is a class; wrap other values in one");
    return {detail::value_recipe<T>, std::make_shared<T>(std::move(value))};
}
/// The same for one that is shared already.
template <class T>
[[nodiscard]] ProviderOf<T> provider_of(std::shared_ptr<T> value) {
    static_assert(std::is_class_v<T> && !std::is_const_v<T>,
                  "armature: a service is a class, without const; take it as const T& instead");
    return {detail::value_recipe<T>, std::move(value)};
}

template <class T>
struct detail::include_armature_di_di_hpp {
    template <class... Values>
    static Provider from_class(Values&&... values) {
        return provider<T>(std::forward<Values>(values)...);
    }
    /// One object, also of a controller whose routes are mounted at several places.
    template <class... Values>
    static Provider for_controller(Values&&... values) {
        ProviderOf<T> made = provider<T>(std::forward<Values>(values)...);
        if constexpr (sizeof...(Values) == 0) return std::move(made).if_missing();
        return made;
    }
    template <class Interface, class... Values>
    static Provider from_class_as(Values&&... values) {
        return provider<T>(std::forward<Values>(values)...).template as<Interface>();
    }
    static Provider from_value(T value) { return provider_of(std::move(value)); }
    static Provider from_factory(T factory) {
        if constexpr (is_factory<T>()) {
            return provider_from(std::move(factory));
        } else {
            explain_factory<T>();
            std::terminate();
        }
    }
};

} // namespace armature
