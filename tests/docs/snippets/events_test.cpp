// The C++ of docs/events.md: compiled and run here, repeated there.
#include <armature/armature.hpp>

#include <gtest/gtest.h>

namespace events_page {

using namespace armature;

// [ticks]
EventStream ticks(LastEventId last) {
    return EventStream{[next = last.number().value_or(0) + 1](EventWriter& out) -> Task<> {
        for (std::uint64_t i = next; i <= 100; ++i) {
            const std::string number = std::to_string(i);
            co_await out.send(Event{}.id(number).type("tick").data("{\"n\":" + number + "}"));
            co_await sleep_for(Duration::milliseconds(i == 100 ? 0 : 1));
        }
    }};
}
// [/ticks]

// [history]
struct Orders {
    EventHistory history{1000};
};

Status order(Bytes text, State<Orders> orders) {
    orders->history.add(Event{}.type("order").data(text));
    return Status::accepted;
}

EventStream follow(State<Orders> orders, LastEventId last) {
    return EventStream{
        [orders, seen = last.number().value_or(0)](EventWriter& out) mutable -> Task<> {
            for (;;) {
                const EventHistory::Missed missed = orders->history.after(seen);
                for (const Event& event : missed.events)
                    co_await out.send(event);
                seen = missed.newest;
                co_await sleep_for(Duration::milliseconds(500));
            }
        }}
        .heartbeat(Duration::seconds(30));
}
// [/history]

TEST(EventsPage, StreamsEvents) {
    const Application app = App::create()
                                .data(Orders{})
                                .route("/ticks", get(ticks))
                                .route("/orders", get(follow).post(order))
                                .build();
    const Response response = app.handle(Request::get("/ticks").set_header("last-event-id", "98"));
    EXPECT_EQ(response.headers().get(Field::content_type), "text/event-stream");
    EXPECT_EQ(response.body().text(), "id: 99\nevent: tick\ndata: {\"n\":99}\n\n"
                                      "id: 100\nevent: tick\ndata: {\"n\":100}\n\n");
    EXPECT_EQ(app.handle(Request::post("/orders", "tea", "text/plain")).status(), Status::accepted);
}

} // namespace events_page
