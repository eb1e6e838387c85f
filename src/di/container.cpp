#include "di/container.hpp"

#include <armature/core/scheduler.hpp>

namespace armature::di {

using detail::InjectedArguments;
using detail::Made;

namespace {

class Deadline final : Timer {
  public:
    Deadline(LocalLoop& loop, Cancellation& cancellation, Duration timeout)
        : cancellation_(cancellation) {
        loop.timers().arm(*this, steady_now() + timeout.count());
    }

  private:
    void expired() override { cancellation_.request(CancelReason::deadline); }
    Cancellation& cancellation_;
};

// Passes the exception being handled on, with the name of what couldn't be made.
[[noreturn]] void fail(const Node& node) {
    std::string text =
        "the application can't be built:\n  " + std::string{node.type()} + " can't be made: ";
    try {
        throw;
    } catch (const BuildError&) {
        throw; // about something inside
    } catch (const std::exception& error) {
        throw BuildError{text + error.what()};
    } catch (...) {
        throw BuildError{text + "an exception that is no std::exception"};
    }
}

Made checked(Made made) {
    if (made.object == nullptr) throw std::runtime_error("its factory returned null");
    return made;
}

} // namespace

std::unique_ptr<detail::Injection> make_container() { return std::make_unique<Container>(); }

Container::Container() = default;

Container::~Container() {
    for (; !owned_.empty(); owned_.pop_back()) {
        if (Node* node = owned_.back().node) {
            node->owner.reset();
            node->provider.reset(); // it may keep the object
        }
    }
}

void Container::construct(Duration hook_timeout) {
    timeout_ = hook_timeout;
    for (Node* node : order_) {
        if (!node->eager || node->scope() != ServiceScope::singleton) continue;
        try {
            if (node->recipe().make_later != nullptr)
                make_later(*node);
            else
                make_singleton(*node);
        } catch (...) {
            fail(*node);
        }
    }
    for (const Owned& owned : owned_)
        if (owned.node != nullptr && has_hook(*owned.node)) hooked_.push_back(owned.node);
}

void* Container::find(const void* placeholder) {
    for (Place& place : places_)
        if (&place == placeholder)
            return place.need.direct ? obtain(place.target, {}) : &slot_for(place.target);
    return nullptr;
}

// --- making -------------------------------------------------------------------------------------

Container::Filled::Filled(Container& container, const Node& of, const Context& context)
    : Filled(of) { // so that it is destroyed when one of them can't be had
    for (std::size_t i = 0; i < values.size(); ++i)
        container.fill(node.edges[i], context, values[i]);
}

// What no constructor took over is somebody's still: one of the others has thrown.
Container::Filled::~Filled() {
    for (std::size_t i = 0; i < values.size(); ++i)
        if (node.edges[i].dependency.kind == DependencyKind::unique && values[i].object != nullptr)
            node.edges[i].targets.front().node->recipe().share(values[i].as_made);
}

Made Container::make(Node& node, const Context& context) {
    Filled filled{*this, node, context};
    InjectedArguments arguments{filled.values};
    return checked(node.recipe().make(node.provider->self.get(), arguments));
}

void Container::make_singleton(Node& node) {
    if (node.being_made)
        throw std::logic_error("its constructor, or that of what it needs, uses a Lazy that leads "
                               "back to it");
    node.being_made = true;
    struct Done {
        bool& flag;
        ~Done() { flag = false; }
    } done{node.being_made};
    keep_singleton(node, make(node, {}));
}

void Container::make_later(Node& node) {
    Filled filled{*this, node, {}};
    InjectedArguments arguments{filled.values};
    LocalLoop loop;
    Cancellation cancellation;
    const Deadline deadline{loop, cancellation, timeout_};
    keep_singleton(node,
                   checked(loop.run(node.recipe().make_later(node.provider->self.get(), arguments),
                                    &cancellation)));
}

namespace {

std::shared_ptr<void> owner_of(const Node& node, Made& made) {
    if (made.owner != nullptr) return std::move(made.owner);
    if (node.recipe().share != nullptr) return node.recipe().share(made.object);
    return node.provider->self; // a value
}

} // namespace

void Container::keep_singleton(Node& node, Made made) {
    node.owner = owner_of(node, made);
    owned_.push_back({&node, node.owner});
    node.object.store(made.object, std::memory_order_release);
}

// --- finding ------------------------------------------------------------------------------------

Container::Held Container::hold(Node& node, const Context& context) {
    if (node.scope() == ServiceScope::singleton) {
        if (node.object.load(std::memory_order_acquire) == nullptr) {
            const std::lock_guard lock{lazy_mutex_};
            if (node.object == nullptr) make_singleton(node);
        }
        return {node.object, &node.owner};
    }
    if (node.scope() == ServiceScope::request)
        for (const RequestServices::Entry& entry : context.services->entries)
            if (entry.node == &node) return {entry.object, &entry.owner};
    Made made = make(node, context);
    std::shared_ptr<void> owner = owner_of(node, made);
    if (context.services != nullptr) {
        context.services->entries.push_back({&node, made.object, std::move(owner)});
        return {made.object, &context.services->entries.back().owner};
    }
    owned_.push_back({nullptr, std::move(owner)});
    return {made.object, &owned_.back().object};
}

void* Container::obtain(const Target& target, const Context& context) {
    if (target.node == nullptr) return context.request;
    return target.binding->cast(hold(*target.node, context).object);
}

void Container::share(const Target& target, const Context& context, InjectedArgument& argument) {
    const Held held = hold(*target.node, context);
    argument.object = target.binding->cast(held.object);
    argument.owner = *held.owner;
}

void Container::fill(const Edge& edge, const Context& context, InjectedArgument& argument) {
    switch (edge.dependency.kind) {
    case DependencyKind::reference:
    case DependencyKind::pointer:
        if (!edge.targets.empty()) argument.object = obtain(edge.targets.front(), context);
        break;
    case DependencyKind::shared:
        share(edge.targets.front(), context, argument);
        break;
    case DependencyKind::unique: {
        const Target& target = edge.targets.front();
        argument.as_made = make(*target.node, context).object;
        argument.object = target.binding->cast(argument.as_made);
        break;
    }
    case DependencyKind::lazy:
        argument.object = edge.slot;
        break;
    case DependencyKind::many:
        argument.all.resize(edge.targets.size());
        for (std::size_t i = 0; i < edge.targets.size(); ++i)
            share(edge.targets[i], context, argument.all[i]);
        break;
    }
}

Container::Slot& Container::slot_for(const Target& target) {
    for (Slot& slot : slots_)
        if (slot.target.node == target.node && slot.target.binding == target.binding) return slot;
    Slot& slot = slots_.emplace_back();
    slot.find = &find_later;
    slot.container = this;
    slot.target = target;
    if (target.node->scope() == ServiceScope::singleton && target.node->object != nullptr)
        slot.object = target.binding->cast(target.node->object);
    return slot;
}

void* Container::find_later(const detail::ServiceSlot& base, Request* request) {
    const auto& slot = static_cast<const Slot&>(base);
    Container& container = *slot.container;
    if (slot.target.node->scope() == ServiceScope::singleton) {
        void* object = container.obtain(slot.target, {});
        const_cast<Slot&>(slot).object.store(object, std::memory_order_release);
        return object;
    }
    RequestServices* services = request->find<RequestServices>();
    if (services == nullptr) services = &request->set(RequestServices{});
    return container.obtain(slot.target, {request, services});
}

} // namespace armature::di
