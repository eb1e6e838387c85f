#include "routes.hpp"

#include <armature/core/url.hpp>

#include <cstdint>
#include <stdexcept>

using namespace armature;

namespace showcase {

namespace {

Status answer_status(Path<std::uint16_t> code) {
    if (*code < 200 || *code > 599)
        throw Error::bad_request("A final response's status is from 200 to 599");
    return static_cast<Status>(*code);
}

Status panic() { throw std::runtime_error{"the handler of /panic failed, as it should"}; }

// Only within this origin: a redirect to wherever a link says would lend our name to phishers.
Response redirect(Request& request) {
    const auto to = Url::parse(request.query("to").value_or(""));
    if (!to || to->is_absolute() || to->has_authority() || !to->path().starts_with('/'))
        throw Error::bad_request("The query parameter to must be a path of this origin");
    return Response::redirect(to->to_string());
}

void document_panic(OperationInfo& operation) { operation.error(Status::internal_server_error); }

void document_redirect(OperationInfo& operation) {
    operation.parameter(ParameterIn::query, "to", nullptr).example = R"("/json")";
    operation.response(Status::found).header("Location");
    operation.error(Status::bad_request);
}

} // namespace

void add_responses(App& app) {
    app.route("/status/{code}", get(answer_status).summary("That status").tag("Answers"))
        .route("/panic", get(panic)
                             .summary("What a handler that throws comes to")
                             .tag("Answers")
                             .document(document_panic))
        .route("/redirect", get(redirect)
                                .summary("Leads to a path of this origin")
                                .tag("Answers")
                                .document(document_redirect));
}

} // namespace showcase
