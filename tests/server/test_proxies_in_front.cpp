#include "static_files/folder.hpp"
#include "support/process.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

#include <armature/app/app.hpp>
#include <armature/middleware/security_headers.hpp>
#include <armature/middleware/trusted_proxies.hpp>
#include <armature/tls/identity.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <optional>
#include <string>

// HAProxy and nginx in front of a server. Clients connect from 127.0.0.7, the proxies from
// 127.0.0.1.
namespace armature::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

App who(const TrustedProxies& proxies) {
    return App::create()
        .wrap(proxies)
        .wrap(SecurityHeaders{})
        .route("/", get([](Request& request, ClientAddress client) {
                   return client->address() + ' ' + std::string{request.scheme()} + ' ' +
                          std::string{request.authority()};
               }));
}

// One that nobody listens on now.
std::string free_address() {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    ::bind(descriptor, reinterpret_cast<sockaddr*>(&name), size);
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &size);
    ::close(descriptor);
    return "127.0.0.1:" + std::to_string(ntohs(name.sin_port));
}

bool is_installed(const char* program) {
    return shell("PATH=$PATH:/usr/sbin command -v " + std::string{program}).status == 0;
}

void await_listener(const std::string& address) {
    const auto accepts = [&] {
        try {
            const RawClient client{address};
            return true;
        } catch (const std::exception&) {
            return false;
        }
    };
    if (!eventually(accepts)) throw std::runtime_error("nobody listens on " + address);
}

std::string curl(const std::string& url, const std::string& arguments = {}) {
    const Ran ran =
        shell("curl -sSk --max-time 60 --interface 127.0.0.7 " + arguments + " '" + url + "'");
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.output;
}

constexpr const char* spoofed = "-H 'X-Forwarded-For: 198.51.100.1' -H 'X-Forwarded-Proto: https' "
                                "-H 'X-Forwarded-Host: evil.example' "
                                "-H 'Forwarded: for=198.51.100.1;proto=https;host=evil.example'";

class HaProxy {
  public:
    /// `sections` follow those that every configuration needs.
    HaProxy(const std::string& sections, const std::string& address) {
        folder_.file("haproxy.cfg", "defaults\n  timeout connect 60s\n  timeout client 60s\n"
                                    "  timeout server 60s\n" +
                                        sections);
        process_.emplace(std::vector<std::string>{"/usr/sbin/haproxy", "-db", "-q", "-f",
                                                  folder_.path("haproxy.cfg")});
        await_listener(address);
    }

  private:
    Folder folder_;
    std::optional<Process> process_;
};

TEST(HaProxyInFront, TellsTheClientByTheProxyProtocol) {
    if (!is_installed("haproxy")) GTEST_SKIP() << "haproxy isn't installed";
    ServerOptions options = TestServer::quiet();
    options.https = {"127.0.0.1:0"};
    options.tls.identities = {tls::self_signed()};
    options.proxy_protocol.from = {"127.0.0.1"};
    const TestServer server{who(TrustedProxies{{"192.0.2.1"}}).build(), options};
    for (const char* version : {"send-proxy", "send-proxy-v2"})
        for (const bool secure : {false, true}) {
            const std::string address = free_address();
            const HaProxy proxy{"listen front\n  mode tcp\n  bind " + address + "\n  server s " +
                                    (secure ? server.https_address() : server.address()) + ' ' +
                                    version + '\n',
                                address};
            const std::string scheme = secure ? "https" : "http";
            const std::string expected = "127.0.0.7 " + scheme + ' ' + address;
            const std::string url = scheme + "://" + address + '/';
            EXPECT_EQ(curl(url, "--http1.1"), expected) << version;
            EXPECT_EQ(curl(url, secure ? "--http2" : "--http2-prior-knowledge"), expected);
            EXPECT_EQ(curl(url, spoofed), expected);
        }
}

// A health check of HAProxy's own says LOCAL, or UNKNOWN.
TEST(HaProxyInFront, ChecksOurHealth) {
    if (!is_installed("haproxy")) GTEST_SKIP() << "haproxy isn't installed";
    ServerOptions options = TestServer::quiet();
    options.proxy_protocol.from = {"127.0.0.1"};
    const TestServer server{who(TrustedProxies{{"192.0.2.1"}}).build(), options};
    const std::string address = free_address();
    // Without a backup, a failed check would make every answer 503.
    const HaProxy proxy{"listen front\n  mode http\n  bind " + address +
                            "\n  option httpchk GET /\n  server s " + server.address() +
                            " send-proxy-v2 check check-send-proxy inter 50ms init-addr last\n",
                        address};
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(curl("http://" + address + '/'), "127.0.0.7 http " + address);
}

TEST(HaProxyInFront, TellsTheClientByFields) {
    if (!is_installed("haproxy")) GTEST_SKIP() << "haproxy isn't installed";
    const TestServer server{who(TrustedProxies{{"127.0.0.1"}}).build()};
    const std::string address = free_address();
    const HaProxy proxy{"listen front\n  mode http\n  bind " + address +
                            "\n  option forwardfor\n  http-request set-header X-Forwarded-Proto "
                            "http\n  server s " +
                            server.address() + '\n',
                        address};
    const std::string expected = "127.0.0.7 http " + address;
    EXPECT_EQ(curl("http://" + address + '/'), expected);
    EXPECT_EQ(curl("http://" + address + '/', spoofed), expected);
    // Around the proxy nothing of it is believed.
    EXPECT_EQ(curl(server.url("/"), spoofed), "127.0.0.7 http " + server.address());
}

class Nginx {
  public:
    Nginx(const std::string& address, const std::string& location, const tls::Identity& identity) {
        const std::string home = folder_.path();
        folder_.file("certificate.pem", identity.load().chain)
            .file("key.pem", identity.load().private_key)
            .file("nginx.conf",
                  "daemon off;\nmaster_process off;\nerror_log stderr;\npid " + home +
                      "/pid;\nevents {}\nhttp {\n  access_log off;\n  client_body_temp_path " +
                      home + "/body;\n  proxy_temp_path " + home + "/proxy;\n  fastcgi_temp_path " +
                      home + "/fastcgi;\n  uwsgi_temp_path " + home + "/uwsgi;\n  scgi_temp_path " +
                      home + "/scgi;\n  server {\n    listen " + address +
                      " ssl http2;\n    ssl_certificate " + home +
                      "/certificate.pem;\n    ssl_certificate_key " + home +
                      "/key.pem;\n    location / {\n" + location + "    }\n  }\n}\n");
        process_.emplace(std::vector<std::string>{"/usr/sbin/nginx", "-e", "stderr", "-p", home,
                                                  "-c", home + "/nginx.conf"});
        await_listener(address);
    }

  private:
    Folder folder_;
    std::optional<Process> process_;
};

TEST(NginxInFront, TellsClientSchemeAndHostByFields) {
    if (!is_installed("nginx")) GTEST_SKIP() << "nginx isn't installed";
    const struct {
        TrustedProxies middleware;
        const char* fields;
    } table[] = {
        {TrustedProxies{{"127.0.0.1"}, {.host = true}},
         "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n"
         "proxy_set_header X-Forwarded-Proto $scheme;\n"
         "proxy_set_header X-Forwarded-Host $http_host;\n"},
        {TrustedProxies{{"127.0.0.1"}, {.fields = ForwardingFields::forwarded, .host = true}},
         "proxy_set_header Forwarded \"$http_forwarded, "
         "for=$remote_addr;proto=$scheme;host=\\\"$http_host\\\"\";\n"},
    };
    for (const auto& [middleware, fields] : table) {
        const TestServer server{who(middleware).build()};
        const std::string address = free_address();
        const Nginx proxy{address, "proxy_pass http://" + server.address() + ";\n" + fields,
                          tls::self_signed()};
        for (const char* version : {"--http1.1", "--http2"})
            for (const char* more : {"", spoofed}) {
                const std::string answer =
                    curl("https://" + address + '/', std::string{"-i "} + version + ' ' + more);
                EXPECT_THAT(answer, HasSubstr("\r\n\r\n127.0.0.7 https " + address)) << fields;
                EXPECT_THAT(answer, HasSubstr("strict-transport-security: "));
            }
    }
}

// nginx, then HAProxy, then we: the client is the first that we don't trust.
TEST(NginxInFront, CanBeBehindAnotherProxy) {
    if (!is_installed("nginx") || !is_installed("haproxy"))
        GTEST_SKIP() << "nginx and haproxy aren't both installed";
    const TestServer server{who(TrustedProxies{{"127.0.0.1"}}).build()};
    const std::string inner = free_address();
    const HaProxy haproxy{"listen front\n  mode http\n  bind " + inner +
                              "\n  option forwardfor\n  server s " + server.address() + '\n',
                          inner};
    const std::string outer = free_address();
    const Nginx nginx{outer,
                      "proxy_pass http://" + inner +
                          ";\nproxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n"
                          "proxy_set_header X-Forwarded-Proto $scheme;\n",
                      tls::self_signed()};
    EXPECT_EQ(curl("https://" + outer + '/', spoofed), "127.0.0.7 https " + inner);
}

} // namespace
} // namespace armature::testing
