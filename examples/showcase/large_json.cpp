#include "query.hpp"
#include "routes.hpp"

#include <armature/compression/compression.hpp>

#include <string>
#include <vector>

using namespace armature;

namespace showcase {

namespace {

struct Item {
    std::uint64_t id;
    std::string name;
    std::string description;
};
ARMATURE_DESCRIBE(Item, id, name, description);

Json<std::vector<Item>> list_items(Request& request) {
    const auto count = query_number(request, "items", 1000, {0, 100'000});
    std::vector<Item> items;
    items.reserve(count);
    for (std::uint64_t id = 1; id <= count; ++id)
        items.push_back({id, "Item " + std::to_string(id),
                         "The item with the number " + std::to_string(id) + " of many"});
    return Json{std::move(items)};
}

void document_items(OperationInfo& operation) { document_number(operation, "items", {0, 100'000}); }

} // namespace

void add_large_json(App& app) {
    app.route("/large-json", get(list_items)
                                 .summary("Much JSON, compressed when the client accepts it")
                                 .tag("Content")
                                 .document(document_items)
                                 .wrap(Compression{}));
}

} // namespace showcase
