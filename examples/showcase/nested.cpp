#include "nested.hpp"

#include "routes.hpp"

#include <vector>

using namespace armature;

namespace showcase {

namespace {

struct Visits {
    std::vector<std::string_view> names;
};

void note(Request& request, std::string_view name) {
    if (auto* visits = request.find<Visits>()) visits->names.push_back(name);
}

void handle(Request& request) { note(request, "handler"); }

} // namespace

void Visit::before(Request& request) const { note(request, name_); }
void Visit::after(Request& request, Response&) const { note(request, name_); }

void ReportVisits::before(Request& request) const {
    if (request.path().starts_with("/nested/")) request.set(Visits{});
}

void ReportVisits::after(Request& request, Response& response) const {
    const auto* visits = request.find<Visits>();
    if (visits != nullptr && is_success(response.status()))
        response = Response::json(to_json(visits->names));
}

void add_nested(App& app) {
    app.service(scope("/nested")
                    .wrap(Visit{"nested"})
                    .service(scope("/a").wrap(Visit{"a"}).service(
                        scope("/b").wrap(Visit{"b"}).route("/order", get(handle)))));
}

} // namespace showcase
