#include "app/registration_data.hpp"
#include "di/container.hpp"

#include <armature/di/module.hpp>

namespace armature {

using detail::ModuleData;

detail::ModuleData::ModuleData(std::string called, const std::source_location& at)
    : name(std::move(called)), where(at) {}

// --- modules ------------------------------------------------------------------------------------

Module::Module(std::string name, std::source_location where)
    : data_(std::make_shared<ModuleData>(std::move(name), where)) {}

void Module::take(const Provider& provider) { data_->providers.push_back(provider.data()); }
void Module::take(const Module& module) {
    data_->imports.push_back({module.data_, nullptr, false});
}
void Module::take(Module (*module)()) { data_->imports.push_back({nullptr, module, false}); }

Module& Module::re_exports(const Module& module) & {
    data_->imports.push_back({module.data_, nullptr, true});
    return *this;
}
Module& Module::re_exports(Module (*module)()) & {
    data_->imports.push_back({nullptr, module, true});
    return *this;
}

void Module::add_export(detail::ServiceKey key, std::string name) {
    key.name = *data_->names.emplace_back(std::make_unique<std::string>(std::move(name)));
    data_->exports.push_back(key);
}

Module& Module::global() & {
    data_->global = true;
    return *this;
}

Module& Module::service(Scope scope) & {
    data_->scopes.push_back(std::move(scope.data_));
    return *this;
}

// --- the application ----------------------------------------------------------------------------

namespace {

ModuleData& imports_of(detail::ScopeData& scope) {
    std::shared_ptr<ModuleData>& imports = scope.lists().imports;
    if (imports == nullptr)
        imports = std::make_shared<ModuleData>("the application", std::source_location{});
    scope.make_injection = &di::make_container;
    return *imports;
}

} // namespace

void App::take(const Provider& provider) { detail::provide(data_, provider); }
void App::take(const Module& module) {
    imports_of(data_).imports.push_back({module.data(), nullptr, false});
}
void App::take(Module (*module)()) {
    imports_of(data_).imports.push_back({nullptr, module, false});
}

App& App::replace(const Provider& provider) & {
    imports_of(data_).replacements.push_back(provider.data());
    return *this;
}

} // namespace armature
