#include "server/server_app.hpp"

#include <armature/server/server.hpp>

#include <cstdio>
#include <cstring>
#include <string>

// A server as a process of its own: `program [--grace MS] [--threads N] ADDRESS…`. Says
// "ready ADDRESS" for each address, and "cancelled REASON" in the end if a handler was.
int main(int argc, char** argv) {
    armature::ServerOptions options;
    options.http = {};
    options.threads = 1;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--grace") == 0)
            options.limits.shutdown_grace = armature::Duration::milliseconds(std::atoi(argv[++i]));
        else if (std::strcmp(argv[i], "--threads") == 0)
            options.threads = static_cast<unsigned>(std::atoi(argv[++i]));
        else
            options.http.add(argv[i]);
    }
    armature::testing::Counters counters;
    const armature::Application app = armature::testing::make_server_app(counters);
    try {
        armature::Server server{app, options};
        for (const std::string& address : server.addresses())
            std::printf("ready %s\n", address.c_str());
        std::fflush(stdout);
        server.run();
    } catch (const armature::ServerError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
    if (counters.cancelled > 0) std::printf("cancelled %d\n", counters.reason.load());
    return 0;
}
