#pragma once

#include <armature/app/injection.hpp>
#include <armature/core/request.hpp>
#include <armature/core/type_name.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature {

namespace detail {

/// A text as a template argument.
template <std::size_t Size>
struct ServiceName {
    constexpr ServiceName(const char (&literal)[Size]) noexcept { // NOLINT: a literal converts
        for (std::size_t i = 0; i < Size; ++i)
            text[i] = literal[i];
    }
    [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, Size - 1}; }
    char text[Size] = {};
};

/// Where a service is found: made already, or made by `find` when it is asked for.
struct ServiceSlot {
    std::atomic<void*> object = nullptr;
    /// `request` is null outside of one.
    void* (*find)(const ServiceSlot& self, Request* request) = nullptr;

    [[nodiscard]] void* get(Request* request) const {
        void* made = object.load(std::memory_order_acquire);
        return made != nullptr ? made : find(*this, request);
    }
};

} // namespace detail

/// A singleton that is looked up when it is used first: breaks a cycle, and has a provider that is
/// `lazy()` make its service no earlier than that. Use it after the constructor only.
template <class T>
class Lazy {
  public:
    explicit Lazy(const detail::ServiceSlot& slot) noexcept : slot_(&slot) {}
    [[nodiscard]] T& operator*() const { return *static_cast<T*>(slot_->get(nullptr)); }
    [[nodiscard]] T* operator->() const { return &**this; }

  private:
    const detail::ServiceSlot* slot_;
};

/// The service that was provided by that name: `Named<Mailer, "newsletter">`.
template <class T, detail::ServiceName Name>
class Named {
  public:
    explicit Named(T& object) noexcept : object_(&object) {}
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_; }
    operator T&() const noexcept { return *object_; } // NOLINT: the parameter is only told apart

  private:
    T* object_;
};

/// The parameters of a constructor, for a class that has several: `using Dependencies =
/// armature::DependencyList<Database&, Mailer&>;`. Always wins over what is found out.
template <class... Parameters>
struct DependencyList {};

namespace detail {

enum class DependencyKind : std::uint8_t {
    reference, ///< T&, const T&, Named<T, "…">
    pointer,   ///< T*: null when nothing provides it
    shared,    ///< std::shared_ptr<T>
    unique,    ///< std::unique_ptr<T>, of a transient service
    lazy,      ///< Lazy<T>
    many,      ///< std::vector<T*>, std::vector<std::shared_ptr<T>>
};

/// One parameter of a constructor or factory.
struct Dependency {
    ServiceKey key;
    DependencyKind kind;
};

/// What stands for one parameter in one construction.
struct InjectedArgument {
    void* object = nullptr;  ///< for `lazy`, the slot
    void* as_made = nullptr; ///< for `unique`, before it was cast to the type asked for
    std::shared_ptr<void> owner;
    std::vector<InjectedArgument> all; ///< for `many`
};

template <class T>
constexpr ServiceKey service_key(std::string_view name = {}) noexcept {
    using Type = std::remove_cv_t<T>;
    return {&type_tag<Type>, type_name<Type>(), name};
}
template <class T>
[[nodiscard]] T* object_of(const InjectedArgument& argument) noexcept {
    return static_cast<T*>(static_cast<std::remove_cv_t<T>*>(argument.object));
}
template <class T>
[[nodiscard]] std::shared_ptr<T> share_of(InjectedArgument& argument) noexcept {
    return {std::move(argument.owner), object_of<T>(argument)};
}

/// How a parameter is injected; undefined for those that can't be.
template <class Parameter>
struct Injectable;

template <class T>
inline constexpr bool is_injection_wrapper = false;

template <class T>
concept ServiceType = std::is_class_v<T> && !is_injection_wrapper<std::remove_cv_t<T>>;

template <ServiceType T>
struct Injectable<T&> {
    static constexpr Dependency dependency{service_key<T>(), DependencyKind::reference};
    static T& from(const InjectedArgument& argument) noexcept { return *object_of<T>(argument); }
};
template <ServiceType T>
struct Injectable<T*> {
    static constexpr Dependency dependency{service_key<T>(), DependencyKind::pointer};
    static T* from(const InjectedArgument& argument) noexcept { return object_of<T>(argument); }
};
template <ServiceType T>
struct Injectable<std::shared_ptr<T>> {
    static constexpr Dependency dependency{service_key<T>(), DependencyKind::shared};
    static std::shared_ptr<T> from(InjectedArgument& argument) noexcept {
        return share_of<T>(argument);
    }
};
template <ServiceType T>
struct Injectable<std::unique_ptr<T>> {
    static constexpr Dependency dependency{service_key<T>(), DependencyKind::unique};
    static std::unique_ptr<T> from(InjectedArgument& argument) noexcept {
        std::unique_ptr<T> owner{object_of<T>(argument)};
        argument.object = nullptr;
        return owner;
    }
};
template <class T>
struct Injectable<Lazy<T>> {
    static constexpr Dependency dependency{service_key<T>(), DependencyKind::lazy};
    static Lazy<T> from(const InjectedArgument& argument) noexcept {
        return Lazy<T>{*object_of<const ServiceSlot>(argument)};
    }
};
template <class T, ServiceName Name>
struct Injectable<Named<T, Name>> {
    static constexpr Dependency dependency{service_key<T>(Name.view()), DependencyKind::reference};
    static Named<T, Name> from(const InjectedArgument& argument) noexcept {
        return Named<T, Name>{*object_of<T>(argument)};
    }
};
template <ServiceType T>
struct Injectable<std::vector<T*>> {
    static constexpr Dependency dependency{service_key<T>(), DependencyKind::many};
    static std::vector<T*> from(const InjectedArgument& argument) {
        std::vector<T*> all;
        for (const InjectedArgument& one : argument.all)
            all.push_back(object_of<T>(one));
        return all;
    }
};
template <ServiceType T>
struct Injectable<std::vector<std::shared_ptr<T>>> {
    static constexpr Dependency dependency{service_key<T>(), DependencyKind::many};
    static std::vector<std::shared_ptr<T>> from(InjectedArgument& argument) {
        std::vector<std::shared_ptr<T>> all;
        for (InjectedArgument& one : argument.all)
            all.push_back(share_of<T>(one));
        return all;
    }
};
template <class T>
    requires is_injection_wrapper<T>
struct Injectable<const T&> : Injectable<T> {};

template <class T>
inline constexpr bool is_injection_wrapper<std::shared_ptr<T>> = true;
template <class T, class Deleter>
inline constexpr bool is_injection_wrapper<std::unique_ptr<T, Deleter>> = true;
template <class T>
inline constexpr bool is_injection_wrapper<Lazy<T>> = true;
template <class T, ServiceName Name>
inline constexpr bool is_injection_wrapper<Named<T, Name>> = true;
template <class T>
inline constexpr bool is_injection_wrapper<std::vector<T*>> = true;
template <class T>
inline constexpr bool is_injection_wrapper<std::vector<std::shared_ptr<T>>> = true;

/// The arguments of one construction. While the parameters of a constructor are being found out,
/// it notes them instead, and throws `Found` once it has all, before the constructor begins.
class InjectedArguments {
  public:
    struct Found {};

    explicit InjectedArguments(std::vector<InjectedArgument>& values) noexcept : values_(&values) {}
    /// For finding out; `found` has the size that the parameters have.
    explicit InjectedArguments(std::vector<Dependency>& found) noexcept : found_(&found) {}

    /// The argument at `index`, or a place that stands for any object.
    [[nodiscard]] InjectedArgument& take(std::size_t index, const Dependency& dependency);

  private:
    std::vector<InjectedArgument>* values_ = nullptr;
    std::vector<Dependency>* found_ = nullptr;
    std::size_t found_count_ = 0;
    InjectedArgument placeholder_;
};

} // namespace detail

} // namespace armature
