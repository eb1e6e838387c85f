#include "server/server_app.hpp"
#include "support/process.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

ServerOptions listening_on(std::vector<std::string> addresses) {
    ServerOptions options = TestServer::quiet();
    options.http = std::move(addresses);
    return options;
}

// A path in a folder of its own, removed in the end.
struct TemporaryPath {
    TemporaryPath() {
        char name[] = "/tmp/armature-test-XXXXXX";
        if (::mkdtemp(name) == nullptr) throw std::runtime_error("no temporary folder");
        folder = name;
        path = folder + "/socket";
    }
    ~TemporaryPath() {
        ::unlink(path.c_str());
        ::rmdir(folder.c_str());
    }
    std::string folder;
    std::string path;
};

// What the server says when it can't start.
std::string refusal(std::vector<std::string> addresses) {
    static Counters counters;
    static const Application app = make_server_app(counters);
    try {
        const Server server{app, listening_on(std::move(addresses))};
    } catch (const ServerError& error) {
        return error.what();
    }
    return "it started";
}

TEST(Listen, SaysWhichPortTheKernelChose) {
    Counters counters;
    const TestServer server{make_server_app(counters),
                            listening_on({"127.0.0.1:0", "127.0.0.1:0"})};
    for (const std::size_t i : {0u, 1u}) {
        EXPECT_THAT(server.address(i), StartsWith("127.0.0.1:"));
        EXPECT_THAT(server.address(i), Not(HasSubstr(":0")));
        EXPECT_EQ(RawClient{server.address(i)}.get("/").response().body, "Hello");
    }
}

TEST(Listen, TakesIpv6) {
    Counters counters;
    const TestServer server{make_server_app(counters), listening_on({"[::1]:0"})};
    EXPECT_THAT(server.address(), StartsWith("[::1]:"));
    EXPECT_THAT(RawClient{server.address()}.get("/peer").response().body, StartsWith("[::1]:"));
    EXPECT_EQ(run({"curl", "-sS", "-g", server.url("/")}).output, "Hello");
}

TEST(Listen, TakesBothFamiliesWithoutAHost) {
    Counters counters;
    const TestServer server{make_server_app(counters), listening_on({":0"})};
    const std::string port = server.address().substr(server.address().rfind(':'));
    EXPECT_EQ(RawClient{"127.0.0.1" + port}.get("/").response().body, "Hello");
    EXPECT_EQ(RawClient{"[::1]" + port}.get("/").response().body, "Hello");
}

TEST(Listen, TakesAUnixSocketAndRemovesItInTheEnd) {
    const TemporaryPath socket;
    Counters counters;
    {
        const TestServer server{make_server_app(counters), listening_on({"unix:" + socket.path})};
        EXPECT_EQ(server.address(), "unix:" + socket.path);
        EXPECT_EQ(run({"curl", "-sS", "--unix-socket", socket.path, "http://localhost/"}).output,
                  "Hello");
        EXPECT_THAT(refusal({"unix:" + socket.path}), HasSubstr("another process listens there"));
        EXPECT_EQ(RawClient{server.address()}.get("/").response().body, "Hello")
            << "the refused one took nothing away";
    }
    struct stat info;
    EXPECT_NE(::lstat(socket.path.c_str(), &info), 0);
}

TEST(Listen, ReplacesASocketFileThatNobodyListensOn) {
    const TemporaryPath socket;
    {
        const int stale = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        std::strncpy(name.sun_path, socket.path.c_str(), sizeof name.sun_path - 1);
        ASSERT_EQ(::bind(stale, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
        ::close(stale);
    }
    Counters counters;
    const TestServer server{make_server_app(counters), listening_on({"unix:" + socket.path})};
    EXPECT_EQ(RawClient{server.address()}.get("/").response().body, "Hello");
}

TEST(Listen, NeverRemovesAFileThatIsNoSocket) {
    const TemporaryPath file;
    ASSERT_EQ(shell("echo precious > " + file.path).status, 0);
    EXPECT_THAT(refusal({"unix:" + file.path}), HasSubstr("no socket"));
    EXPECT_EQ(shell("cat " + file.path).output, "precious\n");
}

TEST(Listen, SaysWhatIsWrongWithAnAddress) {
    for (const char* address : {"8080", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:65536",
                                "127.0.0.1:-1", "127.0.0.1:", "::1:80", "[::1:80", "unix:",
                                "256.0.0.1:0", "no.such.host.invalid:0", "192.0.2.1:0", ""}) {
        SCOPED_TRACE(address);
        const std::string said = refusal({address});
        EXPECT_THAT(said, StartsWith("can't listen on " + std::string{address}));
        EXPECT_THAT(said, Not(HasSubstr("\n")));
    }
    EXPECT_THAT(refusal({"unix:/" + std::string(200, 'x')}), HasSubstr("too long"));
    EXPECT_THAT(refusal({"unix:/no/such/folder/socket"}), HasSubstr("No such file"));
}

TEST(Listen, SaysThatAPortIsInUse) {
    Counters counters;
    const TestServer server{make_server_app(counters)};
    EXPECT_EQ(refusal({server.address()}),
              "can't listen on " + server.address() +
                  ": the address is in use; stop the other program or choose another port");
    const Ran program = run({SERVER_PROGRAM, server.address()});
    EXPECT_EQ(program.status, 2);
    EXPECT_THAT(program.output, StartsWith("can't listen on " + server.address()));
    EXPECT_EQ(std::count(program.output.begin(), program.output.end(), '\n'), 1);
}

TEST(Listen, RefusesOptionsThatMakeNoSense) {
    Counters counters;
    const Application app = make_server_app(counters);
    ServerOptions options = TestServer::quiet();
    options.server_name = "a\r\nb";
    EXPECT_THROW((Server{app, options}), ServerError);
    options = TestServer::quiet();
    options.limits.head_bytes = 1;
    EXPECT_THROW((Server{app, options}), ServerError);
    options = TestServer::quiet();
    options.limits.connections = 0;
    EXPECT_THROW((Server{app, options}), ServerError);
}

TEST(Listen, TakesSocketsFromSystemd) {
    const TemporaryPath socket;
    Process activated{{"systemd-socket-activate", "-l", socket.path, SERVER_PROGRAM, "systemd"}};
    activated.await("Listening on");
    EXPECT_EQ(RawClient{"unix:" + socket.path}.get("/").response().body, "Hello");
    activated.signal(SIGTERM);
    EXPECT_EQ(activated.wait(), 0) << activated.output();
}

TEST(Listen, TakesSystemdSocketsOnlyIfTheyAreMeantForThisProcess) {
    EXPECT_THAT(refusal({"systemd"}), HasSubstr("LISTEN_FDS"));
    ::setenv("LISTEN_FDS", "1", 1);
    ::setenv("LISTEN_PID", "1", 1);
    EXPECT_THAT(refusal({"systemd"}), HasSubstr("LISTEN_PID"));
    ::unsetenv("LISTEN_FDS");
    ::unsetenv("LISTEN_PID");
}

TEST(Listen, SpreadsConnectionsOverItsThreads) {
    Counters counters;
    ServerOptions options = TestServer::quiet();
    options.threads = 2;
    const TestServer server{make_server_app(counters), options};
    std::vector<RawClient> clients;
    for (int i = 0; i < 64; ++i)
        clients.emplace_back(server.address());
    for (RawClient& client : clients)
        client.get("/sleep/1").get("/");
    for (RawClient& client : clients) {
        EXPECT_EQ(client.response().body, "slept");
        EXPECT_EQ(client.response().body, "Hello");
    }
}

TEST(Listen, SharesAUnixSocketAmongItsThreads) {
    const TemporaryPath socket;
    Counters counters;
    ServerOptions options = listening_on({"unix:" + socket.path});
    options.threads = 2;
    const TestServer server{make_server_app(counters), options};
    for (int i = 0; i < 64; ++i)
        EXPECT_EQ(RawClient{server.address()}.get("/").response().body, "Hello");
}

} // namespace
} // namespace armature::testing
