#include <armature/di/dependency.hpp>

namespace armature::detail {

InjectedArgument& InjectedArguments::take(std::size_t index, const Dependency& dependency) {
    if (found_ == nullptr) return (*values_)[index];
    (*found_)[index] = dependency;
    if (++found_count_ == found_->size()) throw Found{};
    // Nobody looks at what it refers to: the constructor isn't going to be called.
    alignas(64) static char any_object[64];
    placeholder_ = InjectedArgument{};
    if (dependency.kind == DependencyKind::reference || dependency.kind == DependencyKind::lazy)
        placeholder_.object = any_object;
    return placeholder_;
}

} // namespace armature::detail
