#include "di/container.hpp"

#include <armature/app/app.hpp>
#include <armature/di/provider.hpp>

namespace armature {

namespace detail {

ProviderData::ProviderData(const Recipe& how, std::shared_ptr<void> keeps)
    : recipe(&how), self(std::move(keeps)) {}

void provide(ScopeData& scope, const Provider& provider) {
    scope.add(provider.data(), &di::make_container);
}

} // namespace detail

Provider::Provider(const detail::Recipe& recipe, std::shared_ptr<void> self)
    : data_(std::make_shared<detail::ProviderData>(recipe, std::move(self))) {}

void Provider::set_name(std::string name) {
    data_->name = std::move(name);
    for (detail::Binding& binding : data_->bindings)
        binding.key.name = data_->name;
}

void Provider::bind(const detail::Binding& binding) {
    data_->bindings.push_back(binding);
    data_->bindings.back().key.name = data_->name;
}

} // namespace armature
