#pragma once

#include <armature/app/app.hpp>
#include <armature/di/module.hpp>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace armature::di {

using detail::Binding;
using detail::Dependency;
using detail::DependencyKind;
using detail::InjectedArgument;
using detail::ModuleData;
using detail::ProviderData;
using detail::ServiceKey;
using detail::ServiceScope;

struct Node;
struct Unit;

/// Something that answers a dependency: a node under one of the types that it is known by, or,
/// without a node, the request itself.
struct Target {
    Node* node = nullptr;
    const Binding* binding = nullptr;
};

/// One parameter, resolved.
struct Edge {
    Dependency dependency;
    std::vector<Target> targets;
    detail::ServiceSlot* slot = nullptr; ///< for `lazy`
};

/// One provider in one module, and its singleton.
struct Node {
    std::shared_ptr<ProviderData> provider;
    Unit* unit = nullptr;
    std::vector<Binding> bindings;
    std::vector<Edge> edges;
    bool eager = false; ///< made by `build`
    enum class Visit : std::uint8_t { not_yet, under_way, done } visit = Visit::not_yet;

    std::atomic<void*> object = nullptr; ///< the singleton, once it was made
    std::shared_ptr<void> owner;
    bool being_made = false;

    [[nodiscard]] const detail::Recipe& recipe() const noexcept { return *provider->recipe; }
    [[nodiscard]] std::string_view type() const noexcept { return recipe().key.type; }
    [[nodiscard]] ServiceScope scope() const noexcept { return provider->scope; }
};

/// A module, or the application itself, which comes after all modules.
struct Unit {
    struct Import {
        Unit* unit;
        bool re_exported;
    };
    const ModuleData* module = nullptr; ///< null for the application
    std::vector<Import> imports;
    std::vector<Node*> nodes;
};

/// Services of one request, in the order in which they were made.
class RequestServices {
  public:
    struct Entry {
        const Node* node;
        void* object;
        std::shared_ptr<void> owner;
    };
    RequestServices() noexcept = default;
    RequestServices(RequestServices&&) noexcept = default;
    ~RequestServices() {
        while (!entries.empty())
            entries.pop_back();
    }
    std::vector<Entry> entries;
};

class Container final : public detail::Injection {
  public:
    Container();
    ~Container() override;

    void take(detail::ScopeData& scope, const ModuleData* module) override;
    void* bind(const detail::ServiceNeed& need, const ModuleData* module,
               const std::string& who) override;
    std::vector<std::string> check() override;
    void construct(Duration hook_timeout) override;
    void* find(const void* placeholder) override;
    bool has_hooks() const noexcept override;
    Task<> start() override;
    Task<> before_shutdown(std::string signal) override;
    Task<> shutdown(std::string signal) override;

  private:
    struct Slot final : detail::ServiceSlot {
        Container* container = nullptr;
        Target target;
    };
    // What a route wants.
    struct Place {
        detail::ServiceNeed need;
        Unit* unit;
        std::string who;
        Target target;
    };
    // Who is being made for: a request, or nobody.
    struct Context {
        Request* request = nullptr;
        RequestServices* services = nullptr;
    };

    // modules.cpp
    Unit& unit_of(const ModuleData* module);
    void add_imports(const ModuleData& module, Unit& unit, detail::ScopeData& root);
    Unit& expand(const std::shared_ptr<ModuleData>& module, detail::ScopeData& root);
    [[nodiscard]] std::shared_ptr<ModuleData> module_of(const detail::ModuleImport& import);
    void add_node(Unit& unit, std::shared_ptr<ProviderData> provider);
    void replace();
    void leave_out_what_is_there();
    void check_exports(const Unit& unit);
    void check_duplicates(const Unit& unit);
    [[nodiscard]] std::vector<Target> lookup(const Unit& unit, const ServiceKey& key,
                                             bool all) const;
    [[nodiscard]] std::string missing(const ServiceKey& key, const Unit& unit) const;

    // graph.cpp
    void find_dependencies(Node& node);
    void check_provider(const Node& node);
    void resolve(Edge& edge, const Node& node, std::size_t index);
    void resolve(Place& place);
    void visit(Node& node, std::vector<Node*>& path);
    [[nodiscard]] bool needs_request(const Node& node, std::string& path) const;
    void check_scopes();
    void mark_eager(Node& node);
    void fault(std::string text) { faults_.push_back(std::move(text)); }

    // container.cpp
    // An object, and where its owner is kept until the next one is made.
    struct Held {
        void* object;
        const std::shared_ptr<void>* owner;
    };
    // The arguments of one construction.
    struct Filled {
        Filled(Container& container, const Node& of, const Context& context);
        explicit Filled(const Node& of) : values(of.edges.size()), node(of) {}
        Filled(const Filled&) = delete;
        ~Filled();
        std::vector<InjectedArgument> values;
        const Node& node;
    };
    Slot& slot_for(const Target& target);
    static void* find_later(const detail::ServiceSlot& slot, Request* request);
    Held hold(Node& node, const Context& context);
    void* obtain(const Target& target, const Context& context);
    void share(const Target& target, const Context& context, InjectedArgument& argument);
    void fill(const Edge& edge, const Context& context, InjectedArgument& argument);
    detail::Made make(Node& node, const Context& context);
    void make_singleton(Node& node);
    void make_later(Node& node);
    void keep_singleton(Node& node, detail::Made made);

    struct FunctionModule {
        Module (*function)();
        std::shared_ptr<ModuleData> module;
    };
    std::vector<FunctionModule> function_modules_;
    std::vector<std::shared_ptr<ModuleData>> modules_;
    std::vector<const ModuleData*> import_path_;
    std::shared_ptr<ModuleData> application_; ///< what the App imports and replaces

    std::deque<Unit> units_;
    std::deque<Node> nodes_;
    std::vector<Node*> active_; ///< those that weren't replaced or left out, modules first
    std::deque<Place> places_;
    std::vector<Node*> order_; ///< every node after what it needs
    std::vector<std::string> faults_;
    std::deque<Slot> slots_;

    // lifecycle.cpp
    Task<> run_forwards(detail::Hook detail::Hooks::* which, std::string_view name);
    Task<> run_backwards(detail::Hook detail::Hooks::* which, std::string_view name,
                         std::string_view signal);

    Duration timeout_;
    std::recursive_mutex lazy_mutex_; ///< for singletons that requests make
    // What was made for the application's life, in that order; without a node for transient ones.
    struct Owned {
        Node* node;
        std::shared_ptr<void> object;
    };
    std::vector<Owned> owned_;
    std::vector<Node*> hooked_; ///< those that have lifecycle hooks, in that order
};

std::unique_ptr<detail::Injection> make_container();

[[nodiscard]] bool has_hook(const Node& node) noexcept;
[[nodiscard]] bool same(const ServiceKey& a, const ServiceKey& b) noexcept;
/// The type, and the name if there is one, for people.
[[nodiscard]] std::string text_of(const ServiceKey& key);

} // namespace armature::di
