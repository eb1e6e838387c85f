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

} // namespace

void add_streams(App& app) {
    app.route("/echo", post(echo).put(echo).patch(echo))
        .route("/stream", get(stream))
        .route("/slow", get(slow));
}

} // namespace showcase
