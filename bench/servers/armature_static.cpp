// Serves a folder: one event loop, no middleware, no logging.

#include <armature/armature.hpp>
#include <armature/static_files/static_files.hpp>

#include <unistd.h>

#include <cstdio>

using namespace armature;

int main(int argc, char* argv[]) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: armature_static FOLDER\n");
        return 2;
    }
    const Application application = App::create().service(static_files("/", argv[1])).build();
    Server server(application, {.http = "127.0.0.1:0", .threads = 1});
    std::printf("{\"ready\":true,\"pid\":%d,\"http\":\"%s\"}\n", ::getpid(),
                server.addresses().front().c_str());
    std::fflush(stdout);
    server.run();
}
