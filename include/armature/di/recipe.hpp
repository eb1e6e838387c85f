#pragma once

#include <armature/app/hooks.hpp>
#include <armature/core/task.hpp>
#include <armature/di/dependency.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace armature::detail {

/// What a recipe made: `owner` may be null, then `Recipe::share` makes one.
struct Made {
    Made() noexcept = default;
    Made(void* made, std::shared_ptr<void> by) noexcept : object(made), owner(std::move(by)) {}
    void* object = nullptr;
    std::shared_ptr<void> owner;
};

/// How a service is made. One constant for each type or factory.
struct Recipe {
    ServiceKey key;
    /// The parameters; null when `make` has to be asked.
    const Dependency* dependencies;
    std::size_t dependency_count;
    /// One of the two is null. `self` is what the provider keeps: given values, or the factory.
    Made (*make)(const void* self, InjectedArguments& arguments);
    Task<Made> (*make_later)(const void* self, InjectedArguments& arguments);
    /// Takes ownership of what `make` made; null when that is owned already.
    std::shared_ptr<void> (*share)(void* object);
    /// It can be made once only: a value that exists, or given values that can't be copied.
    bool only_once;
    const Hooks* hooks;
};

template <class T>
std::shared_ptr<void> share_object(void* object) {
    return std::shared_ptr<T>(static_cast<T*>(object));
}

template <class... Parameters>
struct DependencyTable {
    static constexpr Dependency table[sizeof...(Parameters) + 1] = {
        Injectable<Parameters>::dependency..., {}};
};

template <class Parameter>
concept InjectableParameter = requires { Injectable<Parameter>::dependency; };

// --- finding out what a constructor takes -------------------------------------------------------

// Converts to every parameter that can be injected, and says then what that was. Not to a service
// by value: of the two conversions that apply to it none is better. Not to `Class` itself, so that
// copying and moving are no way to make one.
template <class Class>
class Probe {
    template <class T>
    static constexpr bool allowed = ServiceType<T> && !std::is_same_v<std::remove_cv_t<T>, Class>;

  public:
    Probe(InjectedArguments& arguments, std::size_t index) noexcept
        : arguments_(arguments), index_(index) {}
    Probe(const Probe&) = delete;

    template <class T>
        requires allowed<T>
    operator T&() const { // NOLINT
        return as<T&>();
    }
    template <class T>
        requires allowed<T>
    operator T() const = delete; // NOLINT
    template <class T>
        requires allowed<T>
    operator T*() const { // NOLINT
        return as<T*>();
    }
    template <class T>
    operator std::shared_ptr<T>() const { // NOLINT
        return as<std::shared_ptr<T>>();
    }
    template <class T>
    operator std::unique_ptr<T>() const { // NOLINT
        return as<std::unique_ptr<T>>();
    }
    template <class T>
    operator Lazy<T>() const { // NOLINT
        return as<Lazy<T>>();
    }
    template <class T, ServiceName Name>
    operator Named<T, Name>() const { // NOLINT
        return as<Named<T, Name>>();
    }
    template <class T>
    operator std::vector<T*>() const { // NOLINT
        return as<std::vector<T*>>();
    }
    template <class T>
    operator std::vector<std::shared_ptr<T>>() const { // NOLINT
        return as<std::vector<std::shared_ptr<T>>>();
    }

  private:
    template <class Parameter>
    Parameter as() const {
        using How = Injectable<Parameter>;
        return How::from(arguments_.take(index_, How::dependency));
    }

    InjectedArguments& arguments_;
    std::size_t index_;
};

// Converts to nothing: what takes it takes everything.
struct Unrelated {
    Unrelated(const Unrelated&) = delete;
};

template <class Class, class Given, class Indices>
struct ConstructorOf;
template <class Class, class... Given, std::size_t... Index>
struct ConstructorOf<Class, std::tuple<Given...>, std::index_sequence<Index...>> {
    template <std::size_t>
    using ProbeAt = Probe<Class>;
    static constexpr bool fits = std::is_constructible_v<Class, ProbeAt<Index>..., Given...>;

    template <std::size_t Which, std::size_t At>
    using Instead = std::conditional_t<Which == At, Unrelated, Probe<Class>>;
    template <std::size_t Which>
    static constexpr bool takes_anything_at =
        std::is_constructible_v<Class, Instead<Which, Index>..., Given...>;
    static constexpr bool takes_anything = (takes_anything_at<Index> || ...);
};

inline constexpr std::size_t most_dependencies = 16;
inline constexpr std::size_t no_constructor = most_dependencies + 1;

// How many parameters the longest constructor has that takes only what can be injected, and then
// the given values.
template <class Class, class Given, std::size_t Count = most_dependencies>
constexpr std::size_t injected_count() {
    if constexpr (ConstructorOf<Class, Given, std::make_index_sequence<Count>>::fits)
        return Count;
    else if constexpr (Count == 0)
        return no_constructor;
    else
        return injected_count<Class, Given, Count - 1>();
}

template <class Class, class Given, std::size_t Count>
constexpr bool takes_anything_with() {
    if constexpr (Count == no_constructor)
        return false;
    else
        return ConstructorOf<Class, Given, std::make_index_sequence<Count>>::takes_anything;
}

// --- a class, by its constructor ----------------------------------------------------------------

template <class Class>
concept ListsDependencies = requires { typename Class::Dependencies; };

// What a provider keeps of the values it was given, and how they are passed on: copied where that
// is possible, because a service may be made many times.
template <class Value>
using PassedOn = std::conditional_t<std::is_copy_constructible_v<Value>, const Value&, Value&&>;
template <class Value>
constexpr PassedOn<Value> pass_on(const Value& value) noexcept {
    return static_cast<PassedOn<Value>>(const_cast<Value&>(value));
}

template <class Class, class... Given>
struct ClassRecipe {
    using Values = std::tuple<Given...>;
    using Passed = std::tuple<PassedOn<Given>...>;
    static constexpr std::size_t count = injected_count<Class, Passed>();
    static constexpr bool takes_anything = takes_anything_with<Class, Passed, count>();
    static constexpr bool copies = (std::is_copy_constructible_v<Given> && ...);

    template <std::size_t... Index>
    static Class* construct(std::index_sequence<Index...>, const Values& values,
                            [[maybe_unused]] InjectedArguments& arguments) {
        return std::apply(
            [&](const Given&... given) {
                return new Class(Probe<Class>(arguments, Index)..., pass_on<Given>(given)...);
            },
            values);
    }
    static Made make(const void* self, InjectedArguments& arguments) {
        return {construct(std::make_index_sequence<count>{}, *static_cast<const Values*>(self),
                          arguments),
                nullptr};
    }
    static constexpr Recipe recipe{service_key<Class>(), nullptr, count,           &make, nullptr,
                                   &share_object<Class>, !copies, &hooks_of<Class>};
};

// The same with a list of its dependencies.
template <class Class, class List, class... Given>
struct ListedRecipe;
template <class Class, class... Parameters, class... Given>
struct ListedRecipe<Class, DependencyList<Parameters...>, Given...> {
    using Values = std::tuple<Given...>;
    static constexpr bool injectable = (InjectableParameter<Parameters> && ...);
    static constexpr bool copies = (std::is_copy_constructible_v<Given> && ...);
    static constexpr bool fits = std::is_constructible_v<Class, Parameters..., PassedOn<Given>...>;

    template <std::size_t... Index>
    static Class* construct(std::index_sequence<Index...>, const Values& values,
                            [[maybe_unused]] InjectedArguments& arguments) {
        return std::apply(
            [&](const Given&... given) {
                return new Class(Injectable<Parameters>::from(
                                     arguments.take(Index, Injectable<Parameters>::dependency))...,
                                 pass_on<Given>(given)...);
            },
            values);
    }
    static Made make(const void* self, InjectedArguments& arguments) {
        return {construct(std::index_sequence_for<Parameters...>{},
                          *static_cast<const Values*>(self), arguments),
                nullptr};
    }
    static constexpr Recipe recipe{service_key<Class>(),
                                   DependencyTable<Parameters...>::table,
                                   sizeof...(Parameters),
                                   &make,
                                   nullptr,
                                   &share_object<Class>,
                                   !copies,
                                   &hooks_of<Class>};
};

template <class Class, class... Given>
struct RecipeChoice {
    using Type = ClassRecipe<Class, Given...>;
};
template <ListsDependencies Class, class... Given>
struct RecipeChoice<Class, Given...> {
    using Type = ListedRecipe<Class, typename Class::Dependencies, Given...>;
};
template <class Class, class... Given>
using RecipeOf = typename RecipeChoice<Class, Given...>::Type;

// --- can it be made, and if not, why ------------------------------------------------------------

template <class Class, class... Given>
constexpr bool can_construct() {
    if constexpr (!std::is_class_v<Class> || std::is_const_v<Class> || std::is_abstract_v<Class>) {
        return false;
    } else if constexpr (ListsDependencies<Class>) {
        if constexpr (RecipeOf<Class, Given...>::injectable)
            return RecipeOf<Class, Given...>::fits;
        else
            return false;
    } else {
        return RecipeOf<Class, Given...>::count != no_constructor &&
               !RecipeOf<Class, Given...>::takes_anything;
    }
}

/// Says in one sentence why nothing can make a `Class`. Only instantiated when nothing can.
template <class Class, class... Given>
constexpr void explain_class() {
    if constexpr (!std::is_class_v<Class> || std::is_const_v<Class>)
        static_assert(std::is_class_v<Class> && !std::is_const_v<Class>,
                      "armature: a service is a class, without const; wrap other values in one");
    else if constexpr (std::is_abstract_v<Class>)
        static_assert(!std::is_abstract_v<Class>,
                      "armature: nothing can make an object of an abstract class; provide one that "
                      "implements it: provide_as<Interface, Implementation>()");
    else if constexpr (ListsDependencies<Class>) {
        if constexpr (!RecipeOf<Class, Given...>::injectable)
            static_assert(RecipeOf<Class, Given...>::injectable,
                          "armature: the Dependencies of this class name a parameter that can't be "
                          "injected; allowed are T&, const T&, T*, std::shared_ptr<T>, "
                          "std::unique_ptr<T>, Lazy<T>, Named<T, \"name\">, std::vector<T*> and "
                          "std::vector<std::shared_ptr<T>>");
        else
            static_assert(RecipeOf<Class, Given...>::fits,
                          "armature: no constructor of this class takes its Dependencies and then "
                          "the values that were given");
    } else if constexpr (RecipeOf<Class, Given...>::takes_anything)
        static_assert(!RecipeOf<Class, Given...>::takes_anything,
                      "armature: this constructor is a template that takes anything; say what it "
                      "needs: using Dependencies = armature::DependencyList<Database&, Mailer&>;");
    else
        static_assert(RecipeOf<Class, Given...>::count != no_constructor,
                      "armature: no public constructor of this class takes only what can be "
                      "injected (T&, const T&, T*, std::shared_ptr<T>, std::unique_ptr<T>, "
                      "Lazy<T>, Named<T, \"name\">, std::vector<T*>) and then the values that "
                      "were given; or several do: then list its Dependencies");
}

} // namespace armature::detail
