#include "app/registration_data.hpp"
#include "di/container.hpp"

#include <algorithm>
#include <string>

namespace armature::di {

bool same(const ServiceKey& a, const ServiceKey& b) noexcept {
    return a.tag == b.tag && a.name == b.name;
}

std::string text_of(const ServiceKey& key) {
    std::string text{key.type};
    if (!key.name.empty()) text.append(" \"").append(key.name).append("\"");
    return text;
}

namespace {

std::string place_of(const ModuleData& module) {
    std::string_view file = module.where.file_name();
    if (const std::size_t slash = file.rfind('/'); slash != std::string_view::npos)
        file.remove_prefix(slash + 1);
    return std::string{file} + ':' + std::to_string(module.where.line());
}

std::string quoted(const ModuleData& module) { return "module \"" + module.name + '"'; }

} // namespace

// --- taking over what was declared --------------------------------------------------------------

Unit& Container::unit_of(const ModuleData* module) {
    for (Unit& unit : units_)
        if (unit.module == module) return unit;
    Unit& unit = units_.emplace_back();
    unit.module = module;
    return unit;
}

void Container::take(detail::ScopeData& scope, const ModuleData* module) {
    detail::ScopeLists& lists = scope.lists();
    if (lists.imports != nullptr) {
        application_ = std::move(lists.imports);
        Unit imports; // the application's unit comes after those of the modules
        add_imports(*application_, imports, scope);
        unit_of(nullptr).imports = std::move(imports.imports);
    }
    if (lists.providers.empty() && module != nullptr) return;
    Unit& unit = unit_of(module);
    for (std::shared_ptr<ProviderData>& provider : lists.providers)
        add_node(unit, std::move(provider));
}

namespace {

std::vector<Binding> bindings_of(const ProviderData& provider) {
    if (!provider.bindings.empty()) return provider.bindings;
    ServiceKey key = provider.recipe->key;
    key.name = provider.name;
    return {{key, [](void* object) { return object; }, true}};
}

} // namespace

void Container::add_node(Unit& unit, std::shared_ptr<ProviderData> provider) {
    Node& node = nodes_.emplace_back();
    node.bindings = bindings_of(*provider);
    node.provider = std::move(provider);
    node.unit = &unit;
    unit.nodes.push_back(&node);
}

std::shared_ptr<ModuleData> Container::module_of(const detail::ModuleImport& import) {
    if (import.value != nullptr) return import.value;
    for (const FunctionModule& made : function_modules_)
        if (made.function == import.function) return made.module;
    std::shared_ptr<ModuleData> module = import.function().data();
    function_modules_.push_back({import.function, module});
    return module;
}

void Container::add_imports(const ModuleData& module, Unit& unit, detail::ScopeData& root) {
    for (const detail::ModuleImport& import : module.imports)
        unit.imports.push_back({&expand(module_of(import), root), import.re_exported});
}

// A module's unit, after those of its imports. Its routes become the application's.
Unit& Container::expand(const std::shared_ptr<ModuleData>& module, detail::ScopeData& root) {
    const auto begun = std::find(import_path_.begin(), import_path_.end(), module.get());
    if (begun != import_path_.end()) {
        std::string text = "modules import each other: ";
        for (auto at = begun; at != import_path_.end(); ++at)
            text.append((*at)->name).append(" -> ");
        fault(text + module->name);
        return unit_of(module.get());
    }
    for (Unit& unit : units_)
        if (unit.module == module.get()) return unit;
    for (const std::shared_ptr<ModuleData>& other : modules_)
        if (other->name == module->name)
            fault("two modules are called \"" + module->name + "\" (" + place_of(*other) + ", " +
                  place_of(*module) +
                  "); if they are meant to be one, import the function that makes it, or copies of "
                  "one value");
    if (module->built)
        fault(quoted(*module) + " (" + place_of(*module) +
              ") is a part of another application already; make it anew for each");
    module->built = true;
    modules_.push_back(module);

    Unit imports;
    import_path_.push_back(module.get());
    add_imports(*module, imports, root);
    import_path_.pop_back();
    module->imports.clear(); // two that import each other would keep each other
    Unit& unit = unit_of(module.get());
    unit.imports = std::move(imports.imports);
    for (const std::shared_ptr<ProviderData>& provider : module->providers)
        add_node(unit, provider);
    for (detail::ScopeData& scope : module->scopes) {
        scope.module = module.get();
        root.lists().scopes.push_back(std::move(scope));
    }
    module->scopes.clear();
    return unit;
}

// --- replacing ----------------------------------------------------------------------------------

void Container::replace() {
    if (application_ == nullptr) return;
    for (const std::shared_ptr<ProviderData>& replacement : application_->replacements) {
        for (const Binding& binding : bindings_of(*replacement)) {
            bool found = false;
            for (Unit& unit : units_) {
                const auto provides = [&](const Node* node) {
                    return std::any_of(
                        node->bindings.begin(), node->bindings.end(),
                        [&](const Binding& known) { return same(known.key, binding.key); });
                };
                if (std::none_of(unit.nodes.begin(), unit.nodes.end(), provides)) continue;
                found = true;
                for (Node* node : unit.nodes)
                    std::erase_if(node->bindings, [&](const Binding& known) {
                        return same(known.key, binding.key);
                    });
                std::erase_if(unit.nodes, [](const Node* node) { return node->bindings.empty(); });
                add_node(unit, replacement);
                unit.nodes.back()->bindings = {binding};
            }
            if (!found) fault("replace(): nothing provides " + text_of(binding.key));
        }
    }
}

void Container::leave_out_what_is_there() {
    for (Unit& unit : units_) {
        const std::vector<Node*> nodes = unit.nodes;
        for (const Node* node : nodes) {
            if (!node->provider->if_missing) continue;
            const auto is_there = [&](const Binding& binding) {
                const std::vector<Target> all = lookup(unit, binding.key, true);
                return std::any_of(all.begin(), all.end(),
                                   [&](const Target& target) { return target.node != node; });
            };
            if (std::all_of(node->bindings.begin(), node->bindings.end(), is_there))
                std::erase(unit.nodes, node);
        }
    }
}

// --- who sees what ------------------------------------------------------------------------------

namespace {

void add_matches(const Unit& unit, const ServiceKey& key, std::vector<Target>& out) {
    for (Node* node : unit.nodes)
        for (const Binding& binding : node->bindings)
            if (same(binding.key, key) &&
                std::none_of(out.begin(), out.end(),
                             [&](const Target& known) { return known.node == node; }))
                out.push_back({node, &binding});
}

bool exports(const Unit& unit, const ServiceKey& key) {
    return unit.module != nullptr &&
           std::any_of(unit.module->exports.begin(), unit.module->exports.end(),
                       [&](const ServiceKey& exported) { return same(exported, key); });
}

void add_exported(const Unit& unit, const ServiceKey& key, std::vector<Target>& out) {
    if (exports(unit, key)) add_matches(unit, key, out);
    for (const Unit::Import& import : unit.imports)
        if (import.re_exported) add_exported(*import.unit, key, out);
}

} // namespace

std::vector<Target> Container::lookup(const Unit& unit, const ServiceKey& key, bool all) const {
    std::vector<Target> found;
    add_matches(unit, key, found);
    if (!found.empty() && !all) return found;
    for (const Unit::Import& import : unit.imports)
        add_exported(*import.unit, key, found);
    if (!found.empty() && !all) return found;
    for (const Unit& application : units_)
        if (application.module == nullptr) add_matches(application, key, found);
    if (!found.empty() && !all) return found;
    for (const Unit& other : units_)
        if (other.module != nullptr && other.module->global) add_exported(other, key, found);
    return found;
}

void Container::check_exports(const Unit& unit) {
    if (unit.module == nullptr) return;
    for (const ServiceKey& key : unit.module->exports) {
        std::vector<Target> found;
        add_matches(unit, key, found);
        if (found.empty())
            fault(quoted(*unit.module) + " exports " + text_of(key) +
                  ", but doesn't provide it; what an import exports is passed on by "
                  "re_exports(module)");
    }
}

void Container::check_duplicates(const Unit& unit) {
    for (auto node = unit.nodes.begin(); node != unit.nodes.end(); ++node)
        for (const Binding& binding : (*node)->bindings)
            for (auto other = unit.nodes.begin(); other != node; ++other)
                for (const Binding& known : (*other)->bindings)
                    if (same(binding.key, known.key) &&
                        !((*node)->provider->many && (*other)->provider->many))
                        fault(text_of(binding.key) +
                              " is provided twice; tell the two apart by named(\"…\"), or give "
                              "both many() to have them injected as a std::vector");
}

// --- what to say when nothing is found ----------------------------------------------------------

namespace {

// How many letters have to be changed to make one text of the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

std::string_view without_namespace(std::string_view type) {
    const std::size_t colon = type.substr(0, type.find('<')).rfind("::");
    return colon == std::string_view::npos ? type : type.substr(colon + 2);
}

// Whether somebody who wrote one may have meant the other.
bool resembles(std::string_view a, std::string_view b) {
    return a.find(b) != std::string_view::npos || b.find(a) != std::string_view::npos ||
           distance(a, b) <= 1 + std::min(a.size(), b.size()) / 3;
}

} // namespace

std::string Container::missing(const ServiceKey& key, const Unit& unit) const {
    std::vector<std::string> near;
    for (const Unit& other : units_) {
        for (const Node* node : other.nodes) {
            for (const Binding& binding : node->bindings) {
                if (same(binding.key, key) && other.module != nullptr) {
                    const std::string where = quoted(*other.module);
                    if (!exports(other, key))
                        return ", which " + where + " provides but doesn't export; export it there";
                    return ", which " + where + " exports; import that module" +
                           (unit.module == nullptr ? "" : " into \"" + unit.module->name + '"');
                }
                if (resembles(without_namespace(binding.key.type), without_namespace(key.type)))
                    near.push_back(text_of(binding.key));
            }
        }
    }
    std::sort(near.begin(), near.end());
    near.erase(std::unique(near.begin(), near.end()), near.end());
    std::string text = ", but nothing provides it";
    for (std::size_t i = 0; i < std::min<std::size_t>(near.size(), 3); ++i)
        text.append(i == 0 ? "; there is " : ", ").append(near[i]);
    return text;
}

} // namespace armature::di
