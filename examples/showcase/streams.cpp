#include "query.hpp"
#include "routes.hpp"

#include <armature/core/media_type.hpp>
#include <armature/log/log.hpp>

#include <string>

using namespace armature;

namespace showcase {

namespace {

// The request's content becomes the response's: it flows through as it arrives, trailers included,
// and however much it is, only a buffer of it is in memory.
Response echo(Request& request) {
    Response response{std::move(request.body())};
    if (const auto type = request.header(Field::content_type))
        response.header(Field::content_type, *type);
    return response;
}

Response stream(Request& request) {
    const auto chunks = query_number(request, "chunks", 10, {0, 1'000'000});
    const auto bytes = query_number(request, "bytes", 1024, {1, 1024 * 1024});
    const auto delay_ms = query_number(request, "delay_ms", 0, {0, 60'000});
    const auto delay = Duration::milliseconds(static_cast<std::int64_t>(delay_ms));
    return Response::stream([=](BodyWriter& out) -> Task<> {
               const std::string chunk(bytes, 'x');
               for (std::uint64_t i = 0; i < chunks; ++i) {
                   if (i > 0 && delay) co_await sleep_for(delay);
                   co_await out.write(chunk);
               }
           })
        .header(Field::content_type, media_types::text);
}

// While it waits no thread does. When the client leaves, sleep_for throws Cancelled.
Task<std::string> slow(Request& request) {
    const auto ms = query_number(request, "ms", 1000, {0, 600'000});
    try {
        co_await sleep_for(Duration::milliseconds(static_cast<std::int64_t>(ms)));
    } catch (const Cancelled&) {
        log::info("cancelled", {{"target", request.target()}});
        throw;
    }
    co_return "Waited " + std::to_string(ms) + " ms";
}

void document_echo(OperationInfo& operation) {
    operation.content("*/*", nullptr);
    operation.response(Status::ok).description = "The content as it came, of the same type if any";
}

void document_stream(OperationInfo& operation) {
    document_number(operation, "chunks", {0, 1'000'000});
    document_number(operation, "bytes", {1, 1024 * 1024});
    document_number(operation, "delay_ms", {0, 60'000});
    operation.response("text/plain", nullptr);
}

void document_slow(OperationInfo& operation) { document_number(operation, "ms", {0, 600'000}); }

} // namespace

void add_streams(App& app) {
    app.route("/echo", post(echo)
                           .summary("Sends the content back as it comes")
                           .tag("Content")
                           .document(document_echo)
                           .put(echo)
                           .summary("The same for PUT")
                           .tag("Content")
                           .document(document_echo)
                           .patch(echo)
                           .summary("The same for PATCH")
                           .tag("Content")
                           .document(document_echo))
        .route("/stream", get(stream)
                              .summary("Content that is made while it is sent")
                              .tag("Content")
                              .document(document_stream))
        .route(
            "/slow",
            get(slow).summary("An answer after some time").tag("Answers").document(document_slow));
}

} // namespace showcase
