#include "flags/set.hpp"

#include <armature/json/nlohmann.hpp>
#include <armature/log/log.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace armature {

using detail::FlagEvaluationResult;
using detail::FlagSet;

// --- Words ---

std::string_view to_string(FlagReason reason) noexcept {
    switch (reason) {
    case FlagReason::static_:
        return "STATIC";
    case FlagReason::targeting_match:
        return "TARGETING_MATCH";
    case FlagReason::split:
        return "SPLIT";
    case FlagReason::default_:
        return "DEFAULT";
    case FlagReason::disabled:
        return "DISABLED";
    case FlagReason::error:
        break;
    }
    return "ERROR";
}

std::string_view to_string(FlagError error) noexcept {
    switch (error) {
    case FlagError::none:
        return "";
    case FlagError::flag_not_found:
        return "FLAG_NOT_FOUND";
    case FlagError::type_mismatch:
        return "TYPE_MISMATCH";
    case FlagError::general:
        break;
    }
    return "GENERAL";
}

// --- Context and hooks ---

FlagContext::FlagContext() : impl_(new Impl) {}
FlagContext::FlagContext(std::string_view targeting_key) : FlagContext() {
    set("targetingKey", targeting_key);
}
FlagContext::FlagContext(const FlagContext& other) : impl_(new Impl(*other.impl_)) {}
FlagContext::FlagContext(FlagContext&&) noexcept = default;
FlagContext& FlagContext::operator=(FlagContext&&) noexcept = default;
FlagContext::~FlagContext() = default;
void FlagContext::set_json(std::string_view name, std::string json) {
    impl_->json[std::string{name}] = nlohmann::json::parse(json);
}

FlagHook::~FlagHook() = default;
void FlagHook::before(std::string_view, FlagContext&) {}
void FlagHook::after(const FlagOutcome&) {}
void FlagHook::error(const FlagOutcome&) {}
void FlagHook::finally(const FlagOutcome&) {}

// --- The file ---

namespace {

std::string read_file(const std::string& file) {
    std::ifstream stream{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{stream}, {}};
    if (!stream) throw std::invalid_argument("armature: flags: " + file + " can't be read");
    return text;
}

} // namespace

Flags::Impl::Impl(std::string from, FlagOptions given)
    : file(std::move(from)), options(std::move(given)) {
    seen = read_file(file);
    set = std::make_shared<const FlagSet>(seen);
    if (options.reload_every.count() > 0) watcher = std::thread{[this] { watch(); }};
}
Flags::Impl::Impl(std::string_view json, FlagOptions given, std::nullptr_t)
    : options(std::move(given)), set(std::make_shared<const FlagSet>(json)) {}
Flags::Impl::~Impl() {
    {
        const std::lock_guard lock{mutex};
        is_ending = true;
    }
    changed.notify_all();
    if (watcher.joinable()) watcher.join();
}

void Flags::Impl::reload() {
    if (file.empty()) return;
    std::string text = read_file(file);
    const std::lock_guard lock{mutex};
    if (text == seen) return;
    // Remembered although it may be broken: it is said once.
    seen = std::move(text);
    std::atomic_store_explicit(&set, std::make_shared<const FlagSet>(seen),
                               std::memory_order_release);
}

void Flags::Impl::watch() {
    const std::chrono::milliseconds pause{options.reload_every.count()};
    std::unique_lock lock{mutex};
    while (!changed.wait_for(lock, pause, [this] { return is_ending; })) {
        lock.unlock();
        try {
            reload();
        } catch (const std::exception& error) {
            log::error("the flags stay as they were", {{"file", file}, {"error", error.what()}});
        }
        lock.lock();
    }
}

FlagEvaluationResult Flags::Impl::evaluate(const FlagSet& from, std::string_view key,
                                           const FlagContext& context) const {
    if (has_overrides.load(std::memory_order_acquire)) {
        const std::lock_guard lock{mutex};
        const auto found = overrides.find(key);
        const detail::Flag* const flag = found == overrides.end() ? nullptr : from.find(key);
        const auto variant =
            flag != nullptr ? flag->variants.find(found->second) : decltype(flag->variants.end()){};
        if (flag != nullptr && variant != flag->variants.end())
            return {FlagReason::static_, FlagError::none, variant->first, {}, &variant->second};
    }
    return from.evaluate(key, context.impl().json);
}

Flags::Flags(const std::string& file, FlagOptions options)
    : impl_(std::make_shared<Impl>(file, std::move(options))) {}
Flags Flags::from_json(std::string_view json, FlagOptions options) {
    return Flags{std::make_shared<Impl>(json, std::move(options), nullptr)};
}
void Flags::reload() const { impl_->reload(); }

void Flags::set_override(std::string_view key, std::string_view variant) const {
    const auto set = impl_->current();
    const detail::Flag* const flag = set->find(key);
    if (flag == nullptr || !flag->variants.contains(variant))
        throw std::invalid_argument("armature: flags: \"" + std::string{key} +
                                    "\" has no variant \"" + std::string{variant} + "\"");
    const std::lock_guard lock{impl_->mutex};
    impl_->overrides.insert_or_assign(std::string{key}, std::string{variant});
    impl_->has_overrides.store(true, std::memory_order_release);
}
void Flags::clear_override(std::string_view key) const {
    const std::lock_guard lock{impl_->mutex};
    const auto found = impl_->overrides.find(key);
    if (found != impl_->overrides.end()) impl_->overrides.erase(found);
    impl_->has_overrides.store(!impl_->overrides.empty(), std::memory_order_release);
}

// --- Evaluation ---

namespace {

bool is_of(const nlohmann::json& value, detail::FlagKind kind) {
    switch (kind) {
    case detail::FlagKind::boolean:
        return value.is_boolean();
    case detail::FlagKind::number:
        return value.is_number();
    case detail::FlagKind::text:
        return value.is_string();
    case detail::FlagKind::object:
        break;
    }
    return value.is_object();
}

void copy_value(const nlohmann::json& value, detail::FlagKind kind,
                detail::FlagResolution& resolution) {
    resolution.has_value = true;
    switch (kind) {
    case detail::FlagKind::boolean:
        resolution.boolean = value.get<bool>();
        break;
    case detail::FlagKind::number:
        resolution.number = value.get<double>();
        break;
    case detail::FlagKind::text:
        resolution.text = value.get<std::string>();
        break;
    case detail::FlagKind::object:
        resolution.text = value.dump();
    }
}

} // namespace

detail::FlagResolution Flags::resolve(std::string_view key, detail::FlagKind kind,
                                      const FlagContext& context) const {
    const auto& hooks = impl_->options.hooks;
    const auto set = impl_->current();
    FlagEvaluationResult result;
    if (hooks.empty()) {
        result = impl_->evaluate(*set, key, context);
    } else {
        FlagContext own{context};
        for (const auto& hook : hooks)
            hook->before(key, own);
        result = impl_->evaluate(*set, key, own);
    }
    if (result.value != nullptr && !is_of(*result.value, kind)) {
        result = {FlagReason::error,
                  FlagError::type_mismatch,
                  {},
                  "the flag \"" + std::string{key} + "\" is of another type",
                  nullptr};
    }
    const FlagOutcome outcome{key, result.variant, result.reason, result.error, result.message};
    for (auto hook = hooks.rbegin(); hook != hooks.rend(); ++hook)
        result.error == FlagError::none ? (*hook)->after(outcome) : (*hook)->error(outcome);
    for (auto hook = hooks.rbegin(); hook != hooks.rend(); ++hook)
        (*hook)->finally(outcome);

    detail::FlagResolution resolution;
    if (result.value != nullptr) copy_value(*result.value, kind, resolution);
    resolution.reason = result.reason;
    resolution.error = result.error;
    resolution.variant = std::move(result.variant);
    resolution.message = std::move(result.message);
    return resolution;
}

RequestFlags Extract<RequestFlags>::from(const ExtractInput& input) {
    const auto* attached = input.request.find<FlagEvaluation::Attached>();
    if (attached == nullptr)
        throw std::logic_error("armature: RequestFlags needs FlagEvaluation around the route");
    FlagContext context;
    if (attached->evaluation->fill_ != nullptr) attached->evaluation->fill_(input.request, context);
    return RequestFlags{attached->evaluation->flags_, std::move(context)};
}

} // namespace armature
