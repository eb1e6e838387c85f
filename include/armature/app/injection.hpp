#pragma once

#include <armature/core/duration.hpp>
#include <armature/core/task.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace armature::detail {

struct ModuleData;
struct ProviderData;
struct ScopeData;

/// What a service is asked for by: its type, and a name where there are several of one type.
struct ServiceKey {
    const void* tag;
    std::string_view type;
    std::string_view name;
};

/// A service that a route wants.
struct ServiceNeed {
    ServiceKey key;
    /// True: the address of the object itself is wanted, which has to be a singleton. False: that
    /// of a `ServiceSlot`, which knows what is made for each request as well.
    bool direct;
};

/// What dependency injection is to an application. Implemented by armature::di, so that programs
/// without it neither compile nor link it.
class Injection {
  public:
    virtual ~Injection() = default;

    /// Takes over the providers and modules of a scope. The scopes of those modules become inner
    /// ones of it. `module` is whose the scope is; null for the application itself.
    virtual void take(ScopeData& scope, const ModuleData* module) = 0;
    /// Notes that somebody wants a service, and gives a pointer that stands for it until it is
    /// there; see `find`. `who` ends in something like "its handler takes".
    virtual void* bind(const ServiceNeed& need, const ModuleData* module,
                       const std::string& who) = 0;
    /// Checks the whole graph and gives its faults.
    [[nodiscard]] virtual std::vector<std::string> check() = 0;
    /// Makes the singletons. Throws `BuildError` when one can't be made.
    virtual void construct(Duration hook_timeout) = 0;
    /// What a pointer that `bind` gave stands for; null for any other one. After `construct`.
    [[nodiscard]] virtual void* find(const void* placeholder) = 0;

    /// Whether a service has a lifecycle hook.
    [[nodiscard]] virtual bool has_hooks() const noexcept = 0;
    /// See Application.
    virtual Task<> start() = 0;
    virtual Task<> before_shutdown(std::string signal) = 0;
    virtual Task<> shutdown(std::string signal) = 0;
};

using InjectionFactory = std::unique_ptr<Injection> (*)();

} // namespace armature::detail
