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

} // namespace

void add_responses(App& app) {
    app.route("/status/{code}", get(answer_status))
        .route("/panic", get(panic))
        .route("/redirect", get(redirect));
}

} // namespace showcase
