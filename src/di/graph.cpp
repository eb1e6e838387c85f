#include "di/container.hpp"

#include <algorithm>

namespace armature::di {

bool has_hook(const Node& node) noexcept {
    const detail::Hooks& hooks = *node.recipe().hooks;
    return hooks.on_module_init != nullptr || hooks.on_application_bootstrap != nullptr ||
           hooks.before_application_shutdown != nullptr ||
           hooks.on_application_shutdown != nullptr || hooks.on_module_destroy != nullptr;
}

namespace {

bool is_request(const ServiceKey& key) noexcept { return key.tag == &detail::type_tag<Request>; }

} // namespace

void* Container::bind(const detail::ServiceNeed& need, const ModuleData* module,
                      const std::string& who) {
    return &places_.emplace_back(Place{need, &unit_of(module), who, {}});
}

std::vector<std::string> Container::check() {
    replace();
    leave_out_what_is_there();
    for (const Unit& unit : units_) {
        check_exports(unit);
        check_duplicates(unit);
        active_.insert(active_.end(), unit.nodes.begin(), unit.nodes.end());
    }
    for (Node* node : active_) {
        find_dependencies(*node);
        check_provider(*node);
        for (std::size_t i = 0; i < node->edges.size(); ++i)
            resolve(node->edges[i], *node, i);
    }
    for (Place& place : places_)
        resolve(place);
    std::vector<Node*> path;
    for (Node* node : active_)
        visit(*node, path);
    if (faults_.empty()) check_scopes(); // a cycle would have no end
    for (Node* node : active_)
        if (node->scope() == ServiceScope::singleton && !node->provider->lazy) mark_eager(*node);
    return std::move(faults_);
}

void Container::find_dependencies(Node& node) {
    const detail::Recipe& recipe = node.recipe();
    std::vector<Dependency> found(recipe.dependency_count);
    if (recipe.dependencies != nullptr) {
        std::copy_n(recipe.dependencies, recipe.dependency_count, found.begin());
    } else if (!found.empty()) {
        try {
            detail::InjectedArguments arguments{found};
            static_cast<void>(recipe.make(node.provider->self.get(), arguments));
        } catch (const detail::InjectedArguments::Found&) {
            // which is how it tells
        }
    }
    for (const Dependency& dependency : found)
        node.edges.push_back({dependency, {}, nullptr});
}

void Container::check_provider(const Node& node) {
    const ProviderData& provider = *node.provider;
    const std::string type{node.type()};
    if (node.scope() != ServiceScope::singleton) {
        if (node.recipe().make_later != nullptr)
            fault(type + " is made by a coroutine, which is awaited when the application is "
                         "built, so it can only be a singleton");
        if (node.recipe().only_once)
            fault(type + " is provided as a value, or with values that can't be copied, so it can "
                         "only be a singleton");
        if (has_hook(node))
            fault(type + " has a lifecycle hook, but isn't a singleton, so nothing would run it");
        if (provider.lazy) fault(type + ": lazy() is for singletons; others are made when needed");
    } else if (provider.lazy) {
        if (node.recipe().make_later != nullptr)
            fault(type + " is made by a coroutine, which is awaited when the application is "
                         "built, so it can't be lazy()");
        if (has_hook(node))
            fault(type + " has a lifecycle hook, so it can't be lazy(): it has to be there when "
                         "the application starts");
    }
}

// --- who gets what ------------------------------------------------------------------------------

void Container::resolve(Edge& edge, const Node& node, std::size_t index) {
    const ServiceKey& key = edge.dependency.key;
    const DependencyKind kind = edge.dependency.kind;
    const auto who = [&] {
        return std::string{node.type()} + " needs " + text_of(key) + " (parameter " +
               std::to_string(index + 1) + ')';
    };
    if (is_request(key)) {
        edge.targets.push_back({});
        if (kind != DependencyKind::reference) fault(who() + ": take the request as Request&");
        return;
    }
    edge.targets = lookup(*node.unit, key, kind == DependencyKind::many);
    if (kind == DependencyKind::many) return;
    if (edge.targets.empty()) {
        if (kind != DependencyKind::pointer) fault(who() + missing(key, *node.unit));
        return;
    }
    if (edge.targets.size() > 1)
        return fault(who() + ", but there are several; take all of them as std::vector<T*>");
    const Target& target = edge.targets.front();
    const Node& needed = *target.node;
    if (kind == DependencyKind::unique) {
        if (needed.scope() != ServiceScope::transient)
            fault(who() + " as std::unique_ptr, but it isn't transient()");
        else if (needed.recipe().share == nullptr)
            fault(who() + " as std::unique_ptr, but its factory makes a std::shared_ptr");
        else if (!target.binding->deletable)
            fault(who() + " as std::unique_ptr, but that type has no virtual destructor");
    } else if (kind == DependencyKind::lazy) {
        if (needed.scope() != ServiceScope::singleton)
            return fault(who() + " as Lazy, but Lazy is for singletons");
        edge.slot = &slot_for(target);
    }
}

void Container::resolve(Place& place) {
    const ServiceKey& key = place.need.key;
    const std::string what = text_of(key);
    const std::string who = place.who + (place.need.direct ? ' ' + what : " Inject<" + what + '>');
    const std::vector<Target> targets = lookup(*place.unit, key, false);
    if (targets.empty()) return fault(who + missing(key, *place.unit));
    if (targets.size() > 1) return fault(who + ", but there are several providers of it");
    place.target = targets.front();
    if (place.need.direct && place.target.node->scope() != ServiceScope::singleton)
        fault(who + ", which has to be a singleton");
}

// --- order, cycles, scopes ----------------------------------------------------------------------

void Container::visit(Node& node, std::vector<Node*>& path) {
    if (node.visit == Node::Visit::done) return;
    path.push_back(&node);
    if (node.visit == Node::Visit::under_way) {
        std::string text = "a cycle: ";
        for (auto at = std::find(path.begin(), path.end(), &node); at != path.end(); ++at)
            text.append((*at)->type()).append(*at == &node && at + 1 == path.end() ? "" : " -> ");
        fault(text + "; have one of them take the next as Lazy<T>");
        path.pop_back();
        return;
    }
    node.visit = Node::Visit::under_way;
    for (const Edge& edge : node.edges)
        if (edge.dependency.kind != DependencyKind::lazy)
            for (const Target& target : edge.targets)
                if (target.node != nullptr) visit(*target.node, path);
    node.visit = Node::Visit::done;
    path.pop_back();
    order_.push_back(&node);
}

// Whether a service can only be made within a request, and how that comes about.
bool Container::needs_request(const Node& node, std::string& path) const {
    const std::size_t size = path.size();
    path.append(path.empty() ? "" : " -> ").append(node.type());
    if (node.scope() == ServiceScope::request) return true;
    for (const Edge& edge : node.edges) {
        for (const Target& target : edge.targets) {
            if (target.node == nullptr) {
                path.append(" -> Request");
                return true;
            }
            if (target.node->scope() != ServiceScope::singleton &&
                needs_request(*target.node, path))
                return true;
        }
    }
    path.resize(size);
    return false;
}

void Container::check_scopes() {
    for (const Node* node : active_) {
        std::string path;
        if (node->scope() == ServiceScope::singleton && needs_request(*node, path))
            fault(std::string{node->type()} +
                  " is a singleton, but needs what lives for one request only: " + path);
    }
}

void Container::mark_eager(Node& node) {
    if (node.eager) return;
    node.eager = true;
    for (const Edge& edge : node.edges)
        if (edge.dependency.kind != DependencyKind::lazy)
            for (const Target& target : edge.targets)
                if (target.node != nullptr) mark_eager(*target.node);
}

} // namespace armature::di
