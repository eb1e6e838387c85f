#pragma once

#include <armature/app/app.hpp>

#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace armature::detail {

struct KeptMetadata {
    Metadata entry;
    std::shared_ptr<const void> object;
};

/// What `LayerData` was given, in the order written.
struct LayerLists {
    std::vector<Middleware> steps;
    std::vector<Pipe> pipes;
    std::vector<ErrorMapper> error_mappers;
    std::vector<KeptMetadata> metadata;
};

struct StateObject {
    const void* tag;
    std::shared_ptr<void> object;
};

struct PathRoutes {
    std::string_view pattern; ///< a literal, or kept by `ScopeLists::texts`
    std::source_location where;
    MethodRoutesBase routes;
    std::size_t path_count;
};

/// What `ScopeData` was given, in the order written.
struct ScopeLists {
    std::vector<StateObject> states;
    std::vector<PathRoutes> paths;
    std::vector<ScopeData> scopes;
    std::vector<Owned<std::string>> texts;
    std::vector<std::string> tags;
    std::vector<BuiltHook> built_hooks;
    std::vector<std::shared_ptr<ProviderData>> providers;
    std::shared_ptr<ModuleData> imports; ///< an App's modules and replacements
};

} // namespace armature::detail
