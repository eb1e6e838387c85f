// The C++ of docs/client.md: compiled and run here, repeated there.
#include "support/test_server.hpp"

#include <armature/armature.hpp>
#include <armature/client/client.hpp>

#include <gtest/gtest.h>

namespace client_page {

using namespace armature;

// [handler]
struct Weather {
    Client client;
    std::string url;
};

Task<Response> weather(State<Weather> weather, Path<std::string_view> city) {
    ClientResponse answer =
        co_await weather->client.get(weather->url + "/cities/" + std::string{*city});
    if (answer.status() != Status::ok) throw Error::not_found("No such city");
    co_return Response::json(co_await answer.text());
}
// [/handler]

// [pass_on]
Task<Response> pass_on(State<Weather> weather) {
    ClientRequest request = ClientRequest{Method::get, weather->url + "/map.png"}
                                .header("accept", "image/png")
                                .timeout(Duration::seconds(5));
    ClientResponse answer = co_await weather->client.send(std::move(request));
    co_return Response{std::move(answer.body())}.status(answer.status());
}
// [/pass_on]

TEST(ClientPage, AsksAnotherServer) {
    armature::testing::TestServer other{
        App::create()
            .route("/cities/Oslo", get([] { return Response::json("{}"); }))
            .route("/map.png", get([] { return "pixels"; }))
            .build()};
    const auto state = std::make_shared<Weather>();
    state->url = other.url("");
    armature::testing::TestServer ours{App::create()
                                           .data(state)
                                           .route("/weather/{city}", get(weather))
                                           .route("/map", get(pass_on))
                                           .build()};
    LocalLoop loop;
    Client client;
    const auto ask = [&](std::string_view target) {
        ClientResponse response = loop.run(client.get(ours.url(target)));
        return std::pair{response.status(), loop.run(response.text())};
    };
    EXPECT_EQ(ask("/weather/Oslo"), (std::pair<Status, std::string>{Status::ok, "{}"}));
    EXPECT_EQ(ask("/weather/Nowhere").first, Status::not_found);
    EXPECT_EQ(ask("/map").second, "pixels");
    other.stop();
    EXPECT_EQ(ask("/weather/Oslo").first, Status::bad_gateway);
}

} // namespace client_page
