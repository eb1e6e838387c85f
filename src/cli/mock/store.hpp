#pragma once

#include "cli/mock/generate.hpp"
#include "cli/mock/routes.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace armature::cli::mock {

/// What the operations of a document do with things that are kept: found by the paths. "/pets" is a
/// collection if there is "/pets/{petId}" as well, and that is one of its items.
class Resources {
  public:
    enum class Action : unsigned char { list, create, read, replace, change, remove };

    struct Resource {
        std::string collection;   ///< "/pets"
        std::string parameter;    ///< "petId"
        std::string id;           ///< the member that has it: "id"
        const spec::Schema* item; ///< nullptr: not known
    };
    struct Use {
        Action action;
        const Resource* resource;
    };
    Resources(const spec::Document& document, const Generator& generator);
    /// What the operation does, or nullopt.
    [[nodiscard]] std::optional<Use> use_of(const spec::Operation& operation) const;

  private:
    std::vector<std::unique_ptr<Resource>> all_;
    std::map<const spec::Operation*, Use> uses_;
};

/// The things that clients made, changed and removed. Threads: any.
class Store {
  public:
    struct Collection {
        std::map<std::string, json> items; ///< by id: made, changed, or from the list
        std::vector<std::string> order;    ///< of the list
        std::set<std::string> removed;
        std::uint64_t made = 0; ///< how many were
        bool is_filled = false; ///< the list was made
    };
    /// Calls `function(Collection&)` for that of a path; nobody else sees it meanwhile.
    template <class Function>
    auto with(const std::string& path, Function function) {
        const std::lock_guard lock{mutex_};
        return function(collections_[path]);
    }
    void reset() {
        const std::lock_guard lock{mutex_};
        collections_.clear();
    }

  private:
    std::mutex mutex_;
    std::map<std::string, Collection> collections_;
};

/// The id of a thing as a path has it: a number or a text.
[[nodiscard]] std::string id_text(const json& item, const std::string& member);

/// The list in a list operation's content: itself, or the member that holds it ("data", "items"…).
/// nullptr if there is none.
[[nodiscard]] json* list_in(json& content);

} // namespace armature::cli::mock
