#include "query.hpp"
#include "routes.hpp"

#include <string>

using namespace armature;

namespace showcase {

namespace {

EventStream ticks(Request& request, LastEventId last) {
    const auto count = query_number(request, "n", 5, {0, 1'000'000});
    const auto every_ms = query_number(request, "every_ms", 50, {0, 3'600'000});
    const auto pause = Duration::milliseconds(static_cast<std::int64_t>(every_ms));
    const auto seen = last.number().value_or(0);
    return EventStream{[=](EventWriter& out) -> Task<> {
        for (std::uint64_t i = seen + 1; i <= count && seen < count; ++i) {
            if (i > seen + 1 && pause) co_await sleep_for(pause);
            const std::string number = std::to_string(i);
            Event event = Event{}.id(number).type("tick").data("{\"n\":" + number + "}");
            co_await out.send(event);
        }
    }};
}

EventStream two_lines() {
    return EventStream{
        [](EventWriter& out) -> Task<> { co_await out.send(Event{}.data("line1\nline2")); }};
}

// Faster than any client reads: `send` is what keeps it to the client's pace.
EventStream firehose() {
    return EventStream{[](EventWriter& out) -> Task<> {
        for (std::uint64_t i = 1;; ++i) {
            Event event = Event{}.id(std::to_string(i)).data(std::string(100, 'x'));
            co_await out.send(event);
        }
    }};
}

void document_ticks(OperationInfo& operation) {
    document_number(operation, "n", {0, 1'000'000});
    document_number(operation, "every_ms", {0, 3'600'000});
}

} // namespace

void add_events(App& app) {
    app.service(
        scope("/events")
            .tag("Events")
            .route("/", get(ticks).summary("Numbers, one after another").document(document_ticks))
            .route("/multiline", get(two_lines).summary("One event of two lines"))
            .route("/firehose", get(firehose).summary("Events without end or pause")));
}

} // namespace showcase
