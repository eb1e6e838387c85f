#include "cli/mock/store.hpp"

#include <algorithm>
#include <array>

namespace armature::cli::mock {

using spec::Operation;
using spec::Schema;

namespace {

const Schema* json_schema(const std::vector<spec::Media>& content) {
    for (const spec::Media& media : content)
        if (media.type.find("json") != std::string::npos || media.type == "*/*")
            return media.schema;
    return nullptr;
}

const Schema* success_schema(const Operation& operation) {
    for (const spec::Response& response : operation.responses)
        if (response.status.starts_with('2'))
            if (const Schema* const schema = json_schema(response.content)) return schema;
    return nullptr;
}

// "/pets/{petId}" → "/pets" and "petId".
std::optional<std::pair<std::string, std::string>> split_item(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == path.npos || slash == 0) return std::nullopt;
    const std::string_view last = std::string_view{path}.substr(slash + 1);
    if (last.size() < 3 || last.front() != '{' || last.find('}') != last.size() - 1)
        return std::nullopt;
    return std::pair{path.substr(0, slash), std::string{last.substr(1, last.size() - 2)}};
}

} // namespace

Resources::Resources(const spec::Document& document, const Generator& generator) {
    const auto find = [&](std::string_view method, const std::string& path) -> const Operation* {
        for (const Operation& operation : document.operations())
            if (operation.method == method && operation.path == path) return &operation;
        return nullptr;
    };
    for (const Operation& operation : document.operations()) {
        const auto parts = split_item(operation.path);
        if (!parts) continue;
        const auto& [collection, parameter] = *parts;
        const auto known = std::find_if(all_.begin(), all_.end(), [&](const auto& one) {
            return one->collection == collection && one->parameter == parameter;
        });
        if (known != all_.end()) continue;
        const Schema* item = nullptr;
        for (const char* method : {"get", "put", "patch"})
            if (const Operation* const one = find(method, operation.path); one && !item)
                item = success_schema(*one);
        const Operation* const create = find("post", collection);
        if (item == nullptr && create != nullptr) item = success_schema(*create);
        if (item == nullptr) continue;
        // Which member is the id?
        const Schema& flat = generator.flat(*item);
        std::string id;
        for (const std::string& name :
             {parameter, std::string{"id"}, std::string{"uuid"}, std::string{"_id"},
              std::string{"key"}, std::string{"slug"}, std::string{"name"}})
            if (id.empty() && flat.find(name) != nullptr) id = name;
        if (id.empty()) continue;
        all_.push_back(std::make_unique<Resource>(Resource{collection, parameter, id, item}));
        const Resource* const resource = all_.back().get();
        const auto use = [&](const char* method, const std::string& path, Action action) {
            if (const Operation* const one = find(method, path)) uses_[one] = {action, resource};
        };
        use("get", collection, Action::list);
        use("post", collection, Action::create);
        use("get", operation.path, Action::read);
        use("put", operation.path, Action::replace);
        use("patch", operation.path, Action::change);
        use("delete", operation.path, Action::remove);
    }
}

std::optional<Resources::Use> Resources::use_of(const Operation& operation) const {
    const auto found = uses_.find(&operation);
    return found == uses_.end() ? std::nullopt : std::optional{found->second};
}

std::string id_text(const json& item, const std::string& member) {
    const auto found = item.find(member);
    if (found == item.end()) return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

json* list_in(json& content) {
    if (content.is_array()) return &content;
    if (!content.is_object()) return nullptr;
    static constexpr std::array<const char*, 6> usual{"data",    "items", "results",
                                                      "content", "value", "records"};
    for (const char* name : usual)
        if (const auto found = content.find(name); found != content.end() && found->is_array())
            return &*found;
    json* only = nullptr;
    for (auto& [name, value] : content.items()) {
        if (!value.is_array()) continue;
        if (only != nullptr) return nullptr; // which one isn't clear
        only = &value;
    }
    return only;
}

} // namespace armature::cli::mock
