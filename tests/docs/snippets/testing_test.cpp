// The C++ of docs/testing.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/log/capture.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace testing_page {

using namespace armature;

// [app]
App make_app() {
    return App::create()
        .route("/", get([] { return "Hello, World!"; }))
        .route("/echo", post([](Bytes content) { return content.view(); }))
        .route("/fail", get([]() -> std::string { throw std::runtime_error{"out of paper"}; }));
}
// [/app]

// [handle]
TEST(Echo, AnswersWithWhatItWasSent) {
    const Application app = make_app().build();

    const Response response = app.handle(
        Request{Method::post, "/echo"}.set_header("x-request-id", "7").set_body({"some text"}));

    EXPECT_EQ(response.status(), Status::ok);
    EXPECT_EQ(response.headers().get(Field::content_type), "text/plain; charset=utf-8");
    EXPECT_EQ(response.body().text(), "some text");
}
// [/handle]

// [log]
TEST(Failures, AreLogged) {
    log::Capture capture;
    const Application app = make_app().build();

    EXPECT_EQ(app.handle(Request::get("/fail")).status(), Status::internal_server_error);

    const auto records = capture.records();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].message, "a handler failed");
    EXPECT_EQ(records[0].field("route"), "/fail");
    EXPECT_EQ(records[0].field("error"), "out of paper");
}
// [/log]

// [task]
Task<int> answer() {
    co_await sleep_for(Duration::milliseconds(1));
    co_return 42;
}

TEST(Answer, IsFortyTwo) {
    LocalLoop loop;
    EXPECT_EQ(loop.run(answer()), 42);
}
// [/task]

// Sends `request` to 127.0.0.1 and returns all that comes until the server closes.
std::string talk(const std::string& address, std::string_view request) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string answer;
    if (::connect(client, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
        ::send(client, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
        char part[4096];
        for (ssize_t got; (got = ::recv(client, part, sizeof part, 0)) > 0;)
            answer.append(part, static_cast<std::size_t>(got));
    }
    ::close(client);
    return answer;
}

// [socket]
TEST(Hello, IsServedOverASocket) {
    const Application app = make_app().build();
    ServerOptions options;
    options.http = {"127.0.0.1:0"}; // the kernel chooses a free port
    options.threads = 1;
    options.handle_signals = false;
    Server server{app, options}; // clients can connect from here on
    std::thread loop{[&server] { server.run(); }};

    const std::string response =
        talk(server.addresses().front(), "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(response.ends_with("\r\n\r\nHello, World!"));
    server.stop();
    loop.join();
}
// [/socket]

} // namespace testing_page
