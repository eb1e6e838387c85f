#include "http3/http3_app.hpp"

#include <armature/server/server.hpp>

#include <cstdio>
#include <cstdlib>
#include <string_view>

// A server as a process of its own, with HTTP/3 beside HTTPS. Says "ready PORT", and in the end how
// many handlers were cancelled.
int main(int argc, char** argv) {
    using namespace armature;
    ServerOptions options;
    options.threads = 1;
    options.http3 = true;
    std::string address = "127.0.0.1";
    std::string port = "0";
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        const auto text = [&] { return argv[++i]; };
        const auto number = [&] { return static_cast<std::uint32_t>(std::atoll(argv[++i])); };
        const auto duration = [&] { return Duration::milliseconds(std::atoll(argv[++i])); };
        if (name == "--address") {
            address = text();
        } else if (name == "--port") {
            port = text();
        } else if (name == "--threads") {
            options.threads = number();
        } else if (name == "--identity") {
            const char* chain = text();
            options.tls.identities.push_back(tls::Identity::files(chain, text()));
        } else if (name == "--secret") {
            options.http3.secret = text();
        } else if (name == "--early-data") {
            options.http3.early_data = true;
        } else if (name == "--retry") {
            options.http3.always_validate_addresses = true;
        } else if (name == "--idle") {
            options.limits.idle_timeout = duration();
        } else if (name == "--header") {
            options.limits.header_timeout = duration();
        } else if (name == "--grace") {
            options.limits.transfer_grace = duration();
        } else if (name == "--shutdown") {
            options.limits.shutdown_grace = duration();
        } else if (name == "--requests") {
            options.limits.requests_per_connection = number();
        } else if (name == "--streams") {
            options.limits.concurrent_streams = number();
        } else if (name == "--connections") {
            options.limits.connections = number();
        } else {
            std::fprintf(stderr, "unknown option %s\n", argv[i]);
            return 2;
        }
    }
    if (address.find(':') != std::string::npos) address = "[" + address + "]";
    options.https = address + ":" + port;
    testing::Counters counters;
    const Application app = testing::make_http3_app(counters);
    try {
        Server server{app, options};
        const std::string& opened = server.https_addresses().front();
        std::printf("ready %s\n", opened.c_str() + opened.rfind(':') + 1);
        std::fflush(stdout);
        server.run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
    std::printf("cancelled=%d\n", counters.cancelled.load());
    return 0;
}
