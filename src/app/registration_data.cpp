#include "app/registration_data.hpp"

#include <cstring>
#include <utility>

namespace armature::detail {

Closure::Closure(Closure&& other) noexcept { take(other); }
Closure& Closure::operator=(Closure&& other) noexcept {
    if (this != &other) {
        if (manage_ != nullptr) manage_(storage_, nullptr);
        take(other);
    }
    return *this;
}
Closure::~Closure() {
    if (manage_ != nullptr) manage_(storage_, nullptr);
}
void Closure::take(Closure& other) noexcept {
    manage_ = other.manage_;
    on_heap_ = other.on_heap_;
    if (manage_ != nullptr)
        manage_(other.storage_, storage_);
    else
        std::memcpy(storage_, other.storage_, sizeof storage_);
    other.manage_ = nullptr;
}

namespace {

LayerLists& lists_of(LayerData& layer) {
    if (layer.lists == nullptr) layer.lists.reset(new LayerLists);
    return *layer.lists;
}

} // namespace

void MethodHandlers::add(Method method, bool any, HandlerDefinition handler) {
    if (size_ < inline_capacity) {
        inline_[size_] = {method, any, std::move(handler), nullptr};
    } else {
        if (more_ == nullptr) more_.reset(new std::vector<MethodHandler>);
        more_->push_back({method, any, std::move(handler), nullptr});
    }
    ++size_;
}
MethodHandler& MethodHandlers::operator[](std::size_t index) noexcept {
    return index < inline_capacity ? inline_[index] : (*more_)[index - inline_capacity];
}

MethodRoutesBase::MethodRoutesBase() = default;
MethodRoutesBase::MethodRoutesBase(MethodRoutesBase&&) noexcept = default;
MethodRoutesBase& MethodRoutesBase::operator=(MethodRoutesBase&&) noexcept = default;
MethodRoutesBase::~MethodRoutesBase() = default;
OperationNotes& MethodRoutesBase::notes() {
    Owned<OperationNotes>& kept = handlers[handlers.size() - 1].notes;
    if (kept == nullptr) kept.reset(new OperationNotes);
    return *kept;
}
void MethodRoutesBase::add_tag(std::string text) { notes().info.tags.push_back(std::move(text)); }
void MethodRoutesBase::add(DocumentHook hook) { notes().hooks.push_back(hook); }

LayerData::LayerData() = default;
LayerData::LayerData(LayerData&&) noexcept = default;
LayerData& LayerData::operator=(LayerData&&) noexcept = default;
LayerData::~LayerData() = default;
void LayerData::add(Middleware step) { lists_of(*this).steps.push_back(std::move(step)); }
void LayerData::add(Pipe pipe) { lists_of(*this).pipes.push_back(std::move(pipe)); }
void LayerData::add(ErrorMapper mapper) {
    lists_of(*this).error_mappers.push_back(std::move(mapper));
}
void LayerData::add(const void* tag, std::shared_ptr<const void> value) {
    const void* object = value.get();
    lists_of(*this).metadata.push_back({{tag, object}, std::move(value)});
}

ScopeData::ScopeData() = default;
ScopeData::ScopeData(ScopeData&&) noexcept = default;
ScopeData& ScopeData::operator=(ScopeData&&) noexcept = default;
ScopeData::~ScopeData() = default;
ScopeLists& ScopeData::lists() {
    if (lists_ == nullptr) lists_.reset(new ScopeLists);
    return *lists_;
}
void ScopeData::add(const void* tag, std::shared_ptr<void> state) {
    lists().states.push_back({tag, std::move(state)});
}
void ScopeData::add(std::string_view pattern, std::source_location at, MethodRoutesBase&& routes,
                    std::size_t path_count) {
    lists().paths.push_back({pattern, at, std::move(routes), path_count});
}
void ScopeData::add(ScopeData&& scope) {
    if (scope.make_injection != nullptr) make_injection = scope.make_injection;
    lists().scopes.push_back(std::move(scope));
}
void ScopeData::add(std::shared_ptr<ProviderData> provider, InjectionFactory injection) {
    lists().providers.push_back(std::move(provider));
    make_injection = injection;
}
void ScopeData::add_tag(std::string text) { lists().tags.push_back(std::move(text)); }
void ScopeData::add(BuiltHook hook) { lists().built_hooks.push_back(std::move(hook)); }
std::string_view ScopeData::keep(std::string text) {
    return *lists().texts.emplace_back(new std::string(std::move(text)));
}

} // namespace armature::detail
