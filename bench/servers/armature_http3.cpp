// The smallest Armature server for HTTP/3: one event loop, no middleware, no logging.

#include <armature/armature.hpp>

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

using namespace armature;

int main() {
    static const std::string download(200'000'000, 'x');
    std::uint64_t served = 0; // one loop, so nobody else counts
    const Application application =
        App::create()
            .route("/", get([&served](Request&) {
                       ++served;
                       return "Hello, World!";
                   }))
            .route("/served", get([&served](Request&) { return std::to_string(++served); }))
            .route("/download", get([] { return Response{Body::view(download)}; }))
            .build();
    ServerOptions options;
    options.https = "127.0.0.1:0";
    options.http3 = true;
    options.tls.identities = {tls::self_signed()};
    options.threads = 1;
    Server server(application, options);
    std::printf("{\"ready\":true,\"pid\":%d,\"http\":\"%s\",\"http3\":\"%s\"}\n", ::getpid(),
                server.https_addresses().front().c_str(), server.http3_addresses().front().c_str());
    std::fflush(stdout);
    server.run();
}
