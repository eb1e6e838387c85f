#include <armature/core/request.hpp>

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace armature {
namespace {

TEST(Request, MadeByHandSplitsItsTarget) {
    const Request request{Method::get, "/a/b%20c?x=1&y=2?"};
    EXPECT_EQ(request.method(), Method::get);
    EXPECT_EQ(request.method_text(), "GET");
    EXPECT_EQ(request.target(), "/a/b%20c?x=1&y=2?");
    EXPECT_EQ(request.path(), "/a/b%20c");
    EXPECT_EQ(request.query_text(), "x=1&y=2?");
    EXPECT_EQ(request.authority(), "localhost");
    EXPECT_EQ(request.scheme(), "http");
    EXPECT_EQ(request.protocol(), Protocol::http_1_1);
    EXPECT_EQ(request.route(), "");
    EXPECT_EQ(request.cancellation(), nullptr);
}

TEST(Request, CopiesTheTargetItIsMadeFrom) {
    std::string target = "/some/where?x=1";
    const Request request = Request::get(target);
    target.assign(target.size(), '#');
    EXPECT_EQ(request.path(), "/some/where");
}

TEST(Request, MadeByHandCarriesContent) {
    Request request = Request::post("/x", "{}", "application/json").set_header("x-a", "b");
    EXPECT_EQ(request.method(), Method::post);
    EXPECT_EQ(request.header("X-A"), "b");
    EXPECT_EQ(request.header(Field::content_type), "application/json");
    EXPECT_EQ(request.body().text(), "{}");
}

TEST(Request, FindsQueryParameters) {
    Request request = Request::get("/?a=1&b=two+words&a=3&%63=%26&empty=&flag");
    EXPECT_EQ(request.query("a"), "1") << "the first one";
    EXPECT_EQ(request.query("b"), "two words");
    EXPECT_EQ(request.query("c"), "&") << "names are decoded too";
    EXPECT_EQ(request.query("empty"), "");
    EXPECT_EQ(request.query("flag"), "");
    EXPECT_EQ(request.query("none"), std::nullopt);
    EXPECT_EQ(Request::get("/").query("a"), std::nullopt);
}

TEST(Request, FindsPathParametersByName) {
    Request request = Request::get("/users/7/posts/9");
    constexpr std::string_view names[] = {"user", "post"};
    request.mutable_params().push(request.path().substr(7, 1));
    request.mutable_params().push(request.path().substr(15, 1));
    const detail::RouteFacts route{"/users/{user}/posts/{post}", names, {}};
    request.set_route(route);
    EXPECT_EQ(request.param("user"), "7");
    EXPECT_EQ(request.param("post"), "9");
    EXPECT_EQ(request.param("other"), std::nullopt);
    EXPECT_EQ(request.params()[1], "9");
    EXPECT_EQ(request.params()[2], "");
}

// --- attached values ----------------------------------------------------------------------------

struct Events {
    std::string text;
};
template <char Name>
struct Noisy {
    explicit Noisy(Events& log) noexcept : events(&log) {}
    Noisy(Noisy&& other) noexcept : events(std::exchange(other.events, nullptr)) {}
    ~Noisy() {
        if (events != nullptr) events->text += Name;
    }
    Events* events;
};

TEST(Request, KeepsOneValueOfEachTypeThatIsSet) {
    Request request;
    EXPECT_EQ(request.find<int>(), nullptr);
    request.set(1);
    request.set(std::string{"text"});
    request.set(2);
    ASSERT_NE(request.find<int>(), nullptr);
    EXPECT_EQ(*request.find<int>(), 2);
    EXPECT_EQ(*request.find<std::string>(), "text");
    *request.find<int>() = 5;
    EXPECT_EQ(*request.find<int>(), 5);
    EXPECT_EQ(request.find<long>(), nullptr);
}

TEST(Request, DestroysEachAttachedValueOnce) {
    Events events;
    {
        Request request;
        request.set(Noisy<'a'>{events});
        EXPECT_EQ(events.text, "");
        request.set(Noisy<'a'>{events});
        EXPECT_EQ(events.text, "a") << "the one that was replaced";
        request.attach(Noisy<'b'>{events});
        request.attach(Noisy<'b'>{events});
        request.attach(Noisy<'c'>{events});
        EXPECT_EQ(events.text, "a");
    }
    EXPECT_EQ(events.text, "acbba") << "the last one first";
}

TEST(Request, MakesValuesInTheirPlace) {
    struct Stays {
        Stays(int first, std::unique_ptr<int> second) : sum(first + *second), self(this) {}
        Stays(const Stays&) = delete;
        Stays& operator=(const Stays&) = delete;
        int sum;
        const Stays* self;
    };
    Request request;
    Stays& made = request.emplace<Stays>(1, std::make_unique<int>(2));
    EXPECT_EQ(made.sum, 3);
    EXPECT_EQ(request.find<Stays>(), &made);
    const Request moved = std::move(request);
    EXPECT_EQ(made.self, &made);
}

TEST(Request, LetsDestructorsLookForWhatIsLeft) {
    struct Looks {
        explicit Looks(Request& of, std::string& log) : request(of), text(log) {}
        Looks(const Looks&) = delete;
        Looks& operator=(const Looks&) = delete;
        ~Looks() {
            text += request.find<Looks>() == nullptr ? '-' : '+';
            text += request.find<int>() == nullptr ? '-' : '+';
        }
        Request& request;
        std::string& text;
    };
    std::string text;
    Request request;
    request.set(1);
    request.emplace<Looks>(request, text);
    request.reset();
    EXPECT_EQ(text, "-+");
}

TEST(Request, DestroysAttachedValuesOnReset) {
    Events events;
    Request request;
    request.set(Noisy<'a'>{events});
    request.attach(std::make_unique<int>(3));
    request.reset();
    EXPECT_EQ(events.text, "a");
    EXPECT_EQ(request.find<Noisy<'a'>>(), nullptr);
    request.set(Noisy<'b'>{events});
    request.reset();
    EXPECT_EQ(events.text, "ab");
}

TEST(Request, TakesWhatItHoldsAlongWhenMoved) {
    Events events;
    {
        Request from = Request::get("/from?q=1").set_header("x-long", std::string(500, 'v'));
        from.set(Noisy<'a'>{events});
        from.set_body(std::string{"content"});
        Request to = Request::get("/to");
        to.set(Noisy<'b'>{events});
        to = std::move(from);
        EXPECT_EQ(to.path(), "/from");
        EXPECT_EQ(to.query("q"), "1");
        EXPECT_EQ(to.header("x-long"), std::string(500, 'v'));
        EXPECT_EQ(to.body().text(), "content");
        EXPECT_NE(to.find<Noisy<'a'>>(), nullptr);
        EXPECT_EQ(to.find<Noisy<'b'>>(), nullptr);
        Request last{std::move(to)};
        EXPECT_EQ(last.path(), "/from");
        EXPECT_NE(last.find<Noisy<'a'>>(), nullptr);
    }
    EXPECT_EQ(events.text.size(), 2u) << events.text;
}

// --- leaving the read buffer --------------------------------------------------------------------

TEST(Request, DetachMovesEveryViewOutOfTheReadBuffer) {
    std::string buffer = "PURGE /users/a%20b?q=1 HTTP/1.1\r\nHost: here\r\nX-One: two\r\n\r\nBODY";
    const std::size_t head_size = buffer.size() - 4;
    const auto at = [&buffer](std::string_view text) {
        return std::string_view{buffer}.substr(buffer.find(text), text.size());
    };
    Request request;
    RequestHead& head = request.head();
    head.method_text = at("PURGE");
    head.target = at("/users/a%20b?q=1");
    head.path = at("/users/a%20b");
    head.query = at("q=1");
    head.authority = at("here");
    request.mutable_headers().append_view(Field::host, "host", at("here"));
    request.mutable_headers().append_view(Field::other, at("X-One"), at("two"));
    request.mutable_params().push(at("a%20b"));
    constexpr std::string_view names[] = {"name"};
    const detail::RouteFacts route{"/users/{name}", names, {}};
    request.set_route(route);

    request.detach(buffer.data(), head_size);
    buffer.assign(buffer.size(), '#');

    EXPECT_EQ(request.method_text(), "PURGE");
    EXPECT_EQ(request.target(), "/users/a%20b?q=1");
    EXPECT_EQ(request.path(), "/users/a%20b");
    EXPECT_EQ(request.query_text(), "q=1");
    EXPECT_EQ(request.authority(), "here");
    EXPECT_EQ(request.header(Field::host), "here");
    EXPECT_EQ(request.header("x-one"), "two");
    EXPECT_EQ(request.param("name"), "a%20b");
    EXPECT_EQ(request.route(), "/users/{name}");
}

TEST(Request, DetachLeavesAloneWhatLiesElsewhere) {
    const std::string buffer = "GET / HTTP/1.1\r\n\r\n";
    Request request;
    const std::string_view decoded = request.arena().copy("/decoded");
    request.head().path = decoded;
    request.head().target = std::string_view{buffer}.substr(4, 1);
    request.head().query = {};
    request.detach(buffer.data(), buffer.size());
    EXPECT_EQ(request.path().data(), decoded.data());
    EXPECT_EQ(request.target(), "/");
    EXPECT_NE(request.target().data(), buffer.data() + 4);
    EXPECT_EQ(request.query_text(), "");
    EXPECT_EQ(request.method_text(), "GET");
}

TEST(Request, ResetForgetsTheRequestBefore) {
    Request request = Request::post("/x", "content", "text/plain");
    constexpr std::string_view names[] = {"name"};
    request.mutable_params().push("x");
    const detail::RouteFacts route{"/{name}", names, {}};
    request.set_route(route);
    request.reset();
    EXPECT_TRUE(request.headers().empty());
    EXPECT_TRUE(request.body().empty());
    EXPECT_TRUE(request.params().empty());
    EXPECT_EQ(request.param("name"), std::nullopt);
    EXPECT_EQ(request.route(), "");
}

TEST(Protocol, HasAName) {
    EXPECT_EQ(to_string(Protocol::http_1_0), "HTTP/1.0");
    EXPECT_EQ(to_string(Protocol::http_1_1), "HTTP/1.1");
    EXPECT_EQ(to_string(Protocol::http_2), "HTTP/2");
    EXPECT_EQ(to_string(Protocol::http_3), "HTTP/3");
}

TEST(PeerAddress, IsWrittenAsUsual) {
    constexpr unsigned char v4[] = {127, 0, 0, 1};
    constexpr unsigned char v6[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const PeerAddress four{PeerAddress::Family::ipv4, v4, 4711};
    const PeerAddress six{PeerAddress::Family::ipv6, v6, 80};
    const PeerAddress local{PeerAddress::Family::unix_socket, nullptr, 0};
    EXPECT_EQ(four.address(), "127.0.0.1");
    EXPECT_EQ(four.to_string(), "127.0.0.1:4711");
    EXPECT_EQ(six.address(), "::1");
    EXPECT_EQ(six.to_string(), "[::1]:80");
    EXPECT_EQ(local.to_string(), "unix");
    EXPECT_EQ(PeerAddress{}.to_string(), "");
    EXPECT_EQ(four.port(), 4711);
}

} // namespace
} // namespace armature
