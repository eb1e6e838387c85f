#pragma once

#include <armature/app/json.hpp>
#include <armature/core/cookie.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/sse/event_stream.hpp>
#include <armature/testing/client.hpp>
#include <armature/websocket/route.hpp>

#include <stdexcept>
#include <string>

// The application that the testing kit is tested with.
namespace armature::kit {

struct User {
    int id = 0;
    std::string name;
};
ARMATURE_DESCRIBE(User, id, (name, min_length(1)));

inline Task<> echo(WebSocket& socket) {
    while (const auto message = co_await socket.receive()) {
        if (message->data() == "quit") {
            socket.close(CloseCode{4001}, "as asked");
            break;
        }
        co_await socket.send(*message);
    }
}

inline EventStream ticks(LastEventId last) {
    return EventStream{[from = last.number().value_or(0)](EventWriter& out) -> Task<> {
        for (std::uint64_t i = from + 1; i <= 3; ++i) {
            const std::string number = std::to_string(i);
            Event event = Event{}.id(number).type("tick").data("line\n" + number);
            co_await out.send(event);
            co_await sleep_for(Duration::seconds(60));
        }
    }};
}

inline Response session(Request& request) {
    const auto seen = find_cookie(request.headers(), "id");
    Response response = Response::text(std::string{seen.value_or("none")});
    response.headers().append(Field::set_cookie, "id=7; Path=/; Max-Age=60; HttpOnly");
    response.headers().append(Field::set_cookie, "deep=1; Path=/session/deep");
    return response;
}

inline App make_app() {
    WebSocketOptions speaks;
    speaks.subprotocols = {"v1.chat"};
    return App::create()
        .route("/", get([] { return "Hello, World!"; }))
        .route("/users/{id}", get([](Path<int> id) { return User{*id, "Ada"}; }))
        .route("/users", post([](Json<User> user) { return Json{*user}; }))
        .route("/sleep/{ms}", get([](Path<std::int64_t> ms) -> Task<std::string> {
                   co_await sleep_for(Duration::milliseconds(*ms));
                   co_return "rested";
               }))
        .route("/blocking", get([]() -> Task<std::string> {
                   auto work = [] { return std::string{"worked"}; };
                   co_return co_await blocking(work);
               }))
        .route("/limited", get([]() -> Task<std::string> {
                               co_await sleep_for(Duration::seconds(3600));
                               co_return "late";
                           }).timeout(Duration::seconds(2)))
        .route("/echo", post([](Request& request) {
                   Response response{std::move(request.body())};
                   response.header("x-type", request.header(Field::content_type).value_or("none"));
                   return response;
               }))
        .route("/pieces", get([] {
                   return Response::stream([](BodyWriter& out) -> Task<> {
                       co_await out.write("one");
                       co_await out.write("two");
                       out.trailer("x-sum", "2");
                   });
               }))
        .route("/breaks", get([] {
                   return Response::stream([](BodyWriter& out) -> Task<> {
                       co_await out.write("some");
                       throw std::runtime_error{"out of paper"};
                   });
               }))
        .route("/query", get([](Request& request) { return std::string{request.query_text()}; }))
        .route("/auth", get([](Request& request) {
                   return std::string{request.header(Field::authorization).value_or("none")};
               }))
        .route("/moved/{code}", any([](Path<std::uint16_t> code) {
                   return Response::redirect("/method?from=moved", static_cast<Status>(*code));
               }))
        .route("/method", any([](Request& request) -> Task<std::string> {
                   const std::string content = co_await request.body().stream().read_all(1000);
                   co_return std::string{request.method_text()} + ' ' + content;
               }))
        .route("/session", get(session))
        .route("/session/deep", get(session))
        .route("/ws", websocket(echo, speaks))
        .route("/events", get(ticks));
}

} // namespace armature::kit
