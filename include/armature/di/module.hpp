#pragma once

#include <armature/app/app.hpp>
#include <armature/di/provider.hpp>

#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

namespace detail {

/// A module that another one imports: a value, or the function that makes it.
struct ModuleImport {
    std::shared_ptr<ModuleData> value;
    Module (*function)();
    bool re_exported;
};

/// What a Module collects; an App has one as well, for what it imports.
struct ModuleData {
    ModuleData(std::string called, const std::source_location& at);

    std::string name;
    std::source_location where;
    std::vector<ModuleImport> imports;
    std::vector<std::shared_ptr<ProviderData>> providers;
    std::vector<std::shared_ptr<ProviderData>> replacements; ///< an App's
    std::vector<ServiceKey> exports;
    std::vector<std::unique_ptr<std::string>> names; ///< those of `exports`
    std::vector<ScopeData> scopes;
    bool global = false;
    bool built = false; ///< an application took its scopes over
};

} // namespace detail

/// A part of an application: services, the routes and controllers that use them, and what other
/// parts may use of them. What a module doesn't export can't be injected outside of it.
///
///     Module users_module() {
///         return Module{"users"}
///             .imports(database_module)
///             .provide<UserService>()
///             .exports<UserService>()
///             .service(scope("/users").route("/{id}", get(find_user)));
///     }
///
/// Inside, services of the module itself are found first, then what its imports export, then what
/// the application provides itself, then what global modules export. A handle: copies stand for
/// one module, and one module belongs to one application.
class Module : public detail::Provides<Module> {
  public:
    /// `name` is for error messages, and no other module of the application has it.
    explicit Module(std::string name, std::source_location where = std::source_location::current());

    /// Lets others inject a service of this module, by the type (and name) it is provided as.
    template <class T>
    Module& exports(std::string name = {}) & {
        add_export(detail::service_key<T>(), std::move(name));
        return *this;
    }
    template <class T>
    Module&& exports(std::string name = {}) && {
        return std::move(exports<T>(std::move(name)));
    }

    /// Imports a module and passes on what it exports.
    Module& re_exports(const Module& module) &;
    Module&& re_exports(const Module& module) && { return std::move(re_exports(module)); }
    Module& re_exports(Module (*module)()) &;
    Module&& re_exports(Module (*module)()) && { return std::move(re_exports(module)); }

    /// What it exports is visible everywhere, without an import.
    Module& global() &;
    Module&& global() && { return std::move(global()); }

    /// Routes that belong to this module: their handlers see what it sees.
    Module& service(Scope scope) &;
    Module&& service(Scope scope) && { return std::move(service(std::move(scope))); }

    /// A controller of this module; see `App::controller`. Needs <armature/app/controller.hpp>.
    template <class C, class... Values>
    Module& controller(Values&&... values) & {
        return service(Scope{""}.controller<C>(std::forward<Values>(values)...));
    }
    template <class C, class... Values>
    Module&& controller(Values&&... values) && {
        return std::move(controller<C>(std::forward<Values>(values)...));
    }

    [[nodiscard]] const std::shared_ptr<detail::ModuleData>& data() const noexcept { return data_; }

  private:
    friend class detail::Provides<Module>;
    void take(const Provider& provider);
    void take(const Module& module);
    void take(Module (*module)());
    void add_export(detail::ServiceKey key, std::string name);

    std::shared_ptr<detail::ModuleData> data_;
};

} // namespace armature
