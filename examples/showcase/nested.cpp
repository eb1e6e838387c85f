#include "nested.hpp"

#include "routes.hpp"

#include <string_view>
#include <vector>

using namespace armature;

namespace showcase {

namespace {

// Travels with the request from the outermost middleware to the handler and back.
struct Visits {
    std::vector<std::string_view> names;
};

/// Middleware that notes its name each time a request passes.
class Visit {
  public:
    explicit Visit(std::string_view name) : name_(name) {}
    void before(Request& request) const { note(request); }
    void after(Request& request, Response&) const { note(request); }

  private:
    void note(Request& request) const { request.find<Visits>()->names.push_back(name_); }

    std::string_view name_;
};

void document_order(OperationInfo& operation) {
    operation.responses.clear(); // the middleware puts its own in the place of the handler's
    operation.response("application/json", &type_info<std::vector<std::string_view>>());
}

void handle(Request& request) { request.find<Visits>()->names.push_back("handler"); }

} // namespace

void RecordVisits::before(Request& request) const {
    if (request.path().starts_with("/nested")) request.set(Visits{{"root"}});
}

void RecordVisits::after(Request& request, Response& response) const {
    auto* visits = request.find<Visits>();
    if (visits == nullptr || !is_success(response.status())) return;
    visits->names.push_back("root");
    response = Response::json(to_json(visits->names));
}

void add_nested(App& app) {
    app.service(
        scope("/nested")
            .tag("Inspection")
            .wrap(Visit{"nested"})
            .service(
                scope("/a")
                    .wrap(Visit{"a"})
                    .service(scope("/b")
                                 .wrap(Visit{"b"})
                                 .route("/order", get(handle)
                                                      .summary("The middleware that ran, in order")
                                                      .document(document_order)))));
}

} // namespace showcase
