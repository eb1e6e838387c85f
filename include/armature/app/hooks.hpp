#pragma once

#include <armature/core/task.hpp>

#include <string_view>
#include <type_traits>
#include <utility>

namespace armature::detail {

/// One lifecycle hook of a class. A coroutine one gives its task; the others have run on return.
using Hook = Task<> (*)(void* object, std::string_view signal);

/// Those that a class has; null for the others.
struct Hooks {
    Hook on_module_init = nullptr;
    Hook on_application_bootstrap = nullptr;
    Hook before_application_shutdown = nullptr;
    Hook on_application_shutdown = nullptr;
    Hook on_module_destroy = nullptr;
};

struct OnModuleInit {
    template <class T>
    static auto call(T& object, std::string_view) -> decltype(object.on_module_init()) {
        return object.on_module_init();
    }
    template <class T>
    static constexpr bool named = requires { &T::on_module_init; };
};
struct OnApplicationBootstrap {
    template <class T>
    static auto call(T& object, std::string_view) -> decltype(object.on_application_bootstrap()) {
        return object.on_application_bootstrap();
    }
    template <class T>
    static constexpr bool named = requires { &T::on_application_bootstrap; };
};
struct BeforeApplicationShutdown {
    template <class T>
    static auto call(T& object, std::string_view signal)
        -> decltype(object.before_application_shutdown(signal)) {
        return object.before_application_shutdown(signal);
    }
    template <class T>
    static constexpr bool named = requires { &T::before_application_shutdown; };
};
struct OnApplicationShutdown {
    template <class T>
    static auto call(T& object, std::string_view signal)
        -> decltype(object.on_application_shutdown(signal)) {
        return object.on_application_shutdown(signal);
    }
    template <class T>
    static constexpr bool named = requires { &T::on_application_shutdown; };
};
struct OnModuleDestroy {
    template <class T>
    static auto call(T& object, std::string_view) -> decltype(object.on_module_destroy()) {
        return object.on_module_destroy();
    }
    template <class T>
    static constexpr bool named = requires { &T::on_module_destroy; };
};

template <class Kind, class T>
constexpr bool is_hook() {
    if constexpr (requires(T& object) { Kind::call(object, std::string_view{}); }) {
        using Result = decltype(Kind::call(std::declval<T&>(), std::string_view{}));
        return std::is_void_v<Result> || std::is_same_v<Result, Task<>>;
    } else {
        return false;
    }
}

template <class Kind, class T>
Task<> run_hook(void* object, std::string_view signal) {
    if constexpr (std::is_void_v<decltype(Kind::call(*static_cast<T*>(object), signal))>) {
        Kind::call(*static_cast<T*>(object), signal);
        return {};
    } else {
        return Kind::call(*static_cast<T*>(object), signal);
    }
}

template <class Kind, class T>
constexpr Hook hook_of() {
    static_assert(is_hook<Kind, T>() || !Kind::template named<T>,
                  "armature: the lifecycle hooks are on_module_init(), on_application_bootstrap(), "
                  "before_application_shutdown(std::string_view signal), "
                  "on_application_shutdown(std::string_view signal) and on_module_destroy(); each "
                  "returns void or Task<>");
    if constexpr (is_hook<Kind, T>())
        return &run_hook<Kind, T>;
    else
        return nullptr;
}

template <class T>
constexpr bool has_hooks() {
    return is_hook<OnModuleInit, T>() || is_hook<OnApplicationBootstrap, T>() ||
           is_hook<BeforeApplicationShutdown, T>() || is_hook<OnApplicationShutdown, T>() ||
           is_hook<OnModuleDestroy, T>();
}

template <class T>
inline constexpr Hooks hooks_of{hook_of<OnModuleInit, T>(), hook_of<OnApplicationBootstrap, T>(),
                                hook_of<BeforeApplicationShutdown, T>(),
                                hook_of<OnApplicationShutdown, T>(), hook_of<OnModuleDestroy, T>()};

} // namespace armature::detail
