#include "support/process.hpp"
#include "support/test_server.hpp"

#include <armature/server/server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

// What ServerTlsOptions and redirect_to_https promise, asked by curl and openssl.
namespace armature::testing {
namespace {

using ::testing::HasSubstr;

Application hello() {
    return App::create()
        .route("/", get([] { return "Hello"; }))
        .route("/scheme", get([](Request& request) { return std::string{request.scheme()}; }))
        .build();
}

/// A server with TLS in a thread of its own.
class TlsServer {
  public:
    explicit TlsServer(tls::ServerTlsOptions tls, bool redirect = false)
        : server_(app_, options(std::move(tls), redirect)), thread_([this] { server_.run(); }) {}
    ~TlsServer() {
        server_.stop();
        thread_.join();
    }
    static ServerOptions options(tls::ServerTlsOptions tls, bool redirect) {
        ServerOptions options = TestServer::quiet();
        options.https = {"127.0.0.1:0"};
        options.tls = std::move(tls);
        options.redirect_to_https = redirect;
        return options;
    }
    [[nodiscard]] const std::string& http() const { return server_.addresses().front(); }
    [[nodiscard]] const std::string& https() const { return server_.https_addresses().front(); }

  private:
    Application app_ = hello();
    Server server_;
    std::thread thread_;
};

struct ServerTls : ::testing::Test {
    std::string folder = [] {
        char name[] = "/tmp/armature-tls-XXXXXX";
        return std::string{::mkdtemp(name)};
    }();
    ~ServerTls() override { std::filesystem::remove_all(folder); }

    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream{folder + "/" + name} << text;
        return folder + "/" + name;
    }
    // Whom a client sees that asks for that name.
    static std::string shown_to(const TlsServer& server, const std::string& name) {
        return shell("openssl s_client -connect " + server.https() +
                     (name.empty() ? " -noservername" : " -servername " + name) +
                     " </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName")
            .output;
    }
};

TEST_F(ServerTls, ShowsTheCertificateOfTheNameThatWasAskedFor) {
    const TlsServer server{
        {{tls::self_signed({"first.test"}), tls::self_signed({"shop.test", "www.shop.test"}),
          tls::self_signed({"*.wild.test"})}}};
    EXPECT_THAT(shown_to(server, "first.test"), HasSubstr("DNS:first.test"));
    EXPECT_THAT(shown_to(server, "www.shop.test"), HasSubstr("DNS:shop.test"));
    EXPECT_THAT(shown_to(server, "SHOP.test"), HasSubstr("DNS:shop.test"));
    EXPECT_THAT(shown_to(server, "a.wild.test"), HasSubstr("DNS:*.wild.test"));
    for (const char* other : {"wild.test", "a.b.wild.test", "nobody.test", ""})
        EXPECT_THAT(shown_to(server, other), HasSubstr("DNS:first.test")) << other;
}

TEST_F(ServerTls, AsksClientsForCertificates) {
    const auto make = [&](const std::string& name) {
        const Ran made = shell(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
            "-subj /CN=" +
            name + " -out " + folder + "/" + name + ".pem -keyout " + folder + "/" + name + ".key");
        EXPECT_EQ(made.status, 0) << made.output;
        std::ifstream file{folder + "/" + name + ".pem"};
        return std::string{std::istreambuf_iterator<char>{file}, {}};
    };
    const std::string trusted = make("trusted");
    make("stranger");
    const auto get = [&](const TlsServer& server, const std::string& who) {
        std::vector<std::string> command{"curl", "-sk", "https://" + server.https() + "/"};
        if (!who.empty())
            for (const std::string& argument : {std::string{"--cert"}, folder + "/" + who + ".pem",
                                                std::string{"--key"}, folder + "/" + who + ".key"})
                command.push_back(argument);
        const Ran ran = run(command);
        return ran.status == 0 ? ran.output : "refused";
    };
    tls::ServerTlsOptions options{{tls::self_signed()}, trusted, false};
    {
        const TlsServer optional{options};
        EXPECT_EQ(get(optional, ""), "Hello");
        EXPECT_EQ(get(optional, "trusted"), "Hello");
        EXPECT_EQ(get(optional, "stranger"), "refused");
    }
    options.require_client_certificate = true;
    const TlsServer required{options};
    EXPECT_EQ(get(required, ""), "refused");
    EXPECT_EQ(get(required, "trusted"), "Hello");
    EXPECT_EQ(get(required, "stranger"), "refused");
}

TEST_F(ServerTls, RedirectsToTheSamePlace) {
    const TlsServer server{{{tls::self_signed()}}, true};
    const std::string port = server.https().substr(server.https().rfind(':'));
    for (const char* protocol : {"--http1.1", "--http2-prior-knowledge"}) {
        const auto asked = [&](const std::string& host) {
            return run({"curl", "-s", protocol, "-H", "Host: " + host, "-o", "/dev/null", "-w",
                        "%{http_code} %{redirect_url}", "http://" + server.http() + "/a%20b?c=d&e"})
                .output;
        };
        EXPECT_EQ(asked("shop.test:8080"), "308 https://shop.test" + port + "/a%20b?c=d&e");
        EXPECT_EQ(asked("shop.test"), "308 https://shop.test" + port + "/a%20b?c=d&e");
        EXPECT_EQ(asked("[::1]:80"), "308 https://[::1]" + port + "/a%20b?c=d&e");
    }
    EXPECT_EQ(run({"curl", "-skL", "http://" + server.http() + "/scheme"}).output, "https");
}

TEST_F(ServerTls, IsKnownToTheApplication) {
    const TlsServer server{{{tls::self_signed()}}};
    for (const char* protocol : {"--http1.1", "--http2"}) {
        EXPECT_EQ(run({"curl", "-sk", protocol, "https://" + server.https() + "/scheme"}).output,
                  "https");
        EXPECT_EQ(run({"curl", "-sk", protocol, "http://" + server.http() + "/scheme"}).output,
                  "http");
    }
}

TEST_F(ServerTls, MistakesStopTheStart) {
    const Application app = hello();
    const auto start = [&](tls::ServerTlsOptions options) -> std::string {
        try {
            Server server{app, TlsServer::options(std::move(options), false)};
        } catch (const tls::TlsError& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(start({{tls::self_signed()}}), "");
    EXPECT_THAT(start({}), HasSubstr("TLS needs a certificate"));
    EXPECT_THAT(start({{tls::self_signed()}, "", true}), HasSubstr("needs client_authorities"));
    EXPECT_THAT(start({{tls::self_signed()}, "no PEM"}), HasSubstr("holds no PEM certificate"));
    const tls::Identity::Pem one = tls::self_signed().load();
    const tls::Identity::Pem other = tls::self_signed().load();
    EXPECT_THAT(start({{tls::Identity::pem(one.chain, other.private_key)}}),
                HasSubstr("doesn't belong to the certificate"));
    EXPECT_THAT(start({{tls::Identity::pem("", one.private_key)}}),
                HasSubstr("no PEM certificate"));
    const std::string chain = write("one.pem", one.chain);
    const std::string key = write("other.key", other.private_key);
    EXPECT_THAT(start({{tls::self_signed(), tls::Identity::files(chain, key)}}), HasSubstr(key))
        << "the message names the files";
    EXPECT_THAT(start({{tls::Identity::files(chain, folder + "/none")}}),
                HasSubstr(folder + "/none"));
    EXPECT_THROW(static_cast<void>(tls::self_signed({})), tls::TlsError);
    EXPECT_THROW(static_cast<void>(tls::self_signed({"a,DNS:b"})), tls::TlsError);
}

} // namespace
} // namespace armature::testing
