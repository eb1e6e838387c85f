#pragma once

#include <type_traits>
#include <utility>

namespace armature {

class Module;
class Provider;

namespace detail {

struct ScopeData;

/// Makes a provider known where a scope's services are: for a controller, say, whose routes then
/// have a `ServiceNeed` of its type. Needs armature::di.
void provide(ScopeData& scope, const Provider& provider);

/// Defined by <armature/di/di.hpp>, which a program that provides services includes.
template <class T>
struct include_armature_di_di_hpp;

/// What App and Module have in common: services for the handlers, controllers and other services
/// inside, and modules that bring more of them. Needs <armature/di/di.hpp> and armature::di; see
/// docs/dependency-injection.md.
template <class Derived>
class Provides {
  public:
    /// Provides a service as the provider says: `provide(provider<Cart>().per_request())`.
    Derived& provide(const Provider& provider) & {
        self().take(provider);
        return self();
    }
    Derived&& provide(const Provider& provider) && { return std::move(provide(provider)); }

    /// A singleton of class `T`. Its constructor gets other services, and then `values`.
    template <class T, class... Values>
    Derived& provide(Values&&... values) & {
        return provide(include_armature_di_di_hpp<T>::from_class(std::forward<Values>(values)...));
    }
    template <class T, class... Values>
    Derived&& provide(Values&&... values) && {
        return std::move(provide<T>(std::forward<Values>(values)...));
    }

    /// The same, known by its base class `Interface` only.
    template <class Interface, class T, class... Values>
    Derived& provide_as(Values&&... values) & {
        return provide(include_armature_di_di_hpp<T>::template from_class_as<Interface>(
            std::forward<Values>(values)...));
    }
    template <class Interface, class T, class... Values>
    Derived&& provide_as(Values&&... values) && {
        return std::move(provide_as<Interface, T>(std::forward<Values>(values)...));
    }

    /// An object that exists, or a std::shared_ptr of one.
    template <class T>
    Derived& provide_value(T value) & {
        return provide(include_armature_di_di_hpp<T>::from_value(std::move(value)));
    }
    template <class T>
    Derived&& provide_value(T value) && {
        return std::move(provide_value(std::move(value)));
    }

    /// A singleton that a function makes. Its parameters are injected; it returns the service by
    /// value, as a std::unique_ptr or std::shared_ptr, or a Task of one of these, which is awaited
    /// by `build`.
    template <class F>
    Derived& provide_factory(F factory) & {
        return provide(include_armature_di_di_hpp<F>::from_factory(std::move(factory)));
    }
    template <class F>
    Derived&& provide_factory(F factory) && {
        return std::move(provide_factory(std::move(factory)));
    }

    /// Uses another module: what it exports can be injected here, and its routes are served. A
    /// module is imported by the function that makes it, which is called once however often it is
    /// imported, or as a value, of which copies count as one.
    Derived& imports(Module (*module)()) & {
        self().take(module);
        return self();
    }
    Derived&& imports(Module (*module)()) && { return std::move(imports(module)); }
    Derived& imports(const Module& module) & {
        self().take(module);
        return self();
    }
    Derived&& imports(const Module& module) && { return std::move(imports(module)); }

  private:
    [[nodiscard]] Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

} // namespace detail

} // namespace armature
