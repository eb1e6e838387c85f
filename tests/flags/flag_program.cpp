// Serves the flags of a file by OFREP, for oracle.mjs and provider.mjs. Prints its URL, serves
// until SIGTERM.
#include <armature/flags/ofrep.hpp>
#include <armature/server/server.hpp>

#include <cstdlib>
#include <iostream>

using namespace armature;

int main() {
    FlagOptions flag_options;
    flag_options.reload_every = Duration::milliseconds(20);
    const Flags flags{std::getenv("ARMATURE_TEST_FLAGS"), std::move(flag_options)};
    const Application app = App::create().service(ofrep(flags)).build();
    ServerOptions options;
    options.http = {"127.0.0.1:0"};
    options.threads = 2;
    Server server{app, options};
    std::cout << "{\"http\":\"" << server.addresses().at(0) << "\"}" << std::endl; // NOLINT
    server.run();
}
